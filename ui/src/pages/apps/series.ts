import type { ExploreGroup, Point } from '../../api/analytics'
import type { Row } from '../../lib/chart'

export type Count = 'events' | 'visitors' | 'accounts'

/** A count over time, beside that of the time before, step by step. */
export function beside(now: Point[], before: Point[], count: Count): Row[] {
  return now.map((point, i) => ({ at: Date.parse(point.at), now: point[count], before: before[i]?.[count] ?? 0 }))
}

/** Groups as the series of one chart; each is called g0, g1, ... since the names of groups may be anything. */
export function groupRows(groups: ExploreGroup[]): Row[] {
  const rows = new Map<number, Row>()
  const zeros = Object.fromEntries(groups.map((_, i) => [`g${i}`, 0]))
  groups.forEach((group, i) => {
    for (const { at, value } of group.series) {
      const when = Date.parse(at)
      let row = rows.get(when)
      if (row === undefined) rows.set(when, (row = { ...zeros, at: when } as Row))
      row[`g${i}`] = value
    }
  })
  return [...rows.values()].sort((a, b) => a.at - b.at)
}

const dayMillis = 86_400_000

/** The counts of every day (UTC) from one time to another; days of which nothing is told have none. */
export function everyDay(counted: { day: string; events: number }[], from: number, until: number): { at: number; events: number }[] {
  const known = new Map(counted.map((c) => [Date.parse(c.day), c.events]))
  const out = []
  for (let at = Math.floor(from / dayMillis) * dayMillis; at < until; at += dayMillis) out.push({ at, events: known.get(at) ?? 0 })
  return out
}

/** Colors of series that stand beside each other. */
export const palette = ['water.6', 'orange.5', 'teal.6', 'grape.5', 'pink.5', 'lime.7', 'cyan.6', 'violet.5', 'yellow.7', 'red.6']
