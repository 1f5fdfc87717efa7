import { describe, expect, it } from 'vitest'

import { appPath, type Received } from '../../api/analytics'
import { exploreQuery, type Explore, readExplore, writeExplore } from './explore'
import { dashed, isRight, regions, testCalls, undashed, webhookUrl } from './regions'
import { idOf, inFront, positionOf } from './rows'
import { beside, everyDay, groupRows } from './series'
import { typesLabel, valueLabel } from './words'

const key = '0123456789abcdef0123456789abcdef'

describe('an app', () => {
  it('has a key with and without dashes', () => {
    expect(dashed(key)).toBe('01234567-89ab-cdef-0123-456789abcdef')
    expect(undashed(dashed(key.toUpperCase()))).toBe(key)
  })
  it('is right in its own region, and everywhere when it has none', () => {
    expect(regions.filter((r) => isRight('eu', r.id)).map((r) => r.host)).toEqual(['data.eu.pendo.io'])
    expect(regions.filter((r) => isRight(undefined, r.id))).toHaveLength(regions.length)
  })
  it('has calls with nothing to fill in but the secret', () => {
    const calls = testCalls('https://events.example.com', dashed(key))
    expect(calls[0]?.code).toContain(webhookUrl('https://events.example.com', key))
    for (const { code } of calls) {
      const body = (/--data-raw '([\s\S]*)'$/.exec(code)?.[1] ?? '').replace(/'\$\(date[^)]*\)'/g, '1700000000')
      expect(JSON.parse(body)).toMatchObject({ type: 'track', event: 'Example Event Name' })
    }
  })
  it('has addresses in which names may hold anything', () => {
    expect(appPath('acme', ['track-events', 'A / B?'], { from: undefined, search: '', limit: 5, event: ['x', 'y & z'] })).toBe('/api/apps/acme/track-events/A%20%2F%20B%3F?limit=5&event=x&event=y+%26+z')
  })
})

describe('the explorer', () => {
  const asked: Explore = {
    events: ['Paid', 'A & B'], measure: 'visitors', by: 'property:plan', interval: 'week', span: '90d', limit: '20', chart: 'bar',
    filters: [{ field: 'property:url', op: 'contains', value: 'https://x:1/is:not' }, { field: 'account', op: 'set', value: '' }],
  }
  it('stands in the address as a whole', () => {
    expect(readExplore(new URLSearchParams(writeExplore(asked).toString()))).toEqual(asked)
  })
  it('leaves out what goes without saying', () => {
    expect(writeExplore(readExplore(new URLSearchParams())).toString()).toBe('')
  })
  it('asks with filters that are filled in alone', () => {
    const query = exploreQuery({ ...asked, filters: [...asked.filters, { field: '', op: 'is', value: 'x' }, { field: 'via', op: 'is', value: '' }] }, Date.parse('2026-01-31T12:00:00Z'))
    expect(query).toMatchObject({ event: ['Paid', 'A & B'], groupBy: 'property:plan', filter: ['property:url:contains:https://x:1/is:not', 'account:set'], from: '2025-11-03T00:00:00.000Z' })
  })
  it('lays groups beside each other, whatever they are called', () => {
    const at = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'] as const
    expect(groupRows([{ group: 'at', total: 3, series: [{ at: at[1], value: 3 }] }, { group: '', total: 5, series: [{ at: at[0], value: 4 }, { at: at[1], value: 1 }] }])).toEqual([
      { at: Date.parse(at[0]), g0: 0, g1: 4 },
      { at: Date.parse(at[1]), g0: 3, g1: 1 },
    ])
  })
  it('compares with the time before, step by step', () => {
    const point = (at: string, events: number) => ({ at, events, visitors: 0, accounts: 0 })
    expect(beside([point('2026-01-02T00:00:00Z', 2), point('2026-01-03T00:00:00Z', 3)], [point('2025-12-31T00:00:00Z', 7)], 'events').map((r) => [r['now'], r['before']])).toEqual([[2, 7], [3, 0]])
  })
})

describe('days', () => {
  it('are all there, those of which nothing is told as well', () => {
    const days = everyDay([{ day: '2026-01-02', events: 5 }], Date.parse('2026-01-01T13:00:00Z'), Date.parse('2026-01-03T09:00:00Z'))
    expect(days.map((d) => [new Date(d.at).toISOString().slice(0, 10), d.events])).toEqual([['2026-01-01', 0], ['2026-01-02', 5], ['2026-01-03', 0]])
  })
})

describe('raw events', () => {
  const row = (position: string, element = 0) => ({ position, element }) as Received
  it('are put in front, newest first, each once', () => {
    const listed = [row('9.0'), row('8.0')]
    expect(inFront(listed, [row('9.0'), row('10.0'), row('10.0', 1), row('10.0', 1)]).map(idOf)).toEqual(['10.0.1', '10.0.0', '9.0.0', '8.0.0'])
    expect(inFront(listed, [row('8.0')])).toBe(listed)
  })
  it('are found by their place', () => {
    expect(positionOf(idOf(row('613.2', 4)))).toBe('613.2')
    expect(positionOf('')).toBe('')
  })
})

describe('values', () => {
  it('are shown as people read them', () => {
    expect([null, '', 'pro', '25', 25, true, ['a']].map(valueLabel)).toEqual(['not set', '(empty text)', 'pro', '25', '25', 'true', '["a"]'])
    expect(typesLabel({ string: 1, number: 999 })).toBe('number 100%, string 1%')
    expect(typesLabel({ string: 4 })).toBe('string')
  })
})
