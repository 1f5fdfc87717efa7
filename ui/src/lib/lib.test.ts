import { describe, expect, it } from 'vitest'

import { chartSpan, fillSteps } from './chart'
import { ago, bytes, compact, duration, plural, rate, share, slugOf } from './format'
import { rangeMillis, stepOf } from './range'
import { readState, writeState } from './url'

describe('numbers', () => {
  it('are short', () => {
    expect([compact(9999), compact(12_345), bytes(999), bytes(12_300), duration(12), duration(3_900_000)]).toEqual(['9,999', '12.3K', '999 B', '12.3 KB', '12 ms', '1 h 5 min'])
    expect([rate(0), rate(0.05), rate(4.25), rate(2000)]).toEqual(['0/s', '3.0/min', '4.3/s', '2,000/s'])
    expect([plural(1, 'event'), plural(1200, 'event'), share(1, 4), share(0, 0)]).toEqual(['1 event', '1,200 events', '25%', '–'])
  })
})

describe('times', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')
  it('are told from now', () => {
    expect(['2026-01-02T03:04:04Z', '2026-01-02T03:03:25Z', '2026-01-02T01:00:00Z', '2025-12-30T03:04:05Z', '2026-01-02T03:14:05Z'].map((at) => ago(at, now))).toEqual(['just now', '40 s ago', '2 h ago', '3 days ago', 'in 10 min'])
  })
})

describe('a slug', () => {
  it('is made of a name', () => {
    expect([slugOf('Pendo Track Events'), slugOf('  Café (EU) '), slugOf('!')]).toEqual(['pendo-track-events', 'cafe-eu', ''])
  })
})

describe('a page in its address', () => {
  const defaults = { text: '', range: '7d' }
  it('is read with what goes without saying', () => {
    expect(readState(new URLSearchParams('text=a%20b&other=1'), defaults)).toEqual({ text: 'a b', range: '7d' })
  })
  it('is written without it, and leaves the rest alone', () => {
    expect(writeState(new URLSearchParams('other=1&text=x'), defaults, { text: '', range: '1h' }).toString()).toBe('other=1&range=1h')
    expect(writeState(new URLSearchParams('range=1h'), defaults, { range: '7d' }).toString()).toBe('')
  })
  it('comes back as it was', () => {
    const state = { text: 'a&b=c ü', range: '24h' }
    expect(readState(new URLSearchParams(writeState(new URLSearchParams(), defaults, state).toString()), defaults)).toEqual(state)
  })
})

describe('a range', () => {
  it('has a length, and steps that a chart can show', () => {
    expect([rangeMillis('1h'), rangeMillis('30d'), rangeMillis('nonsense')]).toEqual([3_600_000, 2_592_000_000, 86_400_000])
    for (const range of ['1h', '24h', '7d', '30d']) {
      const steps = rangeMillis(range) / 1000 / stepOf(range)
      expect(steps).toBeGreaterThanOrEqual(24)
      expect(steps).toBeLessThanOrEqual(90)
    }
  })
})

describe('a chart', () => {
  it('has every step of its time', () => {
    const points = [{ at: '1970-01-01T00:00:10Z', n: 2 }, { at: '1970-01-01T00:00:19Z', n: 3 }, { at: '1970-01-01T00:00:59Z', n: 9 }]
    const rows = fillSteps(points, 0, 30_000, 10, ['n'], (p) => [['n', p.n]])
    expect(rows).toEqual([{ at: 0, n: 0 }, { at: 10_000, n: 5 }, { at: 20_000, n: 0 }])
  })
  it('begins at a step', () => {
    expect(chartSpan(3_600_000, 60, 7_230_500)).toEqual({ since: 3_660_000, until: 7_260_000 })
  })
})
