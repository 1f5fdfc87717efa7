import { Button, SegmentedControl, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { IconSend, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'

import { client, done, unwrap } from '../../api/client'
import type { AnyEvent } from '../../api/history'
import { type Action, type Destination, type Fields, type Mapping, patchMapping, tellProblem, useApps, useCatalog, useChange, useDestination } from '../../api/workspace'
import { receiverOf } from '../../lib/flow'
import { pathsOf } from '../../lib/paths'
import { Confirm } from '../../parts/Confirm'
import { JsonEditor } from '../../parts/JsonEditor'
import { Page } from '../../parts/Page'
import { Card, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { useLeaveGuard } from '../../parts/useLeaveGuard'
import { useCanChange } from '../../shell/useSession'
import { type Draft, draftFrom, draftOf, same, sent, typeWanted } from './draft'
import { FieldEditor } from './FieldEditor'
import { ImpactCard } from './ImpactCard'
import styles from './Mapping.module.css'
import { Preview, Sent } from './Preview'
import { TestEvent } from './TestEvent'
import { TriggerEditor } from './TriggerEditor'
import { useTestEvent } from './useTestEvent'

/** A mapping: which events are sent, what the request is made of, and what comes of it, before anything is sent. */
export function MappingEditor() {
  const { destination: slug = '', mapping: id = '' } = useParams()
  const [query] = useSearchParams()
  const destination = useDestination(slug)
  const catalog = useCatalog()
  const error = destination.error ?? catalog.error
  if (error !== null) return <div style={{ padding: 28 }}><ProblemBox error={error} /></div>
  if (destination.data === undefined || catalog.data === undefined) return <Bones rows={10} />
  const d = destination.data
  const mapping = id === 'new' ? undefined : d.mappings.find((m) => m.id === id || m.name === id)
  const actions = catalog.data.find((t) => t.slug === d.type)?.actions ?? []
  const action = actions.find((a) => a.slug === (mapping?.action ?? query.get('action') ?? actions[0]?.slug))
  if (action === undefined || (id !== 'new' && mapping === undefined)) return <Empty title="There is no such mapping" action={<Link to={`/destinations/${slug}/mappings`}>Open the mappings</Link>}>It may have been renamed or deleted.</Empty>
  return <Editor key={`${id} ${mapping?.revision ?? 0}`} destination={d} mapping={mapping} action={action} test={query.get('test') ?? ''} />
}

function Editor({ destination: d, mapping, action, test }: { destination: Destination; mapping: Mapping | undefined; action: Action; test: string }) {
  const can = useCanChange()
  const navigate = useNavigate()
  const apps = useApps()
  const [draft, setDraft] = useState<Draft>(() => (mapping === undefined ? draftFrom(action) : draftOf(mapping)))
  const before = mapping === undefined ? null : draftOf(mapping)
  const dirty = before === null || !same(draft, before)
  const [chosen, setChosen] = useState<AnyEvent | null>(null)
  const tried = useTestEvent(d.source, test, typeWanted(draft.trigger), chosen)
  const order = useMemo(() => ({ destination: d.slug, inline: { action: draft.action, trigger: draft.trigger, fields: sent(draft).fields }, event: tried }), [d.slug, draft, tried])
  const [asked] = useDebouncedValue(order, 250)
  const preview = useQuery({
    queryKey: ['preview', asked],
    enabled: asked.event !== null,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await unwrap(client.POST('/api/mappings/test', { body: { ...asked, force: true } as never, signal }))).data,
  })
  const send = useMutation({ mutationFn: async () => (await unwrap(client.POST('/api/mappings/test', { body: { ...order, force: true, send: true } as never }))).data })
  const [saved, setSaved] = useState(false)
  const save = useChange(
    async () => {
      const body = sent(draft)
      if (mapping !== undefined) return patchMapping(d.slug, mapping.id, body, mapping.revision)
      return unwrap(client.POST('/api/destinations/{destination}/mappings', { params: { path: { destination: d.slug } }, body: { ...body, enabled: false } as never }))
    },
    mapping === undefined ? `${draft.name} is saved; turn it on in the list` : `${draft.name} is saved`,
  )
  const turn = useChange((enabled: boolean) => patchMapping(d.slug, mapping?.id ?? '', { enabled }), (_, enabled) => (enabled ? 'The mapping is on' : 'The mapping is off'))
  const remove = useChange(() => done(client.DELETE('/api/destinations/{destination}/mappings/{mapping}', { params: { path: { destination: d.slug, mapping: mapping?.id ?? '' } } })), 'The mapping is deleted')
  useLeaveGuard(dirty && before !== null && !saved)
  const back = `/destinations/${d.slug}/mappings`
  const onSave = () => {
    setSaved(true)
    save.mutate(undefined, { onSuccess: () => void (mapping === undefined && navigate(back)), onError: () => setSaved(false), onSettled: () => setSaved(mapping === undefined) })
  }
  const receiver = receiverOf(draft.fields, apps.data ?? [])
  return (
    <Page
      title={mapping?.name ?? `New Mapping: ${action.name}`}
      crumbs={[{ label: 'My destinations', to: '/destinations' }, { label: d.name, to: `/destinations/${d.slug}` }, { label: 'Mappings', to: back }]}
      badge={mapping && <Switch checked={mapping.enabled} disabled={!can || turn.isPending} onChange={(e) => turn.mutate(e.currentTarget.checked, { onError: tellProblem })} label={mapping.enabled ? (d.enabled ? 'On' : 'On; the destination is off') : 'Off'} aria-label="Mapping is on" />}
      actions={
        mapping &&
        can && (
          <Confirm label="Delete" title={`Delete ${mapping.name}?`} icon={<IconTrash size={14} />} action={async () => { setSaved(true); await remove.mutateAsync(undefined); void navigate(back) }}>
            What it owes and has not delivered is discarded, and counted so.
          </Confirm>
        )
      }
    >
      <div className={styles.editor}>
        <div className="stack">
          <Card title="Mapping name">
            <TextInput aria-label="Mapping name" value={draft.name} onChange={(e) => setDraft({ ...draft, name: e.currentTarget.value })} disabled={!can} required maxLength={200} />
          </Card>
          <Card title="1. Select events to map and send">
            <TriggerEditor text={draft.trigger} onChange={(trigger) => setDraft((now) => ({ ...now, trigger }))} disabled={!can} event={tried} names={[]} />
          </Card>
          <Card title="2. Add test event">
            <TestEvent source={d.source} event={tried} onEvent={setChosen} wanted={typeWanted(draft.trigger)} />
          </Card>
          <FieldsCard action={action} fields={draft.fields} onChange={(change) => setDraft((now) => ({ ...now, fields: change(now.fields) }))} disabled={!can} event={tried} />
          <Card title="4. Send test event">
            <div className="stack">
              <div className="spread" style={{ flexWrap: 'wrap' }}>
                <p className="muted small grow">
                  Sends the test event with these mappings to <strong>{receiver.label}</strong>, saved or not. It is a test: it is in no ledger, and counted as another event.
                </p>
                <Button leftSection={<IconSend size={14} />} variant="default" disabled={tried === null || !can} loading={send.isPending} onClick={() => send.mutate()}>
                  Send test event to destination
                </Button>
              </div>
              {send.error !== null && <ProblemBox error={send.error} />}
              {send.data !== undefined && <Sent result={send.data} app={receiver.app?.slug} />}
            </div>
          </Card>
        </div>
        <div className={styles.side}>
          <Card title="Live preview" aside={<Pill tone="idle">nothing is sent</Pill>}>
            <Preview result={preview.data} error={preview.error} stale={preview.isPlaceholderData} />
          </Card>
          <ImpactCard destination={d.slug} mapping={mapping?.id} draft={sent(draft)} enabled={mapping?.enabled ?? true} />
        </div>
      </div>
      {can && (
        <div className={styles.bar}>
          <div className={styles.barInside}>
            {save.error !== null ? <div className="grow"><ProblemBox error={save.error} /></div> : <span className="muted small grow">{mapping === undefined ? 'It is saved off; nothing is sent before you turn it on.' : dirty ? 'There are changes that are not saved.' : 'Everything is saved.'}</span>}
            {dirty && before !== null && (
              <Button variant="default" onClick={() => setDraft(before)}>
                Discard changes
              </Button>
            )}
            <Button loading={save.isPending} disabled={!dirty || draft.name.trim() === ''} onClick={onSave}>
              Save
            </Button>
          </div>
        </div>
      )}
    </Page>
  )
}

function FieldsCard({ action, fields, onChange, disabled, event }: { action: Action; fields: Fields; onChange: (change: (fields: Fields) => Fields) => void; disabled: boolean; event: AnyEvent | null }) {
  const [mode, setMode] = useState('form')
  const [round, setRound] = useState(0) // the form begins anew after JSON was changed
  const paths = useMemo(() => pathsOf(event ?? {}), [event])
  const shown = (action.fields ?? []).filter((f) => f.hidden !== true)
  return (
    <Card title="3. Select mappings" aside={<SegmentedControl aria-label="Show mappings as" value={mode} onChange={(m) => { setMode(m); setRound(round + 1) }} data={[{ value: 'form', label: 'Form' }, { value: 'json', label: 'JSON' }]} />}>
      {mode === 'json' ? (
        <RawFields fields={fields} onChange={(next) => onChange(() => next)} disabled={disabled} />
      ) : (
        <div className={styles.fields} key={round}>
          {shown.map((f) => (
            <FieldEditor key={f.key} field={f} value={fields[f.key]} onChange={(value) => onChange((now) => ({ ...now, [f.key]: value }))} disabled={disabled} event={event} paths={paths} />
          ))}
        </div>
      )}
    </Card>
  )
}

function RawFields({ fields, onChange, disabled }: { fields: Fields; onChange: (fields: Fields) => void; disabled: boolean }) {
  const [text, setText] = useState(() => JSON.stringify(fields, null, 2))
  const [wrong, setWrong] = useState('')
  return (
    <div className="stack tight">
      <JsonEditor
        value={text}
        label="Mappings as JSON"
        height="340px"
        readOnly={disabled}
        onChange={(next) => {
          setText(next)
          try {
            onChange(JSON.parse(next) as Fields)
            setWrong('')
          } catch (error) {
            setWrong(error instanceof Error ? error.message : String(error))
          }
        }}
      />
      {wrong !== '' && <p className={styles.warning}>Not JSON yet; the last that was is used: {wrong}</p>}
    </div>
  )
}
