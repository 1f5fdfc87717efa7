import { IconBolt } from '@tabler/icons-react'
import { Link } from 'react-router'

import { type TrackEvent, useTableOfApp } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { spanQuery } from '../../lib/days'
import { compact, count, plural, share } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Spark } from '../../parts/LazyChart'
import type { Column } from '../../parts/LongTable'
import { Search } from '../../parts/Search'
import { Ago, Pill } from '../../parts/small'
import { Empty } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage, SpanPick } from './AppPage'
import { CsvButton } from './Csv'
import { PagedTable } from './PagedTable'
import { verdictLabel, verdictTone } from './words'

const defaults = { search: '', span: '30d', sort: '-events' }

function Judged({ verdicts }: { verdicts: Record<string, number> }) {
  const codes = Object.entries(verdicts).sort((a, b) => b[1] - a[1])
  const events = codes.reduce((n, [, v]) => n + v, 0)
  if (events === 0) return <span className="muted">none</span>
  const bad = codes.some(([code]) => verdictTone(code) === 'bad')
  return (
    <Pill tone={bad ? 'bad' : 'warn'} title={codes.map(([code, n]) => `${verdictLabel(code)}: ${count(n)}`).join(', ')}>
      {compact(events)}
    </Pill>
  )
}

const columns: Column<TrackEvent>[] = [
  { id: 'name', label: 'Track Event', width: 'minmax(0, 2fr)', sort: 'name', cell: (e) => e.name },
  { id: 'events', label: 'Events', width: '86px', num: true, sort: 'events', cell: (e) => compact(e.events) },
  { id: 'visitors', label: 'Visitors', width: '86px', num: true, sort: 'visitors', cell: (e) => compact(e.visitors) },
  { id: 'accounts', label: 'Accounts', width: '86px', num: true, sort: 'accounts', wide: true, cell: (e) => compact(e.accounts) },
  { id: 'without', label: 'No account', width: '100px', num: true, sort: 'withoutAccount', wide: true, cell: (e) => <span style={e.withoutAccount > 0 ? { color: 'var(--warn)' } : { color: 'var(--muted)' }}>{share(e.withoutAccount, e.events)}</span> },
  { id: 'verdicts', label: 'Verdicts', width: '80px', wide: true, cell: (e) => <Judged verdicts={e.verdicts} /> },
  { id: 'series', label: '30 days', width: '116px', wide: true, cell: (e) => <Spark values={e.series} label={`Events a day, at most ${compact(Math.max(0, ...e.series))}`} /> },
  { id: 'last', label: 'Last seen', width: '92px', sort: 'lastSeen', wide: true, cell: (e) => <Ago at={e.lastSeen} /> },
]

/** The Track Events of an app. */
export function TrackEvents() {
  const [state, set] = useUrlState(defaults)
  return (
    <AppPage active="events" full actions={<SpanPick value={state.span} onChange={(span) => set({ span })} />}>
      {(app) => <Content key={app.slug} app={app} state={state} set={set} />}
    </AppPage>
  )
}

type State = { [K in keyof typeof defaults]: string }

function Content({ app, state, set }: { app: App; state: State; set: (changes: Partial<State>) => void }) {
  const query = () => ({ ...spanQuery(state.span, Date.now()), search: state.search, sort: state.sort })
  const list = useTableOfApp<TrackEvent>(app.slug, ['track-events'], query, state)
  const base = appBase(app.slug)
  return (
    <div className={styles.page}>
      <div className={styles.filters}>
        <Search value={state.search} onSearch={(search) => set({ search })} label="Search Track Events" className={styles.search} maw={420} />
        <span className="grow" />
        <CsvButton app={app.slug} parts={['track-events']} query={query()} />
      </div>
      <PagedTable
        list={list}
        label="Track Events"
        columns={columns}
        idOf={(e) => e.name}
        to={(e) => `${base}/events/${encodeURIComponent(e.name)}${state.span === '30d' ? '' : `?span=${state.span}`}`}
        sort={state.sort}
        onSort={(sort) => set({ sort })}
        foot={(n) => plural(n, 'Track Event')}
        empty={
          <Empty icon={<IconBolt size={30} stroke={1.4} />} title={state.search === '' ? 'No Track Event in this time' : 'No Track Event of such a name in this time'} action={state.search === '' && <Link to={base}>Where to send to</Link>}>
            {state.search === '' ? 'A track call that names an event and a visitor becomes one, at once.' : 'The search looks at parts of names. A longer time may have it.'}
          </Empty>
        }
      />
    </div>
  )
}
