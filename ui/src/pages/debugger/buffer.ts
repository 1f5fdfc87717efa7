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

/** Counts what came in the last seconds. */
export class Meter {
  private readonly marks: { at: number; n: number }[] = []

  add(n: number, at: number): void {
    this.marks.push({ at, n })
  }

  /** Events in a second, over the last two. */
  rate(now: number): number {
    while (this.marks.length > 0 && (this.marks[0]?.at ?? 0) < now - 2000) this.marks.shift()
    return this.marks.reduce((sum, m) => sum + m.n, 0) / 2
  }
}
