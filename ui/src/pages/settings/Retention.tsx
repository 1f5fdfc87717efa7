import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'

import { client, type Schemas, unwrap } from '../../api/client'
import { bytes, count, duration, fullTime, share } from '../../lib/format'
import { Ago, Card, Pill, type Tone } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import styles from './Settings.module.css'
import { SettingsFrame } from './SettingsFrame'

const againMillis = 10_000
const flagNames = ['retention-days', 'retention-bytes', 'backlog-hours', 'backlog-bytes', 'duplicate-window']

const states: Record<Schemas['Backlog']['state'], { label: string; tone: Tone; title: string }> = {
  fine: { label: 'fine', tone: 'ok', title: 'There is room.' },
  half: { label: 'half full', tone: 'warn', title: 'A mapping does not settle its events: look at its destination.' },
  nearlyFull: { label: 'nearly full', tone: 'bad', title: 'Soon new events are refused, or old ones discarded.' },
  full: { label: 'full', tone: 'bad', title: 'New events are answered 503 until there is room.' },
  discarding: { label: 'discarding', tone: 'bad', title: 'The oldest events that wait are discarded, and counted so.' },
}

/** How long events are kept, and what holds them. */
export function Retention() {
  const log = useQuery({ queryKey: ['log'], refetchInterval: againMillis, queryFn: async () => (await unwrap(client.GET('/api/log'))).data })
  const file = useQuery({ queryKey: ['workspaceFile', 'json'], queryFn: async () => (await unwrap(client.GET('/api/workspace', { params: { query: { format: 'json' } } }))) as unknown as Schemas['File'] })
  const server = useQuery({ queryKey: ['server'], queryFn: async () => (await unwrap(client.GET('/api/server'))).data })
  const own = new Map((file.data?.sources ?? []).map((s) => [s.slug, s.retention]))
  const flags = server.data?.settings.filter((s) => flagNames.includes(s.name)) ?? []
  return (
    <SettingsFrame active="retention">
      <div className="stack">
        {log.data?.alarms.map((a) => <p key={a} className={styles.alarm} role="alert">{a}</p>)}
        <Card title="Kept by source" aside={<span className="muted tiny">what some mapping has not settled is never removed for its age</span>} pad={false}>
          <Loaded query={log}>
            {(l) => (l.sources.length === 0 ? <Empty title="There is no source yet" /> : <Kept sources={l.sources} own={own} />)}
          </Loaded>
        </Card>
        <div className="halves">
          <Card title="For every source that says nothing else" pad={false}>
            <table className="grid">
              <tbody>{flags.map((f) => <tr key={f.name}><td className="mono">--{f.name}</td><td className="num mono">{flagValue(f)}</td></tr>)}</tbody>
            </table>
          </Card>
          <Card title="Apps" aside={<span className="muted tiny">84 months, unless they say otherwise</span>} pad={false}>
            {(file.data?.apps ?? []).length === 0 ? <Empty title="There is no app yet" /> : (
              <table className="grid">
                <tbody>{(file.data?.apps ?? []).map((a) => <tr key={a.slug}><td><Link to={`/apps/${a.slug}`}>{a.name}</Link></td><td className="num muted">{a.retention?.months ? `${a.retention.months} months` : '84 months'}</td></tr>)}</tbody>
              </table>
            )}
          </Card>
        </div>
        <p className="muted small text">Flags are given to <code>penstock serve</code>. A source or an app that is to be kept otherwise says so in the workspace file, as <code>retention</code>: <Link to="/settings/workspace">export it, change it, apply it</Link>.</p>
      </div>
    </SettingsFrame>
  )
}

function flagValue(f: Schemas['SettingInfo']): string {
  if (f.value === '' || f.value === '0') return 'no limit'
  return f.name.endsWith('-bytes') ? bytes(Number(f.value)) : f.value
}

function ownRule(r: Schemas['Retention'] | undefined): string {
  if (r === undefined) return 'as the server'
  return [r.days && `${r.days} days`, r.bytes && bytes(r.bytes), r.backlogHours && `backlog ${r.backlogHours} h`, r.backlogBytes && `backlog ${bytes(r.backlogBytes)}`, r.whenFull].filter(Boolean).join(', ') || 'as the server'
}

function Kept({ sources, own }: { sources: Schemas['KeptSource'][]; own: Map<string, Schemas['Retention'] | undefined> }) {
  return (
    <div className="scroll-x" tabIndex={0}>
      <table className="grid" style={{ whiteSpace: 'nowrap' }}>
        <thead><tr><th>Source</th><th>Reaches back to</th><th className="num">Kept</th><th className="num">Removed</th><th>Rule</th><th>Backlog</th><th className="num">Of its room</th><th style={{ width: 110 }}><span className="sr">As a bar</span></th></tr></thead>
        <tbody>
          {sources.map((s) => {
            const state = states[s.backlog.state]
            return (
              <tr key={s.source}>
                <td><Link to={`/sources/${s.source}`} style={{ fontWeight: 550, color: 'var(--text)' }}>{s.source}</Link></td>
                <td>{s.since === undefined ? <span className="muted">nothing yet</span> : <span title={fullTime(s.since)}><Ago at={s.since} /></span>}</td>
                <td className="num">{bytes(s.bytes)}</td>
                <td className="num">{count(s.removed)}</td>
                <td className="muted">{ownRule(own.get(s.source))}</td>
                <td><span className="row"><Pill tone={state.tone} dot title={state.title}>{state.label}</Pill>{s.backlog.bytes > 0 && <span className="muted tiny">{bytes(s.backlog.bytes)}, oldest {duration(s.backlog.seconds * 1000)}</span>}</span></td>
                <td className="num">{share(s.backlog.share, 1)}</td>
                <td><span className={styles.meter} data-tone={state.tone} aria-hidden><span style={{ width: `${Math.min(100, s.backlog.share * 100)}%` }} /></span></td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
