import { Button, SegmentedControl } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'

import { type TopAccount, type TopVisitor, type TrackEventDetail, useOfApp } from '../../api/analytics'
import { moved, spanMillis, spanQuery } from '../../lib/days'
import { compact, plural, share } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { LazyChart } from '../../parts/LazyChart'
import { Ago, Card, Tile } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage, SpanPick } from './AppPage'
import { CsvButton } from './Csv'
import { Breakdown, Properties } from './Properties'
import { beside, type Count } from './series'
import { ShortReceived } from './ShortReceived'
import { VerdictPill } from './words'

const defaults = { span: '30d', interval: '', count: 'events', property: '' }
const counts: { value: Count; label: string }[] = [{ value: 'events', label: 'Events' }, { value: 'visitors', label: 'Visitors' }, { value: 'accounts', label: 'Accounts' }]
const hourMax = 7 * 86_400_000 // of the time that is shown hour by hour

/** One Track Event: how often, by whom, with what. */
export function TrackEventPage() {
  const { app = '', event = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  return (
    <AppPage
      active="events"
      below={{ title: event }}
      actions={
        <>
          <SpanPick value={state.span} onChange={(span) => set({ span, interval: '' })} all={false} />
          <Button variant="default" component={Link} to={`${appBase(app)}/explore?event=${encodeURIComponent(event)}&span=${state.span}${state.property === '' ? '' : `&by=${encodeURIComponent(`property:${state.property}`)}`}`} leftSection={<IconChartLine size={14} />}>
            Open in Explorer
          </Button>
        </>
      }
    >
      {() => <Content key={`${app} ${event}`} app={app} event={event} state={state} set={set} />}
    </AppPage>
  )
}

type State = { [K in keyof typeof defaults]: string }
interface Props {
  app: string
  event: string
  state: State
  set: (changes: Partial<State>) => void
}

function Content({ app, event, state, set }: Props) {
  const time = () => spanQuery(state.span, Date.now())
  const detail = useOfApp<TrackEventDetail>(app, ['track-events', event], () => ({ ...time(), interval: state.interval }), [state.span, state.interval])
  return (
    <div className="stack">
      <Loaded query={detail}>{(d) => <Head app={app} detail={d} state={state} set={set} />}</Loaded>
      <Properties app={app} event={event} span={state.span} chosen={state.property} onChoose={(property) => set({ property })} />
      {state.property !== '' && (
        <Breakdown
          key={state.property}
          app={app}
          event={event}
          span={state.span}
          property={state.property}
          onClose={() => set({ property: '' })}
        />
      )}
      <div className="halves">
        <TopVisitors app={app} event={event} span={state.span} />
        <TopAccounts app={app} event={event} span={state.span} />
      </div>
      <ShortReceived app={app} query={{ event }} />
    </div>
  )
}

function Delta({ now, before }: { now: number; before: number }) {
  const by = moved(now, before)
  if (by === undefined) return <span>none in the time before</span>
  return (
    <span>
      <span className={styles.delta} data-up={by > 0 || undefined} data-down={by < 0 || undefined}>
        {by > 0 ? '+' : ''}
        {Math.abs(by) < 10 ? `${Math.round(by * 100)}%` : `${Math.round(by)}×`}
      </span>{' '}
      from {compact(before)}
    </span>
  )
}

function Head({ app, detail: d, state, set }: { app: string; detail: TrackEventDetail; state: State; set: Props['set'] }) {
  const t = d.totals
  const before = d.previous
  const count = state.count as Count
  const rows = beside(d.series, d.previousSeries, count)
  const verdicts = Object.entries(d.verdicts).sort((a, b) => b[1] - a[1])
  const hours = spanMillis(state.span) <= hourMax
  return (
    <>
      <div className="tiles">
        <Tile label="Events" value={compact(t.events)} note={<Delta now={t.events} before={before.events} />} />
        <Tile label="Visitors" value={compact(t.visitors)} note={<Delta now={t.visitors} before={before.visitors} />} />
        <Tile label="Accounts" value={compact(t.accounts)} note={<Delta now={t.accounts} before={before.accounts} />} />
        <Tile label="Without an account" value={share(t.withoutAccount, t.events)} tone={t.withoutAccount > 0 ? 'warn' : undefined} note={t.withoutAccount === 0 ? 'none' : plural(t.withoutAccount, 'event')} />
        <Tile label="Last seen" value={<span style={{ fontSize: '1rem' }}><Ago at={d.lastSeen} /></span>} note={<>first <Ago at={d.firstSeen} /></>} />
      </div>
      <Card
        title="Over time"
        aside={
          <span className="row wrap">
            {hours && <SegmentedControl aria-label="Step" data={[{ value: 'hour', label: 'By hour' }, { value: 'day', label: 'By day' }]} value={d.interval} onChange={(interval) => set({ interval })} />}
            <SegmentedControl aria-label="Count" data={counts} value={count} onChange={(next) => set({ count: next })} />
          </span>
        }
      >
        <LazyChart
          kind="lines"
          label={`${d.name}, ${count}`}
          rows={rows}
          series={[{ name: 'now', label: counts.find((c) => c.value === count)?.label ?? count, color: 'water.6' }, { name: 'before', label: 'The time before', color: 'gray.5', dashed: true }]}
          rangeMillis={spanMillis(state.span)}
          days={d.interval === 'day'}
          told={`${compact(t[count])}, after ${compact(before[count])} in the time before`}
        />
      </Card>
      {verdicts.length > 0 && (
        <Card title="Verdicts" aside={<Link className="small" to={`${appBase(app)}/quality?event=${encodeURIComponent(d.name)}`}>Over time</Link>}>
          <div className="row wrap">
            {verdicts.map(([code, n]) => (
              <Link key={code} to={`${appBase(app)}/received?event=${encodeURIComponent(d.name)}&verdict=${code}`} className="row" style={{ gap: 4 }}>
                <VerdictPill verdict={code} />
                <span className="small">{compact(n)}</span>
              </Link>
            ))}
          </div>
        </Card>
      )}
    </>
  )
}

interface TopProps {
  app: string
  event: string
  span: string
}

const topMax = 10

function TopVisitors({ app, event, span }: TopProps) {
  const parts = ['track-events', event, 'visitors']
  const query = () => spanQuery(span, Date.now())
  const top = useOfApp<TopVisitor[]>(app, parts, () => ({ ...query(), limit: topMax }), span)
  return (
    <Card title="Top visitors" aside={<CsvButton app={app} parts={parts} query={query()} />} pad={false}>
      <Loaded query={top}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No visitor in this time" />
          ) : (
            <div className="scroll-x" tabIndex={0}><table className="grid">
              <thead>
                <tr><th>Visitor</th><th className="num">Events</th><th>Last seen</th></tr>
              </thead>
              <tbody>
                {rows.map((v) => (
                  <tr key={v.id}>
                    <td><Link to={`${appBase(app)}/visitors/${encodeURIComponent(v.id)}`}>{v.id}</Link>{v.anonymous && <span className="muted tiny"> anonymous</span>}</td>
                    <td className="num">{compact(v.events)}</td>
                    <td><Ago at={v.lastSeen} /></td>
                  </tr>
                ))}
              </tbody>
            </table></div>
          )
        }
      </Loaded>
    </Card>
  )
}

function TopAccounts({ app, event, span }: TopProps) {
  const parts = ['track-events', event, 'accounts']
  const query = () => spanQuery(span, Date.now())
  const top = useOfApp<TopAccount[]>(app, parts, () => ({ ...query(), limit: topMax }), span)
  return (
    <Card title="Top accounts" aside={<CsvButton app={app} parts={parts} query={query()} />} pad={false}>
      <Loaded query={top}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No account in this time">A Track call names its account by groupId, at its top level or in its properties.</Empty>
          ) : (
            <div className="scroll-x" tabIndex={0}><table className="grid">
              <thead>
                <tr><th>Account</th><th className="num">Events</th><th className="num">Visitors</th><th>Last seen</th></tr>
              </thead>
              <tbody>
                {rows.map((a) => (
                  <tr key={a.id}>
                    <td><Link to={`${appBase(app)}/accounts/${encodeURIComponent(a.id)}`}>{a.id}</Link></td>
                    <td className="num">{compact(a.events)}</td>
                    <td className="num">{compact(a.visitors)}</td>
                    <td><Ago at={a.lastSeen} /></td>
                  </tr>
                ))}
              </tbody>
            </table></div>
          )
        }
      </Loaded>
    </Card>
  )
}
