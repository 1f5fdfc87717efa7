import { Button, SegmentedControl, Select } from '@mantine/core'
import { IconAlertTriangle, IconChartBar, IconCircleCheck } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'

import { useDeliveries } from '../../api/history'
import { type Mapping, useDestination, useDestinations, useLedger, useSources } from '../../api/workspace'
import { fillSteps } from '../../lib/chart'
import { balances, total } from '../../lib/flow'
import { compact, count, share } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { rangeMillis, ranges } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { Grid } from '../../parts/Grid'
import { LazyChart } from '../../parts/LazyChart'
import { Ago, Card, Pill, StatePill, Ticked, Tile } from '../../parts/small'
import { Bones, Earlier, Empty, Loaded, ProblemBox } from '../../parts/states'
import { DestinationFrame } from './DestinationFrame'
import { preflight } from './preflight'
import styles from './Destination.module.css'

const defaults = { range: '24h', mapping: '' }
const series = [
  { name: 'first', label: 'delivered, first try', color: 'teal.6' },
  { name: 'again', label: 'delivered, retried', color: 'teal.3' },
  { name: 'filtered', label: 'filtered', color: 'gray.4' },
  { name: 'retrying', label: 'tries that failed', color: 'yellow.6' },
  { name: 'discarded', label: 'discarded', color: 'red.6' },
]

function seriesOf(status: string, first: boolean): string {
  if (status === 'delivered') return first ? 'first' : 'again'
  if (status === 'duplicate') return 'filtered'
  if (status === 'parked') return 'retrying'
  return status === 'lost' ? 'discarded' : status
}

/** One destination: how it does. */
export function Destination() {
  const { destination: slug = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  const destination = useDestination(slug)
  const deliveries = useDeliveries(slug, state.range, state.mapping)
  const ledger = useLedger()
  const chosen = destination.data && mappingOf(destination.data.mappings, state.mapping)
  const sum = ledger.data && total(ledger.data.data.filter((r) => r.destination === slug && (chosen === undefined || r.mapping === chosen.name)))
  const rows = deliveries.data && fillSteps(deliveries.data.points, deliveries.data.since, deliveries.data.until, deliveries.data.step, series.map((s) => s.name), (p) => [[seriesOf(p.status, p.first), p.events]])
  const some = deliveries.data !== undefined && deliveries.data.points.length > 0
  return (
    <DestinationFrame slug={slug} active="overview" actions={<><MappingPick mappings={destination.data?.mappings ?? []} value={state.mapping} onChange={(mapping) => set({ mapping })} /><SegmentedControl aria-label="Time" data={ranges} value={state.range} onChange={(range) => set({ range })} /></>}>
      <Loaded query={destination}>
        {() => (
          <div className="stack">
            <Checks slug={slug} />
            <div className="tiles">
              <Tile label="Owed in all" value={sum ? compact(sum.accepted) : '–'} note={sum && (balances(sum) ? 'in balance with its outcomes' : 'out of balance')} />
              <Tile label="Delivered" value={sum ? compact(sum.delivered) : '–'} note={sum && sum.accepted > 0 && share(sum.delivered, sum.accepted)} />
              <Tile label="Filtered" value={sum ? compact(sum.filtered + sum.duplicate) : '–'} note="not matched, or repeats" />
              <Tile label="Retrying or parked" value={sum ? compact(sum.retrying + sum.parked) : '–'} tone={sum && sum.retrying + sum.parked > 0 ? 'warn' : undefined} note={<Link to={`/destinations/${slug}/attempts?show=open`}>List them</Link>} />
              <Tile label="Discarded or lost" value={sum ? compact(sum.discarded + sum.lost) : '–'} tone={sum && sum.discarded + sum.lost > 0 ? 'bad' : undefined} note={<Link to={`/destinations/${slug}/attempts?show=discarded`}>List them</Link>} />
            </div>
            <Earlier when={deliveries.isPlaceholderData}>
              <Card title="Deliveries">
                {deliveries.error !== null && rows === undefined ? <ProblemBox error={deliveries.error} retry={() => void deliveries.refetch()} /> : rows === undefined ? <div className="bone" style={{ height: 240 }} /> : some ? <LazyChart label="Outcomes" rows={rows} series={series.filter((s) => rows.some((r) => (r[s.name] ?? 0) > 0))} rangeMillis={rangeMillis(state.range)} height={240} /> : <Empty icon={<IconChartBar size={28} stroke={1.4} />} title="Nothing was decided in this time" action={<Button component={Link} to={`/destinations/${slug}/mappings`} variant="default">Open the mappings</Button>}>Once its mappings are on and events come in, this shows what became of them.</Empty>}
              </Card>
              <Card
                title="Why events were not delivered"
                aside={<span className="muted tiny">in this time</span>}
                pad={false}
              >
                {deliveries.data === undefined ? (
                  deliveries.error === null && <Bones rows={3} />
                ) : deliveries.data.reasons.length === 0 ? (
                  <p className="muted small" style={{ padding: 16 }}>
                    There is nothing to explain.
                  </p>
                ) : (
                  <div className="scroll-x" tabIndex={0}>
                    <Grid>
                      <thead>
                        <tr>
                          <th>State</th>
                          <th>Code</th>
                          <th>Why</th>
                          <th className="num">Events</th>
                          <th>Last</th>
                        </tr>
                      </thead>
                      <tbody>
                        {deliveries.data.reasons.map((r, i) => (
                          <tr key={i}>
                            <td style={{ width: 120 }}>
                              <StatePill state={r.status} />
                            </td>
                            <td style={{ width: 90 }}>{r.code !== '' && <span className="tag">{r.code}</span>}</td>
                            <td>
                              {r.reason !== '' ? <Ticked text={r.reason} /> : (r.status === 'filtered' ? 'the trigger does not match' : '')}
                            </td>
                            <td className="num">{count(r.events)}</td>
                            <td className="muted">
                              <Ago at={r.lastSeen} />
                            </td>
                          </tr>
                        ))}
                      </tbody>
                    </Grid>
                  </div>
                )}
              </Card>
            </Earlier>
          </div>
        )}
      </Loaded>
    </DestinationFrame>
  )
}

function mappingOf(mappings: Mapping[], named: string): Mapping | undefined {
  return mappings.find((m) => m.id === named || m.name === named)
}

/** Whose deliveries are shown: those of all mappings, or of one. */
function MappingPick({ mappings, value, onChange }: { mappings: Mapping[]; value: string; onChange: (mapping: string) => void }) {
  if (mappings.length < 2 && value === '') return null
  const chosen = mappingOf(mappings, value)
  return (
    <Select
      aria-label="Mapping"
      placeholder="All mappings"
      size="xs"
      w={190}
      clearable
      data={withChosen(mappings.map((m) => ({ value: m.id, label: m.name })), chosen?.id ?? value)}
      value={(chosen?.id ?? value) || null}
      onChange={(id) => onChange(id ?? '')}
    />
  )
}

/** What is known to go wrong, looked for in how the destination is set up. */
export function Checks({ slug }: { slug: string }) {
  const destinations = useDestinations()
  const sources = useSources()
  const d = destinations.data?.find((x) => x.slug === slug)
  const source = sources.data?.find((s) => s.slug === d?.source)
  if (d === undefined || destinations.data === undefined || source === undefined) return null
  const found = preflight(d, destinations.data, source.enabled)
  if (found.length === 0)
    return (
      <p className={styles.well}>
        <IconCircleCheck size={16} stroke={1.8} aria-hidden /> Ready: the source, the destination and a mapping are on, and nothing sends the same twice.
      </p>
    )
  return (
    <ul className={styles.findings} aria-label="Preflight">
      {found.map((f) => (
        <li key={f.code + f.text} data-tone={f.tone}>
          <IconAlertTriangle size={16} stroke={1.8} aria-hidden />
          <span>
            {f.text} <span className="muted">{f.mend}</span>
          </span>
          <Pill tone={f.tone}>{f.code}</Pill>
        </li>
      ))}
    </ul>
  )
}
