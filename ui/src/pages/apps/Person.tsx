import { Link, useParams } from 'react-router'

import { type AccountDetail, type PersonDetail, useAnalytics, useAnalyticsList, type VisitorDetail, type VisitorRow } from '../../api/analytics'
import { chartSpan, fillSteps, type Row } from '../../lib/chart'
import { compact, count } from '../../lib/format'
import { LazyChart } from '../../parts/LazyChart'
import { Ago, Card, Pill, Tile } from '../../parts/small'
import { Bones, Loaded } from '../../parts/states'
import { AppFrame } from './AppFrame'

const daySeconds = 86_400
const activityMillis = 90 * daySeconds * 1000

/** One visitor: who it is, what it did. */
export function Visitor() {
  const { app = '', id = '' } = useParams()
  const visitor = useAnalytics<VisitorDetail>(app, `visitors/${encodeURIComponent(id)}`)
  return (
    <AppFrame app={app} active="visitors" title={id} crumbs={[{ label: 'Visitors', to: `/apps/${app}/visitors` }]} badge={visitor.data?.anonymous === true ? <Pill tone="idle">anonymous</Pill> : undefined}>
      <Loaded query={visitor}>
        {(v) => (
          <div className="stack">
            {v.mergedInto !== undefined && v.mergedInto !== '' && <p className="small">This anonymous id belongs to <Link to={`/apps/${app}/visitors/${encodeURIComponent(v.mergedInto)}`}>{v.mergedInto}</Link>.</p>}
            <div className="tiles">
              <Tile label="Track Events" value={compact(v.events)} note={`${count(v.trackEvents?.length ?? 0)} different ones`} />
              <Tile label="Active days" value={v.activeDays ?? '–'} note={v.frequency ? `of the last 30: ${v.frequency}` : 'of the last 30'} />
              <Tile label="First seen" value={<span style={{ fontSize: '1rem' }}><Ago at={v.firstSeen} /></span>} note=" " />
              <Tile label="Last seen" value={<span style={{ fontSize: '1rem' }}><Ago at={v.lastSeen} /></span>} note={<Link to={`/apps/${app}/raw?visitor=${encodeURIComponent(id)}`}>Raw events</Link>} />
            </div>
            <Person app={app} person={v} />
            <div className="halves">
              <Card title="Accounts" pad={false}>
                {(v.accounts ?? []).length === 0 ? <p className="muted small" style={{ padding: 16 }}>None: its events came without a groupId that counts.</p> : (
                  <ul className="list">
                    {v.accounts.map((a, i) => <li key={a}><Link className="item" to={`/apps/${app}/accounts/${encodeURIComponent(a)}`}><span className="grow clip">{a}</span>{i === 0 && v.accounts.length > 1 && <Pill tone="idle">last</Pill>}</Link></li>)}
                  </ul>
                )}
              </Card>
              {(v.aliases ?? []).length > 0 && (
                <Card title="Merged anonymous ids" pad={false}>
                  <ul className="list">{v.aliases.map((a) => <li key={a.id} className="item"><span className="mono clip grow">{a.id}</span><span className="muted tiny"><Ago at={a.at} /></span></li>)}</ul>
                </Card>
              )}
            </div>
          </div>
        )}
      </Loaded>
    </AppFrame>
  )
}

/** One account: its visitors, what they did. */
export function Account() {
  const { app = '', id = '' } = useParams()
  const account = useAnalytics<AccountDetail>(app, `accounts/${encodeURIComponent(id)}`)
  const visitors = useAnalyticsList<VisitorRow>(app, 'visitors', { account: id, limit: 20 })
  return (
    <AppFrame app={app} active="accounts" title={id} crumbs={[{ label: 'Accounts', to: `/apps/${app}/accounts` }]}>
      <Loaded query={account}>
        {(a) => (
          <div className="stack">
            <div className="tiles">
              <Tile label="Visitors" value={compact(a.visitors)} note=" " />
              <Tile label="Track Events" value={compact(a.events)} note={`${count(a.trackEvents?.length ?? 0)} different ones`} />
              <Tile label="Without this account" value={compact(a.visitorsWithout ?? 0)} tone={(a.visitorsWithout ?? 0) > 0 ? 'warn' : undefined} note="events of its visitors that came without one" />
              <Tile label="Last seen" value={<span style={{ fontSize: '1rem' }}><Ago at={a.lastSeen} /></span>} note={<Link to={`/apps/${app}/raw?account=${encodeURIComponent(id)}`}>Raw events</Link>} />
            </div>
            <Person app={app} person={a} />
            <Card title="Visitors" aside={<Link className="small" to={`/apps/${app}/visitors?account=${encodeURIComponent(id)}`}>All</Link>} pad={false}>
              {visitors.data === undefined ? <Bones rows={3} /> : (
                <ul className="list">
                  {visitors.data.pages.flatMap((p) => p.data).map((v) => <li key={v.id}><Link className="item" to={`/apps/${app}/visitors/${encodeURIComponent(v.id)}`}><span className="grow clip">{v.id}</span><span className="muted tiny">{compact(v.events)} events</span><span className="muted tiny"><Ago at={v.lastSeen} /></span></Link></li>)}
                </ul>
              )}
            </Card>
          </div>
        )}
      </Loaded>
    </AppFrame>
  )
}

/** The last 90 days, those on which nothing happened as well. */
function activity(person: PersonDetail): Row[] {
  const { since, until } = chartSpan(activityMillis, daySeconds, Date.now())
  return fillSteps((person.activity ?? []).map((d) => ({ at: d.day, events: d.events })), since, until, daySeconds, ['events'], (d) => [['events', d.events]])
}

function Person({ app, person }: { app: string; person: PersonDetail }) {
  const groups = Object.entries(person.metadata ?? {}).filter(([, fields]) => fields.length > 0)
  return (
    <>
      <Card title="Activity" aside={<span className="muted tiny">the last 90 days</span>}>
        <LazyChart label="Track Events a day" height={160} rows={activity(person)} series={[{ name: 'events', label: 'Track Events', color: 'water.6' }]} rangeMillis={activityMillis} />
      </Card>
      <div className="halves">
        <Card title="Track Events" pad={false}>
          {(person.trackEvents ?? []).length === 0 ? <p className="muted small" style={{ padding: 16 }}>None.</p> : (
            <ul className="list">
              {person.trackEvents.map((e) => <li key={e.name}><Link className="item" to={`/apps/${app}/events/${encodeURIComponent(e.name)}`}><span className="grow clip">{e.name}</span><strong className="small">{compact(e.events)}</strong><span className="muted tiny"><Ago at={e.lastSeen} /></span></Link></li>)}
            </ul>
          )}
        </Card>
        <Card title="Metadata" pad={false}>
          {groups.length === 0 ? <p className="muted small" style={{ padding: 16 }}>None. The traits of Identify and Group calls are shown here.</p> : groups.map(([group, fields]) => (
            <details key={group} open style={{ padding: '10px 16px', borderBottom: '1px solid var(--line)' }}>
              <summary className="small" style={{ cursor: 'pointer', fontWeight: 550 }}>{group}</summary>
              <dl className="facts" style={{ marginTop: 8 }}>
                {fields.map((f) => <div key={f.field} style={{ display: 'contents' }}><dt className="mono">{f.field}</dt><dd title={`from ${f.source}, ${f.at}`}>{typeof f.value === 'string' ? f.value : JSON.stringify(f.value)}</dd></div>)}
              </dl>
            </details>
          ))}
        </Card>
      </div>
    </>
  )
}
