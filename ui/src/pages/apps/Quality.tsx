import { Select } from '@mantine/core'
import { Link } from 'react-router'

import { type Coverage, type IdShape, type TrackEvent, useOfApp, type VerdictCount } from '../../api/analytics'
import type { App } from '../../api/workspace'
import type { Row } from '../../lib/chart'
import { spanMillis, spanQuery } from '../../lib/days'
import { compact, count, plural, share } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { useUrlState } from '../../lib/url'
import { Grid } from '../../parts/Grid'
import { LazyChart, Spark } from '../../parts/LazyChart'
import { Card, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import styles from './apps.module.css'
import { appBase, AppPage, SpanPick } from './AppPage'
import { CsvButton } from './Csv'
import { Meter } from './Properties'
import { everyDay, palette } from './series'
import { Swatch } from './Swatch'
import { verdictLabel, VerdictPill } from './words'

const defaults = { span: '30d', event: '' }
const chartedMax = 6 // verdicts that are drawn; the table has all

/** How good the data of an app is: what the receiver found, where accounts are missing, of what shape ids are. */
export function Quality() {
  const [state, set] = useUrlState(defaults)
  return (
    <AppPage active="quality" actions={<SpanPick value={state.span} onChange={(span) => set({ span })} all={false} />}>
      {(app) => (
        <div className="stack" key={app.slug}>
          <Verdicts app={app} span={state.span} event={state.event} onEvent={(event) => set({ event })} />
          <CoverageCard app={app} span={state.span} />
          <Shapes app={app} />
        </div>
      )}
    </AppPage>
  )
}

/** What is counted, day by day of a span, under the code of each verdict. */
function days(verdicts: { code: string; days: { at: number; events: number }[] }[]): Row[] {
  return (verdicts[0]?.days ?? []).map(({ at }, i) => Object.assign({ at }, Object.fromEntries(verdicts.map((v) => [v.code, v.days[i]?.events ?? 0]))) as Row)
}

function Verdicts({ app, span, event, onEvent }: { app: App; span: string; event: string; onEvent: (event: string) => void }) {
  const query = () => ({ ...spanQuery(span, Date.now()), event })
  const verdicts = useOfApp<VerdictCount[]>(app.slug, ['quality', 'verdicts'], query, [span, event])
  const names = useOfApp<TrackEvent[]>(app.slug, ['track-events'], () => ({ limit: 200, sort: '-events' }), 'quality')
  const options = withChosen((names.data ?? []).map((e) => e.name), event)
  return (
    <Card
      title="Verdicts"
      aside={
        <span className="row wrap">
          <Select aria-label="Track Event" placeholder="All Track Events" clearable searchable data={options} value={event || null} onChange={(v) => onEvent(v ?? '')} w={220} />
          <CsvButton app={app.slug} parts={['quality', 'verdicts']} query={query()} />
        </span>
      }
      pad={false}
    >
      <Loaded query={verdicts}>
        {(all) => {
          const now = Date.now()
          const from = Date.parse(spanQuery(span, now).from ?? '') || now
          const found = all.filter((v) => v.events > 0).sort((a, b) => b.events - a.events).map((v) => ({ ...v, days: everyDay(v.series, from, now) }))
          if (found.length === 0) return <Empty title="Nothing to mend">No call of this time has a verdict: all of them came as they should.</Empty>
          const charted = found.slice(0, chartedMax)
          return (
            <>
              <div style={{ padding: 16 }}>
                <LazyChart label="Calls with a verdict, by day" rows={days(charted)} series={charted.map((v, i) => ({ name: v.code, label: verdictLabel(v.code), color: palette[i] ?? 'gray.5' }))} rangeMillis={spanMillis(span)} days legend={false} />
              </div>
              <div className="scroll-x" tabIndex={0}>
                <Grid>
                  <thead>
                    <tr><th>Verdict</th><th className="num">Calls</th><th>By day</th><th>What is the case, and how it is mended</th></tr>
                  </thead>
                  <tbody>
                    {found.map((v, i) => (
                      <tr key={v.code}>
                        <td style={{ whiteSpace: 'nowrap' }}><Swatch color={i < chartedMax ? palette[i] : undefined} /><Link to={`${appBase(app.slug)}/received?verdict=${v.code}${event === '' ? '' : `&event=${encodeURIComponent(event)}`}`}><VerdictPill verdict={v.code} /></Link></td>
                        <td className="num">{count(v.events)}</td>
                        <td style={{ width: 130 }}><Spark values={v.days.map((p) => p.events)} label={`${compact(v.events)} calls`} /></td>
                        <td style={{ minWidth: 260 }}>{v.message} <span className="muted">{v.mend}</span></td>
                      </tr>
                    ))}
                  </tbody>
                </Grid>
              </div>
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}

const coverageMax = 100

function CoverageCard({ app, span }: { app: App; span: string }) {
  const query = () => ({ ...spanQuery(span, Date.now()), sort: '-withoutAccount' })
  const coverage = useOfApp<Coverage[]>(app.slug, ['quality', 'coverage'], () => ({ ...query(), limit: coverageMax }), span)
  return (
    <Card title="Accounts by Track Event" aside={<CsvButton app={app.slug} parts={['quality', 'coverage']} query={query()} />} pad={false}>
      <Loaded query={coverage}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No Track Event in this time" />
          ) : (
            <div className="scroll-x" style={{ maxHeight: 420, overflowY: 'auto' }} tabIndex={0} role="region" aria-label="Accounts by Track Event">
              <Grid>
                <thead>
                  <tr><th>Track Event</th><th className="num">Events</th><th className="num">With an account</th><th style={{ width: 160 }}><span className="sr">As a bar</span></th><th className="num">Without</th><th className="num">No visitor</th></tr>
                </thead>
                <tbody>
                  {rows.map((c) => (
                    <tr key={c.name}>
                      <td><Link to={`${appBase(app.slug)}/events/${encodeURIComponent(c.name)}`}>{c.name}</Link></td>
                      <td className="num">{compact(c.events)}</td>
                      <td className="num">{share(c.share, 1)}</td>
                      <td><Meter share={c.share} tone={c.share < 0.95 ? 'warn' : 'ok'} /></td>
                      <td className="num">{c.withoutAccount === 0 ? <span className="muted">0</span> : <Link to={`${appBase(app.slug)}/received?event=${encodeURIComponent(c.name)}&verdict=no_account`}>{count(c.withoutAccount)}</Link>}</td>
                      <td className="num">{c.withoutVisitor === 0 ? <span className="muted">0</span> : count(c.withoutVisitor)}</td>
                    </tr>
                  ))}
                </tbody>
              </Grid>
              {rows.length === coverageMax && <p className="muted tiny" style={{ padding: '8px 16px' }}>The {plural(coverageMax, 'name')} with the most events without an account; CSV has all.</p>}
            </div>
          )
        }
      </Loaded>
    </Card>
  )
}

const shapeWords: Record<string, string> = { uuid: 'UUID', number: 'number', email: 'e-mail address', anonymous: 'anonymous', placeholder: 'placeholder', hex: 'hexadecimal', other: 'other text' }

function Shapes({ app }: { app: App }) {
  const shapes = useOfApp<IdShape[]>(app.slug, ['quality', 'ids'])
  return (
    <div className="halves">
      {(['visitor', 'account'] as const).map((kind) => (
        <Card key={kind} title={kind === 'visitor' ? 'Shapes of Visitor IDs' : 'Shapes of Account IDs'} pad={false}>
          <Loaded query={shapes}>
            {(all) => {
              const rows = all.filter((s) => s.kind === kind).sort((a, b) => b.ids - a.ids)
              const ids = rows.reduce((n, s) => n + s.ids, 0)
              if (rows.length === 0) return <Empty title="None was seen yet" />
              const real = rows.filter((s) => s.shape !== 'anonymous')
              return (
                <>
                  <div className="scroll-x" tabIndex={0}><table className="grid">
                    <thead>
                      <tr><th>Shape</th><th className="num">Ids</th><th className="num">Events</th><th>Such as</th></tr>
                    </thead>
                    <tbody>
                      {rows.map((s) => (
                        <tr key={s.shape}>
                          <td>
                            <span className={styles.bar} style={{ '--share': `${(s.ids / ids) * 100}%` } as React.CSSProperties}>
                              <span style={{ whiteSpace: 'nowrap' }}>{shapeWords[s.shape] ?? s.shape}</span> {s.shape === 'placeholder' && <Pill tone="bad" title="Everybody who has it becomes one">mend</Pill>}
                            </span>
                          </td>
                          <td className="num">{compact(s.ids)}</td>
                          <td className="num">{compact(s.events)}</td>
                          <td className="muted"><div className="clip" style={{ maxWidth: 180 }} title={s.example}>{s.example}</div></td>
                        </tr>
                      ))}
                    </tbody>
                  </table></div>
                  {real.length > 1 && <p className="tiny" style={{ padding: '8px 16px', color: 'var(--warn)' }}>More than one shape: the same {kind} may be known under two ids. Send one kind of id everywhere.</p>}
                </>
              )
            }}
          </Loaded>
        </Card>
      ))}
    </div>
  )
}
