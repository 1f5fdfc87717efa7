import { describe, expect, it } from 'vitest'

import { differences } from './changes'
import { dayLabel, moved, spanQuery } from './days'

describe('a span', () => {
  const now = Date.parse('2026-03-10T15:04:05Z')
  it('of days begins with a day of UTC, today being the last', () => {
    expect(spanQuery('7d', now)).toEqual({ from: '2026-03-04T00:00:00.000Z' })
  })
  it('of hours begins with a minute', () => {
    expect(spanQuery('24h', now)).toEqual({ from: '2026-03-09T15:04:00.000Z' })
  })
  it('of all has no beginning', () => {
    expect(spanQuery('all', now)).toEqual({})
  })
})

describe('days', () => {
  it('are those of UTC', () => {
    expect(dayLabel('2026-03-10T00:00:00Z')).toBe('10 Mar')
  })
  it('are compared where there is something to compare with', () => {
    expect(moved(150, 100)).toBe(0.5)
    expect(moved(1, 0)).toBeUndefined()
  })
})

describe('differences', () => {
  it('are told member by member', () => {
    expect(differences({ name: 'a', deep: { on: true, gone: 1 }, list: [1, 2] }, { name: 'b', deep: { on: true }, list: [1, 3] })).toEqual([
      { path: 'deep.gone', before: 1, after: undefined },
      { path: 'list', before: [1, 2], after: [1, 3] },
      { path: 'name', before: 'a', after: 'b' },
    ])
  })
  it('are none where all is the same', () => {
    expect(differences({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toEqual([])
  })
})
