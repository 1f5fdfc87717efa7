import { ActionIcon, Button, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconChartLine, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useParams } from 'react-router'

import { type DictionaryProperty, type Exploration, type TrackEvent, useAnalytics, useAnalyticsList } from '../../api/analytics'
import type { Row } from '../../lib/chart'
import { compact, dayOf } from '../../lib/format'
import { rangeMillis, ranges } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { LazyChart } from '../../parts/LazyChart'
import { Card } from '../../parts/small'
import { Empty, ProblemBox } from '../../parts/states'
import { AppFrame, Csv } from './AppFrame'
import styles from './Apps.module.css'
import { since } from './range'

const defaults = { events: '', measure: 'events', groupBy: 'event', filter: '', range: '7d', show: 'lines' }
const colors = ['water.6', 'teal.6', 'orange.6', 'grape.6', 'pink.6', 'lime.7', 'cyan.7', 'red.6', 'indigo.5', 'yellow.7']
const separator = '\u001f' // between the events, and the filters, of an address
const operators = [{ value: 'is', label: 'is' }, { value: 'not', label: 'is not' }, { value: 'contains', label: 'contains' }, { value: 'gt', label: '>' }, { value: 'lt', label: '<' }, { value: 'set', label: 'is there' }, { value: 'unset', label: 'is not there' }]

function parts(text: string): string[] {
  return text === '' ? [] : text.split(separator)
}

/** Questions about Track Events: a measure, of some events, in groups, filtered, over time. */
export function Explorer() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  const names = useAnalyticsList<TrackEvent>(app, 'track-events', { limit: 200 })
  const events = parts(state.events)
  const filters = parts(state.filter)
  const properties = useAnalytics<DictionaryProperty[]>(app, 'dictionary/properties', { limit: 200, ...(events.length === 1 ? { event: events[0] ?? '' } : {}) })
  const keys = [...new Set((properties.data ?? []).map((p) => p.key))].sort()
  const fields = [{ value: 'event', label: 'Event' }, { value: 'account', label: 'Account' }, { value: 'visitor', label: 'Visitor' }, ...keys.map((k) => ({ value: `property:${k}`, label: `Property ${k}` }))]
  const query = { event: events, measure: state.measure, groupBy: state.groupBy, filter: filters.filter((f) => f.split(':').length > 2 || /:(set|unset)/.test(f)), interval: rangeMillis(state.range) <= 3 * 86_400_000 ? 'hour' : 'day', from: since(state.range), limit: 8 }
  const found = useAnalytics<Exploration>(app, 'explore', query)
  const groups = found.data?.groups ?? []
  const label = (g: string) => g || 'none'
  const rows = mergeSeries(groups.map((g) => ({ name: label(g.group), series: g.series })))
  return (
    <AppFrame app={app} active="explore" actions={<Csv app={app} path="explore" query={query} name="explorer" />}>
      <div className="stack">
        <Card title="Question">
          <div className={styles.filters}>
            <div className="row wrap" style={{ alignItems: 'flex-end' }}>
              <MultiSelect label="Events" placeholder={events.length === 0 ? 'All events' : ''} data={[...new Set([...(names.data?.pages.flatMap((p) => p.data.map((e) => e.name)) ?? []), ...events])]} value={events} onChange={(v) => set({ events: v.join(separator) })} searchable clearable className="grow" miw={220} />
              <Select label="Measure" data={[{ value: 'events', label: 'Events' }, { value: 'visitors', label: 'Visitors' }, { value: 'accounts', label: 'Accounts' }, { value: 'eventsPerVisitor', label: 'Events per visitor' }]} value={state.measure} onChange={(v) => v !== null && set({ measure: v })} allowDeselect={false} w={170} />
              <Select label="Group by" data={fields} value={state.groupBy} onChange={(v) => v !== null && set({ groupBy: v })} allowDeselect={false} searchable w={190} />
              <SegmentedControl aria-label="Time" data={ranges} value={state.range} onChange={(range) => set({ range })} />
            </div>
            {filters.map((f, i) => <FilterRow key={i} text={f} fields={fields} onChange={(next) => set({ filter: filters.flatMap((x, k) => (k === i ? (next === null ? [] : [next]) : [x])).join(separator) })} />)}
            <div><Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => set({ filter: [...filters, `${keys[0] === undefined ? 'event' : `property:${keys[0]}`}:is:`].join(separator) })}>Add filter</Button></div>
          </div>
        </Card>
        <Card title="Answer" aside={<SegmentedControl aria-label="Show as" value={state.show} onChange={(show) => set({ show })} data={[{ value: 'lines', label: 'Lines' }, { value: 'bars', label: 'Bars' }]} />}>
          {found.error !== null ? <ProblemBox error={found.error} retry={() => void found.refetch()} /> : found.data === undefined ? <div className="bone" style={{ height: 280 }} /> : groups.length === 0 ? <Empty icon={<IconChartLine size={28} stroke={1.4} />} title="Nothing to show">No event in this time answers the question. Take a longer time, or a filter away.</Empty> : (
            <LazyChart label="Answer" rows={rows} series={groups.map((g, i) => ({ name: label(g.group), color: colors[i % colors.length] ?? 'water.6' }))} rangeMillis={rangeMillis(state.range)} height={290} kind={state.show === 'bars' ? 'bars' : 'lines'} />
          )}
        </Card>
        {groups.length > 0 && (
          <div className="card scroll-x" tabIndex={0}>
            <table className="grid">
              <thead><tr><th>{fields.find((f) => f.value === state.groupBy)?.label ?? state.groupBy}</th><th className="num">Total</th>{rows.slice(-7).map((r) => <th key={r.at} className="num">{dayOf(r.at)}</th>)}</tr></thead>
              <tbody>{groups.map((g) => <tr key={g.group}><td>{label(g.group)}</td><td className="num"><strong>{compact(g.total)}</strong></td>{rows.slice(-7).map((r) => <td key={r.at} className="num">{compact(r[label(g.group)] ?? 0)}</td>)}</tr>)}</tbody>
            </table>
            {(found.data?.otherGroups ?? 0) > 0 && <p className="muted tiny" style={{ padding: '8px 16px' }}>{found.data?.otherGroups} smaller groups are not shown; the CSV has what is asked for.</p>}
          </div>
        )}
      </div>
    </AppFrame>
  )
}

/** Puts the series of groups side by side. */
export function mergeSeries(groups: { name: string; series: { at: string; value: number }[] }[]): Row[] {
  const rows = new Map<number, Row>()
  for (const g of groups) {
    for (const p of g.series) {
      const at = Date.parse(p.at)
      const row = rows.get(at) ?? ({ at } as Row)
      row[g.name] = p.value
      rows.set(at, row)
    }
  }
  return [...rows.values()].sort((a, b) => a.at - b.at)
}

function FilterRow({ text, fields, onChange }: { text: string; fields: { value: string; label: string }[]; onChange: (text: string | null) => void }) {
  const m = /^((?:property|visitor|account):[^:]+|[a-z]+):([a-z]+):?(.*)$/.exec(text)
  const [field, operator] = [m?.[1] ?? 'event', m?.[2] ?? 'is']
  const [value, setValue] = useState(m?.[3] ?? '')
  const write = (f: string, o: string, v: string) => onChange(['set', 'unset'].includes(o) ? `${f}:${o}` : `${f}:${o}:${v}`)
  return (
    <div className="row wrap">
      <Select aria-label="Filter field" data={fields} value={field} onChange={(v) => v !== null && write(v, operator, value)} searchable w={200} />
      <Select aria-label="Filter operator" data={operators} value={operator} onChange={(v) => v !== null && write(field, v, value)} w={130} />
      {!['set', 'unset'].includes(operator) && <TextInput aria-label="Filter value" value={value} onChange={(e) => setValue(e.currentTarget.value)} onBlur={() => write(field, operator, value)} onKeyDown={(e) => e.key === 'Enter' && write(field, operator, value)} className="grow" />}
      <ActionIcon variant="subtle" color="gray" aria-label="Remove filter" onClick={() => onChange(null)}><IconTrash size={15} /></ActionIcon>
    </div>
  )
}
