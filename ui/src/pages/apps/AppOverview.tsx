import { SegmentedControl } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'

import { type Coverage, type Explored, type Received, useOfApp } from '../../api/analytics'
import type { App } from '../../api/workspace'
import { spanMillis, spanQuery } from '../../lib/days'
import { compact, plural, share } from '../../lib/format'
import { Code } from '../../parts/Json'
import { LazyChart } from '../../parts/LazyChart'
import { Ago, Card, Copy, CopyField, OnOff, Pill, Tile } from '../../parts/small'
import { Empty } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage } from './AppPage'
import { dashed, isRight, regions, testCalls, undashed, webhookUrl } from './regions'
import { UnknownKeys } from './UnknownKeys'

const span = '24h'

/** One app: where to send to, and whether anything comes. */
export function AppOverview() {
  return <AppPage active="overview">{(app) => <Content app={app} />}</AppPage>
}

function useTotal(app: string, measure: string) {
  return useOfApp<Explored>(app, ['explore'], () => ({ measure, interval: 'total', ...spanQuery(span, Date.now()) }), `${measure} ${span}`).data?.groups.reduce((n, g) => n + g.total, 0)
}

function Content({ app }: { app: App }) {
  const base = appBase(app.slug)
  const last = useOfApp<Received[]>(app.slug, ['received'], () => ({ limit: 1 }), 'last')
  const hours = useOfApp<Explored>(app.slug, ['explore'], () => ({ measure: 'events', interval: 'hour', ...spanQuery(span, Date.now()) }), span)
  const coverage = useOfApp<Coverage[]>(app.slug, ['quality', 'coverage'], () => ({ limit: 1000, ...spanQuery(span, Date.now()) }), span)
  const visitors = useTotal(app.slug, 'visitors')
  const series = hours.data?.groups[0]?.series ?? []
  const events = hours.data?.groups.reduce((n, g) => n + g.total, 0)
  const all = coverage.data?.reduce((n, c) => n + c.events, 0) ?? 0
  const without = coverage.data?.reduce((n, c) => n + c.withoutAccount, 0) ?? 0
  const newest = last.data?.[0]
  return (
    <div className="stack">
      <div className="tiles">
        <Tile label="Last event seen" value={<span style={{ fontSize: '1rem' }}>{last.data === undefined ? '–' : <Ago at={newest?.receivedAt} />}</span>} note={newest ? <Link to={`${base}/received`}>{newest.event ?? newest.type}</Link> : 'Nothing came yet'} />
        <Tile label="Track Events, 24 h" value={events === undefined ? '–' : compact(events)} note={<Link to={`${base}/events`}>See them by name</Link>} />
        <Tile label="Visitors, 24 h" value={visitors === undefined ? '–' : compact(visitors)} note={<Link to={`${base}/visitors`}>See them all</Link>} />
        <Tile label="With an account, 24 h" value={coverage.data === undefined ? '–' : share(all - without, all)} tone={all > 0 && without / all > 0.05 ? 'warn' : undefined} note={all > 0 ? <Link to={`${base}/quality`}>{without === 0 ? 'none is missing' : `${plural(without, 'event')} without`}</Link> : 'of Track Events'} />
      </div>
      <div className="split">
        <div className="stack">
          <Card title="Track Events by hour" aside={<span className="muted tiny">the last 24 hours</span>}>
            {hours.data !== undefined && events === 0 ? (
              <Empty title="No Track Event in this time">Give the address below to a webhook, or paste the test call.</Empty>
            ) : (
              <LazyChart label="Track Events" rows={series.map((p) => ({ at: Date.parse(p.at), events: p.value }))} series={[{ name: 'events', label: 'Track Events', color: 'water.6' }]} rangeMillis={spanMillis(span)} height={180} />
            )}
          </Card>
          <Card title="Addresses" aside={<span className="muted tiny">what the URL of a webhook is set to</span>} pad={false}>
            <Addresses app={app} />
          </Card>
          <Card title="Send a test event">
            <TestCalls app={app} />
          </Card>
        </div>
        <div className="stack">
          <Card title="Key">
            <Keys app={app} />
          </Card>
          <Card title="Switches" aside={<Link className="small" to={`${base}/settings`}>Settings</Link>} pad={false}>
            <Switches app={app} />
          </Card>
        </div>
      </div>
      <Card title="Astray" aside={<span className="muted tiny text">what was meant for this app and did not reach it, since the server began · <Link to="/apps">all unknown keys</Link></span>} pad={false}>
        <UnknownKeys app={app.slug} />
      </Card>
    </div>
  )
}

function Keys({ app }: { app: App }) {
  return (
    <div className="stack tight">
      <dl className="facts" style={{ gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <dt>As it stands in addresses</dt>
        <dd><CopyField value={undashed(app.key)} label="Copy the key without dashes" /></dd>
        <dt>With dashes, which is the same key</dt>
        <dd><CopyField value={dashed(app.key)} label="Copy the key with dashes" /></dd>
        {app.oldKeys.length > 0 && (
          <>
            <dt>Old keys, still taken</dt>
            {app.oldKeys.map((key) => (
              <dd key={key}><CopyField value={undashed(key)} label="Copy the old key" /></dd>
            ))}
          </>
        )}
      </dl>
      <p className="muted small">The key is no secret: with it, anybody can send, and nobody can read.</p>
    </div>
  )
}

function Addresses({ app }: { app: App }) {
  const here = webhookUrl(window.location.origin, app.key)
  return (
    <table className={`grid ${styles.addresses}`}>
      <tbody>
        <Address label="This server" url={here} right badge={<Pill tone="ok" dot>right</Pill>} />
        {regions.map((r) => {
          const right = isRight(app.region, r.id)
          const badge = app.region && (right ? <Pill tone="ok" dot title="The region of this app">right</Pill> : <Pill tone="idle" title="The key is not known in this region: what is sent here is lost at Pendo, and refused here">not of this app</Pill>)
          return <Address key={r.id} label={r.label} url={webhookUrl(`https://${r.host}`, app.key)} right={right} badge={badge} />
        })}
      </tbody>
    </table>
  )
}

function Address({ label, url, right, badge }: { label: string; url: string; right: boolean; badge: ReactNode }) {
  return (
    <tr>
      <td>
        {label}
        {badge && <div>{badge}</div>}
      </td>
      <td><code className={right ? undefined : 'muted'} title={url}>{url}</code></td>
      <td><Copy value={url} label={`Copy the address: ${label}`} /></td>
    </tr>
  )
}

function TestCalls({ app }: { app: App }) {
  const calls = testCalls(window.location.origin, app.key)
  const [id, setId] = useState('segmentio')
  const call = calls.find((c) => c.id === id)
  return (
    <div className="stack tight">
      <SegmentedControl aria-label="Way" data={calls.map((c) => ({ value: c.id, label: c.label }))} value={id} onChange={setId} style={{ alignSelf: 'flex-start' }} />
      {call && (
        <>
          <Code text={call.code} label="call" />
          <p className="muted small">
            {call.hint} It appears in <Link to={`${appBase(app.slug)}/received`}>Raw events</Link> at once.
          </p>
        </>
      )}
    </div>
  )
}

function Switches({ app }: { app: App }) {
  const all = [
    ['Anonymous visitors', app.anonymousVisitors],
    ['Segment identify', app.acceptIdentify],
    ['Segment group', app.acceptGroup],
    ['Account from context', app.accountFromContext],
    ['Signatures are checked', app.checkSignature],
  ] as const
  return (
    <ul className="list">
      {all.map(([label, on]) => (
        <li key={label} className="item small">
          <span className="grow">{label}</span>
          <OnOff on={on} />
        </li>
      ))}
    </ul>
  )
}
