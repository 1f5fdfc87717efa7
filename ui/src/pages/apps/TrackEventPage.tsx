import { SegmentedControl, Select } from '@mantine/core'
import { Link, useParams } from 'react-router'

import { type BreakdownRow, type PropertyStats, type TopAccount, type TopVisitor, type TrackEventDetail, useAnalytics } from '../../api/analytics'
import type { Row } from '../../lib/chart'
import { compact, plural, share } from '../../lib/format'
import { rangeMillis, ranges } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { LazyChart } from '../../parts/LazyChart'
import { Ago, Card, Pill, Tile } from '../../parts/small'
import { Bones, Empty, Loaded } from '../../parts/states'
import { AppFrame, Csv } from './AppFrame'
import { change, since } from './range'

const defaults = { range: '30d', property: '', measure: 'events' }

/** One Track Event: how often, by whom, with which properties. */
export function TrackEventPage() {
  const { app = '', name = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  const base = `track-events/${encodeURIComponent(name)}`
  const range = { from: since(state.range) }
  const detail = useAnalytics<TrackEventDetail>(app, base, { ...range, interval: rangeMillis(state.range) <= 3 * 86_400_000 ? 'hour' : 'day' })
  const properties = useAnalytics<PropertyStats[]>(app, `${base}/properties`, range)
  const visitors = useAnalytics<TopVisitor[]>(app, `${base}/visitors`, { ...range, limit: 8 })
  const accounts = useAnalytics<TopAccount[]>(app, `${base}/accounts`, { ...range, limit: 8 })
  const property = state.property || properties.data?.find((p) => p.groupable)?.key || ''
  const breakdown = useAnalytics<BreakdownRow[]>(app, `${base}/breakdown`, { ...range, property, limit: 12 }, { enabled: property !== '' })
  return (
    <AppFrame app={app} active="events" title={name} crumbs={[{ label: 'Track Events', to: `/apps/${app}/events` }]} actions={<SegmentedControl aria-label="Time" data={ranges} value={state.range} onChange={(r) => set({ range: r })} />}>
      <Loaded query={detail}>
        {(d) => (
          <div className="stack">
            <div className="tiles">
              <Tile label="Events" value={compact(d.totals.events)} note={change(d.totals.events, d.previous.events)} />
              <Tile label="Visitors" value={compact(d.totals.visitors)} note={change(d.totals.visitors, d.previous.visitors)} />
              <Tile label="Accounts" value={compact(d.totals.accounts)} note={change(d.totals.accounts, d.previous.accounts)} />
              <Tile label="Per visitor" value={d.totals.visitors === 0 ? '–' : (d.totals.events / d.totals.visitors).toFixed(1)} note={<>first seen <Ago at={d.firstSeen} /></>} />
              <Tile label="Without account" value={share(d.totals.withoutAccount, d.totals.events)} tone={d.totals.withoutAccount > 0 ? 'warn' : undefined} note={d.totals.withoutAccount > 0 ? <Link to={`/apps/${app}/quality`}>Why, and what to do</Link> : 'every one has an Account ID'} />
            </div>
            <Card title="Over time" aside={<SegmentedControl aria-label="Measure" value={state.measure} onChange={(measure) => set({ measure })} data={[{ value: 'events', label: 'Events' }, { value: 'visitors', label: 'Visitors' }, { value: 'accounts', label: 'Accounts' }]} />}>
              <LazyChart label={`${state.measure} over time`} rows={d.series.map((p) => ({ at: Date.parse(p.at), [state.measure]: p[state.measure as 'events'] }) as Row)} series={[{ name: state.measure, color: 'water.6' }]} rangeMillis={rangeMillis(state.range)} />
            </Card>
            <div className="halves">
              <Card title="By property" aside={<Select aria-label="Property" size="xs" data={(properties.data ?? []).map((p) => p.key)} value={property || null} onChange={(v) => set({ property: v ?? '' })} placeholder="Choose a property" searchable />} pad={false}>
                {property === '' ? <Empty title="It has no property yet">Properties that come with this event can be broken down here.</Empty> : breakdown.data === undefined ? <Bones rows={4} /> : <Breakdown rows={breakdown.data} />}
              </Card>
              <Card title="Properties" pad={false}>
                {properties.data === undefined ? <Bones rows={4} /> : properties.data.length === 0 ? <Empty title="None">It came without properties.</Empty> : (
                  <div className="scroll-x" tabIndex={0}>
                    <table className="grid">
                      <thead><tr><th>Key</th><th>Types</th><th className="num">Filled</th><th className="num">Values</th></tr></thead>
                      <tbody>
                        {properties.data.map((p) => (
                          <tr key={p.key}>
                            <td><span className="mono">{p.key}</span> {p.problem !== undefined && <Pill tone="warn">{p.problem.replaceAll('_', ' ')}</Pill>}</td>
                            <td className="muted">{Object.keys(p.types).join(', ')}</td>
                            <td className="num">{share(p.fill, 1)}</td>
                            <td className="num">{compact(p.cardinality)}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                )}
              </Card>
              <Card title="Top visitors" aside={<Csv app={app} path={`${base}/visitors`} query={range} name={`${name}-visitors`} />} pad={false}>
                <Top rows={visitors.data?.map((v) => ({ id: v.id, events: v.events, note: v.anonymous ? 'anonymous' : '' }))} to={(id) => `/apps/${app}/visitors/${encodeURIComponent(id)}`} none="No visitor: the events came without a userId." />
              </Card>
              <Card title="Top accounts" aside={<Csv app={app} path={`${base}/accounts`} query={range} name={`${name}-accounts`} />} pad={false}>
                <Top rows={accounts.data?.map((a) => ({ id: a.id, events: a.events, note: plural(a.visitors, 'visitor') }))} to={(id) => `/apps/${app}/accounts/${encodeURIComponent(id)}`} none="No account: the events came without a groupId that counts." />
              </Card>
            </div>
            <p className="small"><Link to={`/apps/${app}/raw?event=${encodeURIComponent(name)}`}>Its raw events, with their verdicts</Link></p>
          </div>
        )}
      </Loaded>
    </AppFrame>
  )
}

function Breakdown({ rows }: { rows: BreakdownRow[] }) {
  return (
    <ul className="list">
      {rows.map((r) => (
        <li key={String(r.value)} style={{ position: 'relative', padding: '8px 16px' }}>
          <span aria-hidden style={{ position: 'absolute', inset: '4px auto 4px 8px', width: `calc(${Math.max(0.5, r.share * 100)}% - 16px)`, background: 'var(--accent-soft)', borderRadius: 4 }} />
          <span className="spread small" style={{ position: 'relative' }}>
            <span className="mono clip">{r.value ?? 'without it'}</span>
            <span className="row"><span className="muted tiny">{plural(r.visitors, 'visitor')}</span><strong>{compact(r.events)}</strong></span>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Top({ rows, to, none }: { rows: { id: string; events: number; note: string }[] | undefined; to: (id: string) => string; none: string }) {
  if (rows === undefined) return <Bones rows={3} />
  if (rows.length === 0) return <p className="muted small" style={{ padding: 16 }}>{none}</p>
  return (
    <ul className="list">
      {rows.map((r) => (
        <li key={r.id}>
          <Link className="item" to={to(r.id)}><span className="clip grow">{r.id}</span><span className="muted tiny">{r.note}</span><strong className="small">{compact(r.events)}</strong></Link>
        </li>
      ))}
    </ul>
  )
}
