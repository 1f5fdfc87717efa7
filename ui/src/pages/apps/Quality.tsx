import { SegmentedControl } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'

import { type Coverage, type DictionaryField, type DictionaryProperty, type QualityVerdict, useAnalytics, useAnalyticsList } from '../../api/analytics'
import { compact, plural, share } from '../../lib/format'
import { ranges } from '../../lib/range'
import { useUrlState } from '../../lib/url'
import { Spark } from '../../parts/LazyChart'
import { Search } from '../../parts/Search'
import { Ago, Card, Pill } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { AppFrame, Csv } from './AppFrame'
import { More } from './More'
import { since } from './range'

const qualityDefaults = { range: '30d' }

/** What is wrong with what an app receives, and what to do. */
export function Quality() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(qualityDefaults)
  const verdicts = useAnalytics<QualityVerdict[]>(app, 'quality/verdicts', { from: since(state.range) })
  const coverage = useAnalytics<Coverage[]>(app, 'quality/coverage', { from: since(state.range) })
  return (
    <AppFrame app={app} active="quality" actions={<SegmentedControl aria-label="Time" data={ranges} value={state.range} onChange={(range) => set({ range })} />}>
      <div className="stack">
        <Card title="Findings" pad={false}>
          {verdicts.error !== null ? <ProblemBox error={verdicts.error} /> : verdicts.data === undefined ? <Bones rows={5} /> : verdicts.data.length === 0 ? <Empty icon={<IconCircleCheck size={28} stroke={1.4} />} title="Nothing to find fault with">Every event that was received had what it needs.</Empty> : (
            <ul className="list">
              {verdicts.data.map((v) => (
                <li key={v.code} className="item" style={{ alignItems: 'flex-start', flexWrap: 'wrap' }}>
                  <span style={{ flex: '1 1 240px', minWidth: 0 }}>
                    <span className="row wrap"><Pill tone="warn">{v.code.replaceAll('_', ' ')}</Pill><strong className="small">{plural(v.events, 'event')}</strong></span>
                    <span className="small" style={{ display: 'block', marginTop: 4 }}>{v.message}</span>
                    {v.mend !== undefined && <span className="muted small">{v.mend}</span>}
                  </span>
                  <Spark values={(v.series ?? []).map((p) => p.events)} label="Events a day" />
                  <Link className="small" to={`/apps/${app}/raw?verdict=${v.code}`}>Show them</Link>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Account coverage" aside={<Csv app={app} path="quality/coverage" query={{ from: since(state.range) }} name="coverage" />} pad={false}>
          {coverage.data === undefined ? <Bones rows={4} /> : (
            <div className="scroll-x" tabIndex={0}>
              <table className="grid">
                <thead><tr><th>Track Event</th><th className="num">Events</th><th className="num">Without account</th><th className="num">Without visitor</th><th className="num">With account</th></tr></thead>
                <tbody>
                  {coverage.data.map((c) => (
                    <tr key={c.name}>
                      <td><Link to={`/apps/${app}/events/${encodeURIComponent(c.name)}`}>{c.name}</Link></td>
                      <td className="num">{compact(c.events)}</td>
                      <td className="num">{compact(c.withoutAccount)}</td>
                      <td className="num">{compact(c.withoutVisitor)}</td>
                      <td className="num"><Pill tone={c.share < 0.95 ? 'warn' : 'ok'}>{share(c.share, 1)}</Pill></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Card>
      </div>
    </AppFrame>
  )
}

const dictionaryDefaults = { q: '', kind: 'properties' }

/** Every property, and every field of metadata, that was seen. */
export function Dictionary() {
  const { app = '' } = useParams()
  const [state, set] = useUrlState(dictionaryDefaults)
  return (
    <AppFrame app={app} active="dictionary" actions={<Csv app={app} path={state.kind === 'properties' ? 'dictionary/properties' : 'dictionary/metadata'} query={{ search: state.q, ...(state.kind === 'properties' ? {} : { kind: state.kind }) }} name={`dictionary-${state.kind}`} />}>
      <div className="stack">
        <div className="row wrap">
          <Search value={state.q} onSearch={(q) => set({ q })} label="Search the dictionary" className="grow" maw={420} />
          <SegmentedControl aria-label="Of" value={state.kind} onChange={(kind) => set({ kind })} data={[{ value: 'properties', label: 'Event properties' }, { value: 'visitor', label: 'Visitor metadata' }, { value: 'account', label: 'Account metadata' }]} />
        </div>
        {state.kind === 'properties' ? <Properties app={app} q={state.q} /> : <Metadata app={app} q={state.q} kind={state.kind} />}
      </div>
    </AppFrame>
  )
}

function Properties({ app, q }: { app: string; q: string }) {
  const list = useAnalyticsList<DictionaryProperty>(app, 'dictionary/properties', { search: q })
  const rows = list.data?.pages.flatMap((p) => p.data) ?? []
  if (list.error !== null && rows.length === 0) return <ProblemBox error={list.error} />
  if (list.isPending) return <Bones rows={6} />
  if (rows.length === 0) return <Empty title="No property was seen">The properties of track calls are listed here.</Empty>
  return (
    <>
      <div className="card scroll-x" tabIndex={0}>
        <table className="grid">
          <thead><tr><th>Property</th><th>Track Event</th><th>Types</th><th className="num">Filled</th><th className="num">Values</th><th>Examples</th></tr></thead>
          <tbody>
            {rows.map((p) => (
              <tr key={`${p.event} ${p.key}`}>
                <td><span className="mono">{p.key}</span> {p.problem !== undefined && p.problem !== '' && <Pill tone="warn">{p.problem.replaceAll('_', ' ')}</Pill>}</td>
                <td><Link to={`/apps/${app}/events/${encodeURIComponent(p.event)}?property=${encodeURIComponent(p.key)}`}>{p.event}</Link></td>
                <td className="muted">{Object.keys(p.types ?? {}).join(', ')}</td>
                <td className="num">{share(p.fill, 1)}</td>
                <td className="num">{compact(p.cardinality)}</td>
                <td className="mono muted">{(p.examples ?? []).slice(0, 3).join(', ').slice(0, 60)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More list={list} />
    </>
  )
}

function Metadata({ app, q, kind }: { app: string; q: string; kind: string }) {
  const list = useAnalytics<DictionaryField[]>(app, 'dictionary/metadata', { search: q, kind })
  if (list.error !== null) return <ProblemBox error={list.error} />
  if (list.data === undefined) return <Bones rows={6} />
  if (list.data.length === 0) return <Empty title="No metadata was seen">The traits of {kind === 'visitor' ? 'Identify' : 'Group'} calls are listed here.</Empty>
  return (
    <div className="card scroll-x" tabIndex={0}>
      <table className="grid">
        <thead><tr><th>Field</th><th>Group</th><th>Types</th><th className="num">Have it</th><th className="num">Values</th><th>Example</th><th>Last</th></tr></thead>
        <tbody>
          {list.data.map((f) => (
            <tr key={`${f.group} ${f.field}`}>
              <td><span className="mono">{f.field}</span> {(f.collisions ?? []).map((c) => <Pill key={c} tone="warn">{c} clash</Pill>)}</td>
              <td className="muted">{f.group}</td>
              <td className="muted">{Object.keys(f.types ?? {}).join(', ')}</td>
              <td className="num">{compact(f.holders)}</td>
              <td className="num">{compact(f.distinct)}</td>
              <td className="mono muted">{JSON.stringify(f.example)?.slice(0, 40)}</td>
              <td className="muted"><Ago at={f.lastSeen} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
