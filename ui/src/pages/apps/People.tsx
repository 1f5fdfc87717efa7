import { Select, Switch } from '@mantine/core'
import { IconBuilding, IconUsers } from '@tabler/icons-react'
import { Link, useNavigate, useParams } from 'react-router'

import { type AccountRow, useAnalyticsList, type VisitorRow } from '../../api/analytics'
import { compact, count } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Search } from '../../parts/Search'
import { Ago, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { AppFrame, Csv } from './AppFrame'
import { More } from './More'

const visitorDefaults = { q: '', account: '', frequency: '', anonymous: '', sort: '-lastSeen' }

/** The visitors of an app. */
export function Visitors() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(visitorDefaults)
  const query = { search: state.q, account: state.account, frequency: state.frequency, ...(state.anonymous === '' ? {} : { anonymous: 'true' }), sort: state.sort }
  const list = useAnalyticsList<VisitorRow>(app, 'visitors', query)
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  const total = list.data?.pages[0]?.total
  const navigate = useNavigate()
  return (
    <AppFrame app={app} active="visitors" actions={<Csv app={app} path="visitors" query={query} name="visitors" />}>
      <div className="stack">
        <div className="row wrap">
          <Search value={state.q} onSearch={(q) => set({ q })} label="Search visitors" className="grow" maw={420} />
          <Select aria-label="Frequency" placeholder="Any frequency" clearable w={150} data={[{ value: 'low', label: 'Low: 1–4 days' }, { value: 'medium', label: 'Medium: 5–12' }, { value: 'high', label: 'High: 13+' }]} value={state.frequency || null} onChange={(v) => set({ frequency: v ?? '' })} />
          <Switch label="Anonymous only" checked={state.anonymous !== ''} onChange={(e) => set({ anonymous: e.currentTarget.checked ? '1' : '' })} />
          {total !== undefined && <span className="muted small">{count(total)} visitors</span>}
        </div>
        {list.error !== null && rows.length === 0 ? <ProblemBox error={list.error} retry={() => void list.refetch()} /> : (
          <div className="card scroll-x" tabIndex={0}>
            {list.isPending ? <Bones rows={8} /> : rows.length === 0 ? <Empty icon={<IconUsers size={28} stroke={1.4} />} title="No visitor">A visitor is the userId of an event that this app received.</Empty> : (
              <table className="grid">
                <thead><tr><th>Visitor ID</th><th>Accounts</th><th className="num">Track Events</th><th className="num">Active days</th><th>First</th><th>Last</th></tr></thead>
                <tbody>
                  {rows.map((v) => {
                    const to = `/apps/${app}/visitors/${encodeURIComponent(v.id)}`
                    return (
                      <tr key={v.id} data-link onClick={() => void navigate(to)}>
                        <td><Link to={to} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>{v.id}</Link> {v.anonymous && <Pill tone="idle">anonymous</Pill>} {v.excluded && <Pill tone="warn">excluded</Pill>}</td>
                        <td className="muted">{(v.accounts ?? []).slice(0, 3).join(', ') || 'none'}</td>
                        <td className="num">{compact(v.events)}</td>
                        <td className="num">{v.activeDays}</td>
                        <td className="muted"><Ago at={v.firstSeen} /></td>
                        <td className="muted"><Ago at={v.lastSeen} /></td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            )}
          </div>
        )}
        <More list={list} />
      </div>
    </AppFrame>
  )
}

const accountDefaults = { q: '', sort: '-lastSeen' }

/** The accounts of an app. */
export function Accounts() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(accountDefaults)
  const query = { search: state.q, sort: state.sort }
  const list = useAnalyticsList<AccountRow>(app, 'accounts', query)
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  const total = list.data?.pages[0]?.total
  const navigate = useNavigate()
  return (
    <AppFrame app={app} active="accounts" actions={<Csv app={app} path="accounts" query={query} name="accounts" />}>
      <div className="stack">
        <div className="row wrap">
          <Search value={state.q} onSearch={(q) => set({ q })} label="Search accounts" className="grow" maw={420} />
          {total !== undefined && <span className="muted small">{count(total)} accounts</span>}
        </div>
        {list.error !== null && rows.length === 0 ? <ProblemBox error={list.error} retry={() => void list.refetch()} /> : (
          <div className="card scroll-x" tabIndex={0}>
            {list.isPending ? <Bones rows={8} /> : rows.length === 0 ? <Empty icon={<IconBuilding size={28} stroke={1.4} />} title="No account">An account is the groupId of an event, at its top level or in its properties.</Empty> : (
              <table className="grid">
                <thead><tr><th>Account ID</th><th className="num">Visitors</th><th className="num">Track Events</th><th>First</th><th>Last</th></tr></thead>
                <tbody>
                  {rows.map((a) => {
                    const to = `/apps/${app}/accounts/${encodeURIComponent(a.id)}`
                    return (
                      <tr key={a.id} data-link onClick={() => void navigate(to)}>
                        <td><Link to={to} style={{ color: 'var(--text)', fontWeight: 550 }} onClick={(e) => e.stopPropagation()}>{a.id}</Link> {a.parent !== undefined && a.parent !== '' && <span className="muted tiny">of {a.parent}</span>}</td>
                        <td className="num">{compact(a.visitors)}</td>
                        <td className="num">{compact(a.events)}</td>
                        <td className="muted"><Ago at={a.firstSeen} /></td>
                        <td className="muted"><Ago at={a.lastSeen} /></td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            )}
          </div>
        )}
        <More list={list} />
      </div>
    </AppFrame>
  )
}
