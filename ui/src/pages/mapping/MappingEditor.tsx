import { Button, SegmentedControl, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { IconSend, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'

import { client, done, unwrap } from '../../api/client'
import type { AnyEvent } from '../../api/history'
import {
  type Action, createMapping, type Destination, type Fields, type Mapping, patchMapping, readMapping, useApps,
  useCatalog, useChange, useDestination,
} from '../../api/workspace'
import { receiverOf } from '../../lib/flow'
import { pathsOf } from '../../lib/paths'
import { Confirm } from '../../parts/Confirm'
import { JsonEditor } from '../../parts/JsonEditor'
import { Page } from '../../parts/Page'
import { Card, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import { useLeaveGuard } from '../../parts/useLeaveGuard'
import { useSpelling } from '../../parts/useSpelling'
import { useCanChange } from '../../shell/useSession'
import {
  draftFrom, draftOf, draftOfMembers, fieldChanges, memberLabel, type Members, membersOf, plainMember, sent, typeWanted,
} from './draft'
import { FieldEditor } from './FieldEditor'
import { ImpactCard } from './ImpactCard'
import styles from './Mapping.module.css'
import { Preview, Sent } from './Preview'
import { SaveBar } from './SaveBar'
import { TestEvent } from './TestEvent'
import { TriggerEditor } from './TriggerEditor'
import { useTestEvent } from './useTestEvent'
import { useTrigger } from './useTrigger'

/** A mapping: which events are sent, what the request is made of, and what comes of it, before anything is sent. */
export function MappingEditor() {
  const { destination: slug = '', mapping: id = '' } = useParams()
  const [query] = useSearchParams()
  const destination = useDestination(slug)
  const catalog = useCatalog()
  if (destination.data === undefined || catalog.data === undefined) {
    const error = destination.error ?? catalog.error
    const again = () => [destination, catalog].forEach((q) => void q.refetch())
    if (error === null) return <Bones rows={10} />
    return <div style={{ padding: 28 }}><ProblemBox error={error} retry={again} /></div>
  }
  const d = destination.data
  const mapping = id === 'new' ? undefined : d.mappings.find((m) => m.id === id || m.name === id)
  const actions = catalog.data.find((t) => t.slug === d.type)?.actions ?? []
  const action = actions.find((a) => a.slug === (mapping?.action ?? query.get('action') ?? actions[0]?.slug))
  if (action === undefined || (id !== 'new' && mapping === undefined)) return <Empty title="There is no such mapping" action={<Link to={`/destinations/${slug}/mappings`}>Open the mappings</Link>}>It may have been renamed or deleted.</Empty>
  return <Editor key={id} destination={d} mapping={mapping} action={action} test={query.get('test') ?? ''} />
}

function Editor({ destination: d, mapping, action, test }: { destination: Destination; mapping: Mapping | undefined; action: Action; test: string }) {
  const can = useCanChange()
  const go = useGo()
  const apps = useApps()
  const back = `/destinations/${d.slug}/mappings`
  const edited = useDraft<Mapping, Members>({
    saved: mapping,
    members: (m) => membersOf(m === undefined ? draftFrom(action) : draftOf(m)),
    write: (values, _, seen) => {
      const body = sent(draftOfMembers(values))
      if (seen === undefined) return createMapping(d.slug, { ...body, enabled: false })
      return patchMapping(d.slug, seen.id, body, seen.revision)
    },
    read: (seen) => readMapping(d.slug, seen.id),
    said: (m) => (mapping === undefined ? `${m.name} is saved; turn it on in the list` : `${m.name} is saved`),
    plain: plainMember,
  })
  const draft = useMemo(() => draftOfMembers(edited.values), [edited.values])
  const trigger = useTrigger({
    text: draft.trigger,
    round: edited.round,
    onText: (text) => edited.set({ trigger: text }),
    onBegin: () => edited.hold('trigger'),
  })
  const dirty = edited.changed || trigger.unwritten !== ''
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
  const stale = preview.isPlaceholderData || asked !== order || trigger.unwritten !== ''
  const turn = useChange((enabled: boolean) => patchMapping(d.slug, mapping?.id ?? '', { enabled }), (_, enabled) => (enabled ? 'The mapping is on' : 'The mapping is off'))
  const on = useChoice({ value: mapping?.enabled ?? false, version: mapping?.revision ?? 0 }, turn.mutateAsync)
  const remove = useChange(() => done(client.DELETE('/api/destinations/{destination}/mappings/{mapping}', { params: { path: { destination: d.slug, mapping: mapping?.id ?? '' } } })), 'The mapping is deleted')
  const leave = useLeaveGuard(dirty && mapping !== undefined)
  const onSave = async () => {
    if ((await edited.save()).all && mapping === undefined) go(back)
  }
  const receiver = receiverOf(draft.fields, apps.data ?? [])
  return (
    <Page
      title={mapping?.name ?? `New Mapping: ${action.name}`}
      crumbs={[{ label: 'My destinations', to: '/destinations' }, { label: d.name, to: `/destinations/${d.slug}` }, { label: 'Mappings', to: back }]}
      badge={
        mapping && (
          <Switch
            checked={on.value}
            disabled={!can}
            onChange={(e) => on.choose(e.currentTarget.checked)}
            label={on.value ? (d.enabled ? 'On' : 'On; the destination is off') : 'Off'}
            aria-label="Mapping is on"
          />
        )
      }
      actions={
        mapping &&
        can && (
          <Confirm
            label="Delete"
            title={`Delete ${mapping.name}?`}
            icon={<IconTrash size={14} />}
            action={async () => { await remove.mutateAsync(undefined); leave(); go(back) }}
          >
            What it owes and has not delivered is discarded, and counted so.
          </Confirm>
        )
      }
    >
      <div className={styles.editor}>
        <div className="stack">
          <Card title="Mapping name">
            <TextInput
              aria-label="Mapping name"
              value={draft.name}
              onChange={(e) => edited.set({ name: e.currentTarget.value })}
              disabled={!can}
              required
              maxLength={200}
            />
          </Card>
          <Card title="1. Select events to map and send">
            <TriggerEditor text={draft.trigger} trigger={trigger} disabled={!can} event={tried} names={[]} />
          </Card>
          <Card title="2. Add test event">
            <TestEvent source={d.source} event={tried} onEvent={setChosen} wanted={typeWanted(draft.trigger)} />
          </Card>
          <FieldsCard
            action={action}
            fields={draft.fields}
            round={edited.round}
            onChange={(fields) => edited.set((now) => fieldChanges(draftOfMembers(now).fields, fields))}
            onField={(key, value) => edited.set(fieldChanges({}, { [key]: value }))}
            disabled={!can}
            event={tried}
          />
          <SendTest order={order} unwritten={trigger.unwritten} disabled={!can} receiver={receiver} />
        </div>
        <div className={styles.side}>
          <Card
            title="Live preview"
            aside={<Pill tone="idle">{stale && tried !== null ? 'of before the last change' : 'nothing is sent'}</Pill>}
          >
            <Preview result={preview.data} error={preview.error} stale={stale && tried !== null} />
          </Card>
          <ImpactCard destination={d.slug} mapping={mapping?.id} draft={sent(draft)} enabled={mapping?.enabled ?? true} />
        </div>
      </div>
      {can && (
        <SaveBar
          draft={edited}
          isNew={mapping === undefined}
          dirty={dirty}
          label={(member) => memberLabel(String(member), action)}
          blocked={trigger.unwritten || (draft.name.trim() === '' ? 'The name is missing.' : '')}
          onSave={() => void onSave()}
        >
          {mapping === undefined ? 'It is saved off; nothing is sent before you turn it on.' : undefined}
        </SaveBar>
      )}
    </Page>
  )
}

type Order = { event: AnyEvent | null }

interface SendProps {
  order: Order
  /** Why the mapping is not yet as it is shown; empty: it is. */
  unwritten: string
  disabled: boolean
  receiver: ReturnType<typeof receiverOf>
}

/**
 * Sends the test event as the mapping stands. What came of it belongs to what was sent, and says so once that is
 * changed.
 */
function SendTest({ order, unwritten, disabled, receiver }: SendProps) {
  const send = useMutation({
    mutationFn: async (order: Order) => {
      const body = { ...order, force: true, send: true } as never
      return (await unwrap(client.POST('/api/mappings/test', { body }))).data
    },
  })
  const older = send.variables !== order
  return (
    <Card title="4. Send test event">
      <div className="stack">
        <div className="spread" style={{ flexWrap: 'wrap' }}>
          <p className="muted small grow">
            Sends the test event with these mappings to <strong>{receiver.label}</strong>, saved or not. It is a test: it
            is in no ledger, and counted as another event.
          </p>
          <Button
            leftSection={<IconSend size={14} />}
            variant="default"
            disabled={order.event === null || disabled || unwritten !== ''}
            title={unwritten || undefined}
            loading={send.isPending}
            onClick={() => send.mutate(order)}
          >
            Send test event to destination
          </Button>
        </div>
        {older && (send.error !== null || send.data !== undefined) && (
          <p className="muted small">
            The mapping or the test event was changed since. This is what came of the test before:
          </p>
        )}
        {send.error !== null && <ProblemBox error={send.error} />}
        {send.data !== undefined && <Sent result={send.data} app={receiver.app?.slug} />}
      </div>
    </Card>
  )
}

const modes = [{ value: 'form', label: 'Form' }, { value: 'json', label: 'JSON' }]

interface FieldsProps {
  action: Action
  fields: Fields
  round: number
  onChange: (fields: Fields) => void
  onField: (key: string, value: unknown) => void
  disabled: boolean
  event: AnyEvent | null
}

function FieldsCard({ action, fields, round, onChange, onField, disabled, event }: FieldsProps) {
  const [mode, setMode] = useState('form')
  const paths = useMemo(() => pathsOf(event ?? {}), [event])
  const shown = (action.fields ?? []).filter((f) => f.hidden !== true)
  return (
    <Card
      title="3. Select mappings"
      aside={<SegmentedControl aria-label="Show mappings as" value={mode} onChange={setMode} data={modes} />}
    >
      {mode === 'json' ? (
        <RawFields key={round} fields={fields} onChange={onChange} disabled={disabled} />
      ) : (
        <div className={styles.fields} key={round}>
          {shown.map((f) => (
            <FieldEditor
              key={f.key}
              field={f}
              value={fields[f.key]}
              onChange={(value) => onField(f.key, value)}
              disabled={disabled}
              event={event}
              paths={paths}
            />
          ))}
        </div>
      )}
    </Card>
  )
}

function RawFields({ fields, onChange, disabled }: { fields: Fields; onChange: (fields: Fields) => void; disabled: boolean }) {
  const [text, spell] = useSpelling(fields, (fields) => JSON.stringify(fields, null, 2))
  const [wrong, setWrong] = useState('')
  return (
    <div className="stack tight">
      <JsonEditor
        value={text}
        label="Mappings as JSON"
        height="340px"
        readOnly={disabled}
        onChange={(next) => {
          try {
            const read = JSON.parse(next) as Fields
            spell(next, read)
            onChange(read)
            setWrong('')
          } catch (error) {
            spell(next, fields, false)
            setWrong(error instanceof Error ? error.message : String(error))
          }
        }}
      />
      {wrong !== '' && <p className={styles.warning}>Not JSON yet; the last that was is used: {wrong}</p>}
    </div>
  )
}
