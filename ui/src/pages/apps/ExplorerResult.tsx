import { useMemo } from 'react'
import { Link } from 'react-router'

import type { ExploreGroup, Explored } from '../../api/analytics'
import { dayTitle, spanMillis } from '../../lib/days'
import { compact, count, fullTime, plural, share } from '../../lib/format'
import { LazyChart } from '../../parts/LazyChart'
import { type Column, LongTable } from '../../parts/LongTable'
import { Empty } from '../../parts/states'
import styles from './apps.module.css'
import { appBase } from './AppPage'
import { type Explore, fieldLabel, measures } from './explore'
import { groupRows, palette } from './series'
import { Swatch } from './Swatch'

const chartHeight = 320

/** The answer to what the explorer asked. */
export function ExplorerResult({ app, explore: e, explored }: { app: string; explore: Explore; explored: Explored }) {
  const measure = measures.find((m) => m.value === e.measure)?.label ?? e.measure
  const groups = explored.groups
  if (groups.length === 0 || groups.every((g) => g.total === 0)) return <Empty title="No event answers this">A longer time, or a filter less, may find some.</Empty>
  const total = e.interval === 'total'
  return (
    <>
      {!total && e.chart === 'table' ? <Steps explore={e} groups={groups} measure={measure} /> : null}
      {!total && e.chart !== 'table' ? (
        <div style={{ padding: 16 }}>
          <Drawn explore={e} groups={groups} measure={measure} />
        </div>
      ) : null}
      <Groups app={app} explore={e} explored={explored} measure={measure} />
    </>
  )
}

function groupLabel(e: Explore, group: string, measure: string): string {
  return e.by === '' ? measure : group === '' ? 'none' : group
}

function Drawn({ explore: e, groups, measure }: { explore: Explore; groups: ExploreGroup[]; measure: string }) {
  const shown = groups.slice(0, palette.length)
  const rows = useMemo(() => groupRows(shown), [groups]) // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <LazyChart
      kind={e.chart === 'bar' ? 'bars' : 'lines'}
      label={measure}
      rows={rows}
      series={shown.map((g, i) => ({ name: `g${i}`, label: groupLabel(e, g.group, measure), color: palette[i] ?? 'gray.5' }))}
      rangeMillis={spanMillis(e.span) || Infinity}
      days={e.interval !== 'hour'}
      height={chartHeight}
      legend={false}
      told={shown.map((g) => `${groupLabel(e, g.group, measure)} ${count(g.total)}`).join(', ')}
    />
  )
}

const plainFields = ['visitor', 'account', 'event']

function Groups({ app, explore: e, explored, measure }: { app: string; explore: Explore; explored: Explored; measure: string }) {
  const most = Math.max(...explored.groups.map((g) => g.total))
  const sum = explored.groups.reduce((n, g) => n + g.total, 0)
  const additive = e.measure === 'events'
  return (
    <div className="scroll-x" style={{ borderTop: '1px solid var(--line)' }}>
      <table className="grid">
        <thead>
          <tr>
            <th>{e.by === '' ? 'All' : fieldLabel(e.by)}</th>
            <th className="num">{measure}</th>
            {additive && <th className="num">Share</th>}
          </tr>
        </thead>
        <tbody>
          {explored.groups.map((g, i) => (
            <tr key={g.group}>
              <td style={{ width: '60%' }}>
                <span className={styles.bar} style={{ '--share': `${(g.total / most) * 100}%` } as React.CSSProperties}>
                  {e.by !== '' && e.interval !== 'total' && e.chart !== 'table' && <Swatch color={palette[i]} />}
                  {plainFields.includes(e.by) && g.group !== '' ? <Link to={`${appBase(app)}/${e.by}s/${encodeURIComponent(g.group)}`}>{g.group}</Link> : <span className={g.group === '' && e.by !== '' ? 'muted' : undefined}>{groupLabel(e, g.group, measure)}</span>}
                </span>
              </td>
              <td className="num">{Number.isInteger(g.total) ? count(g.total) : g.total.toFixed(2)}</td>
              {additive && <td className="num">{share(g.total, sum)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {explored.otherGroups > 0 && <p className="muted tiny" style={{ padding: '8px 16px' }}>{plural(explored.otherGroups, 'smaller group is', 'smaller groups are')} left out.</p>}
    </div>
  )
}

type Step = { at: number } & Record<string, number>

function Steps({ explore: e, groups, measure }: { explore: Explore; groups: ExploreGroup[]; measure: string }) {
  const rows = useMemo(() => groupRows(groups).reverse(), [groups])
  const columns: Column<Step>[] = [
    { id: 'at', label: e.interval === 'hour' ? 'Hour' : 'From (UTC)', width: '190px', cell: (r) => (e.interval === 'hour' ? fullTime(r.at) : dayTitle(r.at)) },
    ...groups.map((g, i): Column<Step> => ({ id: `g${i}`, label: groupLabel(e, g.group, measure), width: 'minmax(70px, 1fr)', num: true, wide: i > 1, cell: (r) => compact(r[`g${i}`] ?? 0) })),
  ]
  return (
    <div style={{ height: 380, display: 'flex', padding: 16 }}>
      <LongTable label="By step" columns={columns} rows={rows} idOf={(r) => String(r.at)} rowHeight={32} foot={plural(rows.length, 'step')} />
    </div>
  )
}
