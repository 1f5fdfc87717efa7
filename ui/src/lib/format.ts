const whole = new Intl.NumberFormat('en-US')
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 })

/** 12345 as 12,345. */
export function count(n: number): string {
  return whole.format(n)
}

/** 12345 as 12.3K. */
export function compact(n: number): string {
  return n < 10_000 ? whole.format(n) : short.format(n)
}

export function share(part: number, of: number): string {
  return of === 0 ? '–' : percent.format(part / of)
}

/** One event, two events. */
export function plural(n: number, one: string, many = one + 's'): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** Events in a second, as short as it may be. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0/s'
  if (perSecond < 0.1) return `${(perSecond * 60).toFixed(1)}/min`
  if (perSecond < 10) return `${perSecond.toFixed(1)}/s`
  return `${compact(Math.round(perSecond))}/s`
}

export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let at = 0
  while (n >= 1000 && at < units.length - 1) {
    n /= 1000
    at++
  }
  return `${at === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[at]}`
}

export function duration(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`
  if (millis < 3_600_000) return `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1000)} s`
  return `${Math.floor(millis / 3_600_000)} h ${Math.round((millis % 3_600_000) / 60_000)} min`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const full = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** The time of day, to the millisecond. */
export function timeOfDay(at: string | number | Date): string {
  return clock.format(new Date(at))
}

export function dayOf(at: string | number | Date): string {
  return day.format(new Date(at))
}

export function fullTime(at: string | number | Date): string {
  return full.format(new Date(at))
}

/** How long ago, in a word or two; now is given so that it can be tested. */
export function ago(at: string | number | Date, now: number): string {
  const seconds = Math.round((now - new Date(at).getTime()) / 1000)
  if (seconds < -60) return 'in ' + span(-seconds)
  if (seconds < 5) return 'just now'
  return span(seconds) + ' ago'
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return plural(Math.floor(seconds / 86_400), 'day')
}

/** A slug made of a name. */
export function slugOf(name: string): string {
  return name.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64)
}
