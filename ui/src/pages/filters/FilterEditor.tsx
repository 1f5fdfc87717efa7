import { Button, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'

import type { AnyEvent } from '../../api/history'
import { type Destination, tellProblem, useChange, useDestination } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Page } from '../../parts/Page'
import { Card, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { useLeaveGuard } from '../../parts/useLeaveGuard'
import { useCanChange } from '../../shell/useSession'
import styles from '../mapping/Mapping.module.css'
import { sampleEvent, TestEvent } from '../mapping/TestEvent'
import { useTestEvent } from '../mapping/useTestEvent'
import { Actions } from './Actions'
import { createFilter, deleteFilter, patchFilter, previewFilter } from './api'
import { ConditionEditor } from './ConditionEditor'
import { type Draft, draftOf, type Filter, newDraft, same, sent } from './draft'
import { FilterPreview } from './FilterPreview'

/** A filter: which events it is for, and what it does with them, tried on an event while it is changed. */
export function FilterEditor() {
  const { destination: slug = '', filter: id = '' } = useParams()
  const [query] = useSearchParams()
  const destination = useDestination(slug)
  if (destination.error !== null) return <div style={{ padding: 28 }}><ProblemBox error={destination.error} retry={() => void destination.refetch()} /></div>
  if (destination.data === undefined) return <Bones rows={10} />
  const filter = id === 'new' ? undefined : destination.data.filters.find((f) => f.id === id || f.name === id)
  if (id !== 'new' && filter === undefined) return <Empty title="There is no such filter" action={<Link to={`/destinations/${slug}/filters`}>Open the filters</Link>}>It may have been renamed or deleted.</Empty>
  return <Editor key={`${id} ${filter?.revision ?? 0}`} destination={destination.data} filter={filter} test={query.get('test') ?? ''} />
}

/** What the filter makes of an event, and whether its condition is met at all: a filter that would drop whatever meets it tells that. */
function usePreview(draft: Draft, event: AnyEvent) {
  const { if: condition, actions } = sent(draft)
  const order = useMemo(() => JSON.stringify({ if: condition, actions, event }), [condition, actions, event])
  const [asked] = useDebouncedValue(order, 250)
  return useQuery({
    queryKey: ['filterPreview', asked],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const body = JSON.parse(asked) as Parameters<typeof previewFilter>[0]
      const [made, dropped] = await Promise.all([previewFilter(body, signal), previewFilter({ ...body, actions: [{ type: 'DROP' }] }, signal)])
      return { ...made, met: dropped.reason !== undefined }
    },
  })
}

function Editor({ destination: d, filter, test }: { destination: Destination; filter: Filter | undefined; test: string }) {
  const can = useCanChange()
  const navigate = useNavigate()
  const [draft, setDraft] = useState<Draft>(() => (filter === undefined ? newDraft() : draftOf(filter)))
  const before = filter === undefined ? null : draftOf(filter)
  const dirty = before === null || !same(draft, before)
  const [chosen, setChosen] = useState<AnyEvent | null>(null)
  const tried = useTestEvent(d.source, test, '', chosen)
  const preview = usePreview(draft, tried ?? sampleEvent)
  const [leaving, setLeaving] = useState(false)
  useLeaveGuard(dirty && before !== null && !leaving)
  const save = useChange(
    () => (filter === undefined ? createFilter(d.slug, sent(draft)) : patchFilter(d.slug, filter.id, sent(draft), filter.revision)),
    filter === undefined ? `${draft.name} is in force for what comes in from now on` : `${draft.name} is saved`,
  )
  const turn = useChange((enabled: boolean) => patchFilter(d.slug, filter?.id ?? '', { enabled }), (_, enabled) => (enabled ? 'The filter is on' : 'The filter is off'))
  const remove = useChange(() => deleteFilter(d.slug, filter?.id ?? ''), 'The filter is deleted')
  const back = `/destinations/${d.slug}/filters`
  return (
    <Page
      title={filter?.name ?? 'New filter'}
      crumbs={[{ label: 'My destinations', to: '/destinations' }, { label: d.name, to: `/destinations/${d.slug}` }, { label: 'Filters', to: back }]}
      badge={filter && <Switch checked={filter.enabled} disabled={!can || turn.isPending} onChange={(e) => turn.mutate(e.currentTarget.checked, { onError: tellProblem })} label={filter.enabled ? 'On' : 'Off'} aria-label="Filter is on" />}
      actions={
        filter &&
        can && (
          <Confirm label="Delete" title={`Delete ${filter.name}?`} icon={<IconTrash size={14} />} action={async () => { setLeaving(true); await remove.mutateAsync(undefined); void navigate(back) }}>
            What comes in from then on goes to the mappings as it is. What it has kept back stays filtered.
          </Confirm>
        )
      }
    >
      <div className={styles.editor}>
        <div className="stack">
          <Card title="Filter">
            <div className="stack">
              <TextInput label="Name" description="It stands in the journey of each event that the filter drops" value={draft.name} onChange={(e) => setDraft({ ...draft, name: e.currentTarget.value })} disabled={!can} required maxLength={200} />
              <TextInput label="Description" value={draft.description} onChange={(e) => setDraft({ ...draft, description: e.currentTarget.value })} disabled={!can} maxLength={1000} />
            </div>
          </Card>
          <Card title="1. Which events">
            <ConditionEditor condition={draft.condition} onChange={(condition) => setDraft((now) => ({ ...now, condition }))} disabled={!can} event={tried ?? sampleEvent} error={preview.error} />
          </Card>
          <Card title="2. What is done with them">
            <Actions actions={draft.actions} onChange={(actions) => setDraft((now) => ({ ...now, actions }))} disabled={!can} event={tried ?? sampleEvent} />
          </Card>
          <Card title="3. Test event">
            <TestEvent source={d.source} event={tried} onEvent={setChosen} wanted="" />
          </Card>
        </div>
        <div className={styles.side}>
          <Card title="Live preview" aside={<Pill tone="idle">{tried === null ? 'on a sample event' : 'on the test event'}</Pill>}>
            <FilterPreview preview={preview.data} error={preview.error} stale={preview.isPlaceholderData} />
          </Card>
        </div>
      </div>
      {can && (
        <div className={styles.bar}>
          <div className={styles.barInside}>
            {save.error !== null ? <div className="grow"><ProblemBox error={save.error} /></div> : <span className="muted small grow">{filter === undefined ? 'Once saved, it is in force for what comes in.' : dirty ? 'There are changes that are not saved.' : 'Everything is saved.'}</span>}
            {dirty && before !== null && (
              <Button variant="default" onClick={() => setDraft(before)}>
                Discard changes
              </Button>
            )}
            <Button loading={save.isPending} disabled={!dirty || draft.name.trim() === ''} onClick={() => { setLeaving(true); save.mutate(undefined, { onSuccess: () => void navigate(back), onError: () => setLeaving(false) }) }}>
              Save
            </Button>
          </div>
        </div>
      )}
    </Page>
  )
}
