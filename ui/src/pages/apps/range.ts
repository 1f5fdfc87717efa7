import { rangeMillis } from '../../lib/range'

/** The beginning of a range that ends now, to the minute, so that the same question is asked again. */
export function since(range: string, now = Date.now()): string {
  return new Date(Math.floor((now - rangeMillis(range)) / 60_000) * 60_000).toISOString()
}

/** The change from a number to another, in words. */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? 'as before' : 'none before'
  const percent = Math.round(((now - before) / before) * 100)
  return percent === 0 ? 'as before' : `${percent > 0 ? '+' : ''}${percent}% to the time before`
}
