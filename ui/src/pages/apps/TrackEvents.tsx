import { SegmentedControl } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { Link, useNavigate, useParams } from 'react-router'

import { type TrackEvent, useAnalyticsList } from '../../api/analytics'
import { compact, share } from '../../lib/format'
import { ranges } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { Spark } from '../../parts/LazyChart'
import { Search } from '../../parts/Search'
import { Ago, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { AppFrame, Csv } from './AppFrame'
import { More } from './More'
import { since } from './range'

const defaults = { q: '', range: '30d', sort: '-events' }

/** The Track Events that an app has received. */
export function TrackEvents() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(defaults)
  const query = { search: state.q, sort: state.sort, from: since(state.range) }
  const list = useAnalyticsList<TrackEvent>(app, 'track-events', query)
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  const navigate = useNavigate()
  const head = (field: string, label: string, num = true) => {
    const active = state.sort.replace('-', '') === field
    return (
      <th className={num ? 'num' : undefined} aria-sort={active ? (state.sort.startsWith('-') ? 'descending' : 'ascending') : undefined}>
        <button type="button" className="plain" onClick={() => set({ sort: state.sort === `-${field}` ? field : `-${field}` })}>
          {label} {active ? (state.sort.startsWith('-') ? '↓' : '↑') : ''}
        </button>
      </th>
    )
  }
  return (
    <AppFrame app={app} active="events" actions={<Csv app={app} path="track-events" query={query} name="track-events" />}>
      <div className="stack">
        <div className="row wrap">
          <Search value={state.q} onSearch={(q) => set({ q })} label="Search Track Events" className="grow" maw={420} />
          <SegmentedControl aria-label="Time" data={ranges} value={state.range} onChange={(range) => set({ range })} />
        </div>
        {list.error !== null && rows.length === 0 ? (
          <ProblemBox error={list.error} retry={() => void list.refetch()} />
        ) : list.isPending ? (
          <div className="card"><Bones rows={8} /></div>
        ) : rows.length === 0 ? (
          <div className="card">
            <Empty icon={<IconChartBar size={28} stroke={1.4} />} title={state.q === '' ? 'No Track Event in this time' : `None is called “${state.q}”`}>A Track Event appears here as soon as the first track call is received for this app; nothing has to be tagged.</Empty>
          </div>
        ) : (
          <div className="card scroll-x" tabIndex={0}>
            <table className="grid">
              <thead>
                <tr>
                  {head('name', 'Name', false)}
                  {head('events', 'Events')}
                  {head('visitors', 'Visitors')}
                  {head('accounts', 'Accounts')}
                  {head('withoutAccount', 'Without account')}
                  <th>Last 30 days</th>
                  {head('lastSeen', 'Last', false)}
                </tr>
              </thead>
              <tbody>
                {rows.map((e) => {
                  const to = `/apps/${app}/events/${encodeURIComponent(e.name)}`
                  return (
                    <tr key={e.name} data-link onClick={() => void navigate(to)}>
                      <td>
                        <Link to={to} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(x) => x.stopPropagation()}>
                          {e.name}
                        </Link>
                      </td>
                      <td className="num">{compact(e.events)}</td>
                      <td className="num">{compact(e.visitors)}</td>
                      <td className="num">{compact(e.accounts)}</td>
                      <td className="num">{(e.withoutAccount ?? 0) === 0 ? <span className="muted">none</span> : <Pill tone="warn">{share(e.withoutAccount, e.events)}</Pill>}</td>
                      <td><Spark values={e.series ?? []} label="Events a day in the last 30 days" /></td>
                      <td className="muted"><Ago at={e.lastSeen} /></td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
        <More list={list} />
      </div>
    </AppFrame>
  )
}
