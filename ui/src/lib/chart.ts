/** Points of a chart, one for each step, in the order of time; each has a number for every series. */
export type Row = { at: number } & Record<string, number>

interface Point {
  at: string
  [key: string]: unknown
}

/** Lays points out over all steps of a time; steps of which nothing is known have zeros. */
export function fillSteps<P extends Point>(points: P[], since: number, until: number, stepSeconds: number, series: string[], place: (point: P) => [series: string, value: number][]): Row[] {
  const step = stepSeconds * 1000
  const rows = new Map<number, Row>()
  for (let at = since; at < until; at += step) rows.set(at, Object.assign({ at }, Object.fromEntries(series.map((s) => [s, 0]))))
  for (const point of points) {
    const row = rows.get(since + Math.floor((Date.parse(point.at) - since) / step) * step)
    if (row === undefined) continue
    for (const [name, value] of place(point)) row[name] = (row[name] ?? 0) + value
  }
  return [...rows.values()]
}

/** The time that a chart shows: it begins at a step, so that a chart that is drawn anew does not wobble. */
export function chartSpan(rangeMillis: number, stepSeconds: number, now: number): { since: number; until: number } {
  const step = stepSeconds * 1000
  const until = Math.ceil(now / step) * step
  return { since: until - Math.ceil(rangeMillis / step) * step, until }
}

/** What stands under a point: hours where the chart is of a day or so, days where it is longer. */
export function tick(at: number, rangeMillis: number): string {
  const date = new Date(at)
  if (rangeMillis > 3 * 86_400_000) return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
