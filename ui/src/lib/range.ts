/** The times that charts and lists offer, the newest end being now. */
export const ranges = [
  { value: '1h', label: '1 h' },
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
]

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** How long a range is; what is no range is a day. */
export function rangeMillis(range: string): number {
  const m = /^(\d+)([mhd])$/.exec(range)
  return m === null ? 86_400_000 : Number(m[1]) * (units[m[2] ?? 'd'] ?? 0)
}

/** The value of ranges' own choice, of which both ends are given. */
export const between = 'between'

/** What is asked for: since and until, each an instant or nothing. A range ends now. */
export function spanOf(range: string, from: string, to: string, now: number): { since?: string; until?: string } {
  if (range !== between) return { since: new Date(now - rangeMillis(range)).toISOString() }
  return { ...(from !== '' && { since: from }), ...(to !== '' && { until: to }) }
}

/** An instant as a field for date and time has it, in the time of who looks; nothing for what is no instant. */
export function toField(instant: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** The instant that such a field says, which means the same in every link; nothing for an empty field. */
export function fromField(field: string): string {
  const at = new Date(field)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

/** A step, in seconds, that cuts a range into 48 to 90 pieces of a length that people know. */
export function stepOf(range: string): number {
  const seconds = rangeMillis(range) / 1000
  return [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].find((step) => seconds / step <= 90) ?? 86_400
}
