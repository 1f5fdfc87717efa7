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

/** A step, in seconds, that cuts a range into 48 to 90 pieces of a length that people know. */
export function stepOf(range: string): number {
  const seconds = rangeMillis(range) / 1000
  return [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].find((step) => seconds / step <= 90) ?? 86_400
}
