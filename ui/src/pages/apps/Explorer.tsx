import { ActionIcon, Button, MultiSelect, SegmentedControl, Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFilterPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'

import { type Explored, type TrackEvent, useAnswered, useOfApp } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { useQuestion } from '../../lib/url'
import { Card } from '../../parts/small'
import { Bones, Earlier, ProblemBox } from '../../parts/states'
import { LateInput } from '../../parts/Typed'
import styles from './apps.module.css'
import { AppPage, SpanPick } from './AppPage'
import { CsvButton } from './Csv'
import { type Explore, exploreQuery, type Filter, intervals, measures, operators, readExplore, takesValue, writeExplore } from './explore'
import { ExplorerResult } from './ExplorerResult'
import { type FieldGroup, useFields, withField } from './useFields'

const typingMillis = 300

/** Asks of the events of an app: which, how counted, grouped, filtered, over what time. */
export function Explorer() {
  const [explore, change] = useQuestion(readExplore, writeExplore)
  const set = (changes: Partial<Explore>) => change((now) => ({ ...now, ...changes }))
  return (
    <AppPage active="explore" actions={<SpanPick value={explore.span} onChange={(span) => set({ span })} />}>
      {(app) => <Content key={app.slug} app={app} explore={explore} set={set} change={change} />}
    </AppPage>
  )
}

interface Props {
  app: App
  explore: Explore
  set: (changes: Partial<Explore>) => void
  change: (change: (now: Explore) => Explore) => void
}

function Content({ app, explore: e, set, change }: Props) {
  const fields = useFields(app.slug, e.events)
  const key = writeExplore({ ...e, chart: '' }).toString()
  const explored = useOfApp<Explored>(app.slug, ['explore'], () => exploreQuery(e, Date.now()), key)
  const answered = useAnswered(e, explored)
  return (
    <div className="stack">
      <Card label="Question">
        <div className="stack">
          <div className={styles.builder}>
            <EventPick app={app.slug} value={e.events} onChange={(events) => set({ events })} />
            <Select label="Count" data={measures} value={e.measure} onChange={(v) => v !== null && set({ measure: v })} allowDeselect={false} />
            <Select label="Grouped by" placeholder="Nothing" clearable searchable data={withField(fields, e.by)} value={e.by || null} onChange={(v) => set({ by: v ?? '' })} nothingFoundMessage="No such field was seen" />
            <Select label="By" data={intervals} value={e.interval} onChange={(v) => v !== null && set({ interval: v })} allowDeselect={false} />
            {e.by !== '' && <Select label="Largest groups" data={['5', '10', '20', '50']} value={e.limit} onChange={(v) => v !== null && set({ limit: v })} allowDeselect={false} />}
          </div>
          <Filters
            filters={e.filters}
            fields={fields}
            onChange={(filters) => change((now) => ({ ...now, filters: filters(now.filters) }))}
          />
        </div>
      </Card>
      <Card
        title="Answer"
        aside={
          <span className="row">
            {e.interval !== 'total' && <SegmentedControl aria-label="Shown as" data={[{ value: 'line', label: 'Line' }, { value: 'bar', label: 'Bar' }, { value: 'table', label: 'Table' }]} value={e.chart} onChange={(chart) => set({ chart })} />}
            <CsvButton app={app.slug} parts={['explore']} query={exploreQuery(e, Date.now())} />
          </span>
        }
        pad={false}
      >
        {explored.data !== undefined ? (
          <Earlier when={explored.isPlaceholderData}>
            <ExplorerResult app={app.slug} explore={{ ...answered, chart: e.chart }} explored={explored.data} />
          </Earlier>
        ) : explored.error !== null ? (
          <div style={{ padding: 16 }}><ProblemBox error={explored.error} retry={() => void explored.refetch()} /></div>
        ) : (
          <Bones rows={8} />
        )}
        {explored.data !== undefined && explored.error !== null && <div style={{ padding: 16 }}><ProblemBox error={explored.error} /></div>}
      </Card>
    </div>
  )
}

const offered = 50 // names at a time; a search finds the others

function EventPick({ app, value, onChange }: { app: string; value: string[]; onChange: (events: string[]) => void }) {
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text, typingMillis)
  const names = useOfApp<TrackEvent[]>(app, ['track-events'], () => ({ search, sort: '-events', limit: offered }), ['names', search])
  const data = [...new Set([...value, ...(names.data ?? []).map((e) => e.name)])]
  return (
    <MultiSelect
      label="Track Events"
      placeholder={value.length === 0 ? 'All of them' : ''}
      data={data}
      value={value}
      onChange={onChange}
      searchable
      clearable
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={names.isPlaceholderData || search !== text ? 'Looking…' : 'No Track Event of such a name'}
      hidePickedOptions
    />
  )
}

interface FiltersProps {
  filters: Filter[]
  fields: FieldGroup[]
  /** Changes the newest filters, whichever were drawn. */
  onChange: (change: (now: Filter[]) => Filter[]) => void
}

function Filters({ filters, fields, onChange }: FiltersProps) {
  const put = (i: number, changes: Partial<Filter>) =>
    onChange((now) => now.map((f, n) => (n === i ? { ...f, ...changes } : f)))
  return (
    <div className="stack tight">
      {filters.map((f, i) => (
        <div key={i} className={styles.filterRow} role="group" aria-label={`Filter ${i + 1}`}>
          <Select aria-label="Field" placeholder="Field" searchable data={withField(fields, f.field)} value={f.field || null} onChange={(v) => v !== null && put(i, { field: v })} allowDeselect={false} />
          <Select aria-label="Operator" data={operators} value={f.op} onChange={(v) => v !== null && put(i, { op: v })} allowDeselect={false} />
          {takesValue(f.op) ? (
            <LateInput label="Value" value={f.value} onChange={(value) => put(i, { value })} />
          ) : (
            <span />
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Take away filter ${i + 1}`}
            onClick={() => onChange((now) => now.filter((_, n) => n !== i))}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconFilterPlus size={14} />}
          onClick={() => onChange((now) => [...now, { field: '', op: 'is', value: '' }])}
        >
          Add a filter
        </Button>
      </div>
    </div>
  )
}
