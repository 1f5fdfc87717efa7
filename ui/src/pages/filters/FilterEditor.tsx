import { Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'

import type { AnyEvent } from '../../api/history'
import { type Destination, useChange, useDestination } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Page } from '../../parts/Page'
import { Card, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import { useLeaveGuard } from '../../parts/useLeaveGuard'
import { useCanChange } from '../../shell/useSession'
import styles from '../mapping/Mapping.module.css'
import { SaveBar } from '../mapping/SaveBar'
import { sampleEvent, TestEvent } from '../mapping/TestEvent'
import { useTestEvent } from '../mapping/useTestEvent'
import { Actions } from './Actions'
import { createFilter, deleteFilter, patchFilter, previewFilter, readFilter } from './api'
import { ConditionEditor } from './ConditionEditor'
import { type Draft, draftOf, type Filter, memberLabels, newDraft, plainMember, sent } from './draft'
import { FilterPreview } from './FilterPreview'

/** A filter: which events it is for, and what it does with them, tried on an event while it is changed. */
export function FilterEditor() {
  const { destination: slug = '', filter: id = '' } = useParams()
  const [query] = useSearchParams()
  const destination = useDestination(slug)
  if (destination.data === undefined) {
    if (destination.error === null) return <Bones rows={10} />
    const again = () => void destination.refetch()
    return <div style={{ padding: 28 }}><ProblemBox error={destination.error} retry={again} /></div>
  }
  const filter = id === 'new' ? undefined : destination.data.filters.find((f) => f.id === id || f.name === id)
  if (id !== 'new' && filter === undefined) return <Empty title="There is no such filter" action={<Link to={`/destinations/${slug}/filters`}>Open the filters</Link>}>It may have been renamed or deleted.</Empty>
  return <Editor key={id} destination={destination.data} filter={filter} test={query.get('test') ?? ''} />
}

/** What the filter makes of an event, and whether its condition is met at all: a filter that would drop whatever meets it tells that. */
function usePreview(draft: Draft, event: AnyEvent) {
  const { if: condition, actions } = sent(draft)
  const order = JSON.stringify({ if: condition, actions, event })
  const [asked] = useDebouncedValue(order, 250)
  const made = useQuery({
    queryKey: ['filterPreview', asked],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const body = JSON.parse(asked) as Parameters<typeof previewFilter>[0]
      const [made, dropped] = await Promise.all([previewFilter(body, signal), previewFilter({ ...body, actions: [{ type: 'DROP' }] }, signal)])
      return { ...made, met: dropped.reason !== undefined }
    },
  })
  return { data: made.data, error: made.error, stale: made.isPlaceholderData || asked !== order }
}

function Editor({ destination: d, filter, test }: { destination: Destination; filter: Filter | undefined; test: string }) {
  const can = useCanChange()
  const go = useGo()
  const back = `/destinations/${d.slug}/filters`
  const edited = useDraft<Filter, Draft>({
    saved: filter,
    members: (f) => (f === undefined ? newDraft() : draftOf(f)),
    write: (values, _, seen) => {
      if (seen === undefined) return createFilter(d.slug, sent(values))
      return patchFilter(d.slug, seen.id, sent(values), seen.revision)
    },
    read: (seen) => readFilter(d.slug, seen.id),
    said: (f) => (filter === undefined ? `${f.name} is in force for what comes in from now on` : `${f.name} is saved`),
    plain: plainMember,
  })
  const draft = edited.values
  const [chosen, setChosen] = useState<AnyEvent | null>(null)
  const tried = useTestEvent(d.source, test, '', chosen)
  const preview = usePreview(draft, tried ?? sampleEvent)
  const triedOn = tried === null ? 'on a sample event' : 'on the test event'
  const leave = useLeaveGuard(edited.changed && filter !== undefined)
  const turn = useChange((enabled: boolean) => patchFilter(d.slug, filter?.id ?? '', { enabled }), (_, enabled) => (enabled ? 'The filter is on' : 'The filter is off'))
  const on = useChoice({ value: filter?.enabled ?? true, version: filter?.revision ?? 0 }, turn.mutateAsync)
  const remove = useChange(() => deleteFilter(d.slug, filter?.id ?? ''), 'The filter is deleted')
  const onSave = async () => {
    if (!(await edited.save()).all) return
    leave()
    go(back)
  }
  return (
    <Page
      title={filter?.name ?? 'New filter'}
      crumbs={[{ label: 'My destinations', to: '/destinations' }, { label: d.name, to: `/destinations/${d.slug}` }, { label: 'Filters', to: back }]}
      badge={
        filter && (
          <Switch
            checked={on.value}
            disabled={!can}
            onChange={(e) => on.choose(e.currentTarget.checked)}
            label={on.value ? 'On' : 'Off'}
            aria-label="Filter is on"
          />
        )
      }
      actions={
        filter &&
        can && (
          <Confirm
            label="Delete"
            title={`Delete ${filter.name}?`}
            icon={<IconTrash size={14} />}
            action={async () => { await remove.mutateAsync(undefined); leave(); go(back) }}
          >
            What comes in from then on goes to the mappings as it is. What it has kept back stays filtered.
          </Confirm>
        )
      }
    >
      <div className={styles.editor}>
        <div className="stack">
          <Card title="Filter">
            <div className="stack">
              <TextInput
                label="Name"
                description="It stands in the journey of each event that the filter drops"
                value={draft.name}
                onChange={(e) => edited.set({ name: e.currentTarget.value })}
                disabled={!can}
                required
                maxLength={200}
              />
              <TextInput
                label="Description"
                value={draft.description}
                onChange={(e) => edited.set({ description: e.currentTarget.value })}
                disabled={!can}
                maxLength={1000}
              />
            </div>
          </Card>
          <Card title="1. Which events">
            <ConditionEditor
              condition={draft.condition}
              onChange={(condition) => edited.set({ condition })}
              disabled={!can}
              event={tried ?? sampleEvent}
              error={preview.stale ? null : preview.error}
            />
          </Card>
          <Card title="2. What is done with them">
            <Actions
              actions={draft.actions}
              onChange={(actions) => edited.set({ actions })}
              disabled={!can}
              event={tried ?? sampleEvent}
            />
          </Card>
          <Card title="3. Test event">
            <TestEvent source={d.source} event={tried} onEvent={setChosen} wanted="" />
          </Card>
        </div>
        <div className={styles.side}>
          <Card
            title="Live preview"
            aside={<Pill tone="idle">{preview.stale ? 'of before the last change' : triedOn}</Pill>}
          >
            <FilterPreview preview={preview.data} error={preview.error} stale={preview.stale} />
          </Card>
        </div>
      </div>
      {can && (
        <SaveBar
          draft={edited}
          isNew={filter === undefined}
          dirty={edited.changed}
          label={(member) => memberLabels[member]}
          blocked={draft.name.trim() === '' ? 'The name is missing.' : ''}
          onSave={() => void onSave()}
        >
          {filter === undefined ? 'Once saved, it is in force for what comes in.' : undefined}
        </SaveBar>
      )}
    </Page>
  )
}
