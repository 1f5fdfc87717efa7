import type { Entry } from './entry'

export interface Limits {
  rows: number
  chars: number // of the texts that are held
}

export const defaultLimits: Limits = { rows: 100_000, chars: 96_000_000 }

/**
 * Holds the newest entries, oldest first, and gives the oldest away when it is full. It only grows at its end: a view of it stays true while it is
 * looked at. What it gave away is on the log, and can be searched for there.
 */
export class TailBuffer {
  private entries: Entry[] = []
  private start = 0 // of what is held, within entries
  private chars = 0
  private readonly limits: Limits
  /** Entries that were taken since the beginning; the newest has the number total - 1. */
  total = 0
  /** How many of them were given away. */
  dropped = 0

  constructor(limits: Limits = defaultLimits) {
    this.limits = limits
  }

  get size(): number {
    return this.entries.length - this.start
  }

  push(more: Entry[]): void {
    for (const entry of more) {
      this.entries.push(entry)
      this.chars += entry.text.length
    }
    this.total += more.length
    while (this.size > this.limits.rows || (this.chars > this.limits.chars && this.size > 1)) {
      this.chars -= this.entries[this.start]?.text.length ?? 0
      this.start++
      this.dropped++
    }
    if (this.start > 10_000 && this.start > this.entries.length / 2) {
      this.entries = this.entries.slice(this.start)
      this.start = 0
    }
  }

  clear(): void {
    this.entries = []
    this.start = 0
    this.chars = 0
  }

  /** The entries before a number, newest first, that are wanted. */
  view(before: number, wanted: (entry: Entry) => boolean): Entry[] {
    const out: Entry[] = []
    const first = this.total - this.size
    for (let n = Math.min(before, this.total) - 1; n >= first; n--) {
      const entry = this.entries[this.start + n - first]
      if (entry !== undefined && wanted(entry)) out.push(entry)
    }
    return out
  }
}

/**
 * Counts what went by undrawn: where more comes between two drawings than the window has room for, only the newest of it is drawn. What was there when
 * the page was opened, or a filter was set, did not go by.
 */
export class Passed {
  private newest: Entry | undefined
  private drawn = 0 // rows, from the newest on
  private more = 0 // that came with the newest and were not drawn
  count = 0

  /** Counts from the newest row that is there now; undefined: none is. */
  constructor(newest?: Entry) {
    this.newest = newest
  }

  /** Takes the rows, newest first, of which the first so many are drawn, and tells whether the count is another. What lies up to the sequence since does not count. */
  draw(rows: Entry[], drawn: number, since: number): boolean {
    const first = rows[0]
    if (first === undefined) return false
    const was = this.count
    if (first === this.newest) {
      const after = Math.min(this.more, Math.max(0, drawn - this.drawn)) // the window has grown
      this.more -= after
      this.count -= after
      this.drawn = Math.max(this.drawn, drawn)
      return this.count !== was
    }
    const had = this.newest === undefined ? -1 : rows.indexOf(this.newest)
    const end = had < 0 ? rows.length : had
    this.more = 0
    for (let i = drawn; i < end && sequence(rows[i]) > since; i++) this.more++
    this.newest = first
    this.drawn = drawn
    this.count += this.more
    return this.count !== was
  }
}

/** Where a row lies on the log. */
const sequence = (row: Entry | undefined) => parseInt(row?.position ?? '', 10)

const meterMillis = 2000

/** Tells how many events come in, by when they were received: what was there before counts for its own time. */
export class Meter {
  private received: number[] = []
  private newest = 0
  private arrivedAt = 0

  /** Takes the times of what came in (ms), and when it got here by our own clock. */
  add(receivedAt: number[], now: number): void {
    for (const at of receivedAt) if (at > this.newest) this.newest = at
    this.received = this.received.concat(receivedAt).filter((at) => at > this.newest - meterMillis)
    this.arrivedAt = now
  }

  /** Events in a second, over the last two. */
  rate(now: number): number {
    return now - this.arrivedAt > meterMillis + 500 ? 0 : this.received.length / (meterMillis / 1000)
  }
}
