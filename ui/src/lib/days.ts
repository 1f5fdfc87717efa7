/** The times that the pages of the receiving side offer; the end is now. */
export const spans = [
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
  { value: '90d', label: '90 d' },
]

/** With all that there is. */
export const spansAndAll = [...spans, { value: 'all', label: 'All' }]

const minute = 60_000
const day = 24 * 60 * minute

/** The length of a span in ms; 0: from the beginning. */
export function spanMillis(span: string): number {
  const m = /^(\d+)([hd])$/.exec(span)
  return m === null ? 0 : Number(m[1]) * (m[2] === 'h' ? day / 24 : day)
}

/** From when on a span reaches, for a query: of days whole ones (UTC), today among them; nothing for all. */
export function spanQuery(span: string, now: number): { from?: string } {
  const millis = spanMillis(span)
  if (millis === 0) return {}
  const from = millis <= day ? Math.floor((now - millis) / minute) * minute : Math.floor(now / day) * day - millis + day
  return { from: new Date(from).toISOString() }
}

/** How a number has moved since the time before, as a share; undefined where there was none. */
export function moved(now: number, before: number): number | undefined {
  return before === 0 ? undefined : (now - before) / before
}

const utcDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const utcFull = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

/** A day of the server's, which are days of UTC. */
export function dayLabel(at: number | string): string {
  return utcDay.format(new Date(at))
}

export function dayTitle(at: number | string): string {
  return utcFull.format(new Date(at))
}
