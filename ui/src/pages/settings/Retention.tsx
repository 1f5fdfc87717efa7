import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'

import { client, type Schemas, unwrap } from '../../api/client'
import { type Source, useApps, useSources } from '../../api/workspace'
import { bytes, count, duration, fullTime, plural, share } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Ago, Card, Pill, type Tone } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { ruleText } from './retention'
import { ChangeApp, ChangeSource } from './RetentionForms'
import styles from './Settings.module.css'
import { SettingsFrame } from './SettingsFrame'

const againMillis = 10_000
const monthsMax = 84 // of an app that says nothing
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
  const can = useCanChange()
  const sources = useSources()
  const apps = useApps()
  const server = useQuery({ queryKey: ['server'], queryFn: async () => (await unwrap(client.GET('/api/server'))).data })
  const flags = server.data?.settings.filter((s) => flagNames.includes(s.name)) ?? []
  return (
    <SettingsFrame active="retention">
      <div className="stack">
        {log.data?.alarms.map((a) => <p key={a} className={styles.alarm} role="alert">{a}</p>)}
        <Card title="Kept by source" aside={<span className="muted tiny">what some mapping has not settled is never removed for its age</span>} pad={false}>
          <Loaded query={log}>
            {(l) => (l.sources.length === 0 && (sources.data ?? []).length === 0 ? <Empty title="There is no source yet" action={<Link to="/sources/new">Add a source</Link>}>What comes in for it is kept as long as the server says, or as it says itself.</Empty> : <Kept kept={withAll(l.sources, sources.data ?? [])} known={sources.data ?? []} flags={flags} can={can} />)}
          </Loaded>
        </Card>
        <div className="halves">
          <Card title="For every source that says nothing else" pad={false}>
            <table className="grid">
              <tbody>{flags.map((f) => <tr key={f.name}><td className="mono">--{f.name}</td><td className="num mono">{flagValue(f)}</td></tr>)}</tbody>
            </table>
          </Card>
          <Card title="Apps" aside={<span className="muted tiny">84 months, unless they say otherwise</span>} pad={false}>
            <Loaded query={apps}>
              {(all) => all.length === 0 ? <Empty title="There is no app yet" /> : (
                <table className="grid">
                  <tbody>
                    {all.map((a) => (
                      <tr key={a.slug}>
                        <td><Link to={`/apps/${a.slug}`} style={{ fontWeight: 550, color: 'var(--text)' }}>{a.name}</Link></td>
                        <td className="num muted">{plural(a.retention?.months || monthsMax, 'month')}</td>
                        {can && <td className="num" style={{ width: 90 }}><ChangeApp app={a} /></td>}
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
            </Loaded>
          </Card>
        </div>
        <p className="muted small text">Flags are given to <code>penstock serve</code>, and hold for every source that says nothing else. {can ? 'What a source or an app says of itself comes before them.' : 'Your role may look, and not change anything.'}</p>
      </div>
    </SettingsFrame>
  )
}

function flagValue(f: Schemas['SettingInfo']): string {
  if (f.value === '' || f.value === '0') return 'no limit'
  return f.name.endsWith('-bytes') ? bytes(Number(f.value)) : f.value
}

const nothing = { seconds: 0, bytes: 0, share: 0, state: 'fine' } as const

/** What is kept of every source, of those too that nothing has come in for. */
function withAll(kept: Schemas['KeptSource'][], known: Source[]): Schemas['KeptSource'][] {
  return [...kept, ...known.filter((s) => !kept.some((k) => k.source === s.slug)).map((s) => ({ source: s.slug, bytes: 0, removed: 0, backlog: nothing }))]
}

function Kept({ kept, known, flags, can }: { kept: Schemas['KeptSource'][]; known: Source[]; flags: Schemas['SettingInfo'][]; can: boolean }) {
  const bySlug = new Map(known.map((s) => [s.slug, s]))
  return (
    <div className="scroll-x" tabIndex={0}>
      <Grid style={{ whiteSpace: 'nowrap' }}>
        <thead><tr><th>Source</th><th>Reaches back to</th><th className="num">Kept</th><th className="num">Removed</th><th>Rule</th><th>Backlog</th><th className="num">Of its room</th><th style={{ width: 110 }}><span className="sr">As a bar</span></th>{can && <th><span className="sr">Actions</span></th>}</tr></thead>
        <tbody>
          {kept.map((s) => {
            const source = bySlug.get(s.source)
            const state = states[s.backlog.state]
            return (
              <tr key={s.source}>
                <td>{source === undefined ? <span className="muted mono" title="It was deleted">{s.source}</span> : <Link to={`/sources/${s.source}`} style={{ fontWeight: 550, color: 'var(--text)' }}>{source.name}</Link>}</td>
                <td>{s.since === undefined ? <span className="muted">nothing yet</span> : <span title={fullTime(s.since)}><Ago at={s.since} /></span>}</td>
                <td className="num">{bytes(s.bytes)}</td>
                <td className="num">{count(s.removed)}</td>
                <td className="muted">{ruleText(source?.retention)}</td>
                <td><span className="row"><Pill tone={state.tone} dot title={state.title}>{state.label}</Pill>{s.backlog.bytes > 0 && <span className="muted tiny">{bytes(s.backlog.bytes)}, oldest {duration(s.backlog.seconds * 1000)}</span>}</span></td>
                <td className="num">{share(s.backlog.share, 1)}</td>
                <td><span className={styles.meter} data-tone={state.tone} aria-hidden><span style={{ width: `${Math.min(100, s.backlog.share * 100)}%` }} /></span></td>
                {can && <td className="num">{source !== undefined && <ChangeSource source={source} flags={flags} />}</td>}
              </tr>
            )
          })}
        </tbody>
      </Grid>
    </div>
  )
}
