import { describe, expect, it } from 'vitest'

import { MessageReader } from '../../api/sse'
import { Meter, Passed, TailBuffer } from './buffer'
import { type Entry, entryOf, matches, notesOf, sideOf } from './entry'
import { prettyCall } from './pretty'

function entry(n: number, over: Partial<Entry> = {}): Entry {
  return { kind: 'event', position: `${n}.0`, receivedAt: '', source: 's', type: 'track', name: `n${n}`, user: '', account: '', side: 'server', messageId: '', library: '', duplicate: false, notes: 0, text: 'x'.repeat(10), ...over }
}

describe('server-sent events', () => {
  const stream = ': quiet\n\nevent: event\nid: 1.0\ndata: {"a":1}\n\nevent: rejected\nid: 1.1\ndata: one\ndata: two\n\n'
  it('are read whole, wherever the pieces end', () => {
    const whole = new MessageReader().push(stream)
    expect(whole).toEqual([{ event: 'event', id: '1.0', data: '{"a":1}' }, { event: 'rejected', id: '1.1', data: 'one\ntwo' }])
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new MessageReader()
      expect([...reader.push(stream.slice(0, cut)), ...reader.push(stream.slice(cut))]).toEqual(whole)
    }
  })
})

describe('the buffer', () => {
  it('shows the newest first, and only what is wanted', () => {
    const buffer = new TailBuffer()
    buffer.push([1, 2, 3, 4].map((n) => entry(n)))
    expect(buffer.view(buffer.total, (e) => e.name !== 'n3').map((e) => e.name)).toEqual(['n4', 'n2', 'n1'])
  })
  it('holds a hundred thousand rows, gives the oldest away, and counts them', () => {
    const buffer = new TailBuffer()
    for (let i = 0; i < 130; i++) buffer.push(Array.from({ length: 1000 }, (_, n) => entry(i * 1000 + n)))
    expect([buffer.size, buffer.dropped, buffer.total]).toEqual([100_000, 30_000, 130_000])
    const all = buffer.view(buffer.total, () => true)
    expect([all.length, all[0]?.name, all.at(-1)?.name]).toEqual([100_000, 'n129999', 'n30000'])
  })
  it('is bounded by the text that it holds, too', () => {
    const buffer = new TailBuffer({ rows: 1000, chars: 35 })
    buffer.push([1, 2, 3, 4, 5].map((n) => entry(n)))
    expect(buffer.view(buffer.total, () => true).map((e) => e.name)).toEqual(['n5', 'n4', 'n3'])
  })
  it('keeps a view that is held, while more comes in', () => {
    const buffer = new TailBuffer()
    buffer.push([entry(1), entry(2)])
    const held = buffer.total
    buffer.push([entry(3)])
    expect(buffer.view(held, () => true).map((e) => e.name)).toEqual(['n2', 'n1'])
  })
  it('is empty after it was cleared', () => {
    const buffer = new TailBuffer()
    buffer.push([entry(1)])
    buffer.clear()
    buffer.push([entry(2)])
    expect(buffer.view(buffer.total, () => true).map((e) => e.name)).toEqual(['n2'])
  })
})

describe('what went by', () => {
  const newestOf = (n: number) => Array.from({ length: n }, (_, i) => entries[n - 1 - i] as Entry)
  const entries = Array.from({ length: 3000 }, (_, n) => entry(n))
  it('is what came between two drawings, and the window had no room for', () => {
    const passed = new Passed()
    expect(passed.draw(newestOf(500), 40, -1)).toBe(true)
    expect(passed.draw(newestOf(500), 40, -1)).toBe(false) // drawn again, and nothing came
    expect(passed.draw(newestOf(530), 40, -1)).toBe(false)
    expect(passed.draw(newestOf(1030), 40, -1)).toBe(true)
    expect(passed.count).toBe(460 + 0 + 460)
  })
  it('is nothing of what was there before', () => {
    const passed = new Passed()
    passed.draw(newestOf(600), 40, Infinity)
    passed.draw(newestOf(1100), 40, 999)
    expect(passed.count).toBe(60)
    passed.draw(newestOf(1200), 40, 999)
    expect(passed.count).toBe(120)
  })
  it('is not what is drawn a moment later, in a window that has grown', () => {
    const passed = new Passed()
    const rows = newestOf(500)
    passed.draw(rows, 20, -1)
    expect(passed.draw(rows, 33, -1)).toBe(true)
    passed.draw(rows, 30, -1)
    passed.draw(rows, 33, -1)
    expect(passed.count).toBe(467)
    const few = new Passed()
    const ten = newestOf(10)
    few.draw(ten, 8, -1)
    few.draw(ten, 40, -1)
    expect(few.count).toBe(0)
  })
  it('is nothing of what was there when a filter was set', () => {
    const rows = newestOf(500)
    const passed = new Passed(rows[0])
    passed.draw(rows, 40, -1)
    expect(passed.count).toBe(0)
    passed.draw(newestOf(600), 40, -1)
    expect(passed.count).toBe(60)
  })
  it('is also what came after the page was cleared', () => {
    const passed = new Passed()
    passed.draw(newestOf(10), 40, -1)
    passed.draw(newestOf(2000).slice(0, 100), 40, -1)
    expect(passed.count).toBe(60)
  })
})

describe('the meter', () => {
  const times = (n: number, from: number, step: number) => Array.from({ length: n }, (_, i) => from + i * step)
  it('tells the events of a second, over the last two', () => {
    const meter = new Meter()
    meter.add(times(4000, 10_000, 1), 0)
    expect(meter.rate(100)).toBe(1000)
  })
  it('is not misled by what was there before', () => {
    const meter = new Meter()
    meter.add(times(1000, 0, 10_000), 0)
    expect(meter.rate(100)).toBe(0.5)
  })
  it('falls to nothing when nothing comes', () => {
    const meter = new Meter()
    meter.add(times(100, 0, 1), 0)
    expect(meter.rate(3000)).toBe(0)
  })
})

describe('a line', () => {
  it('is made of an event', () => {
    const data = JSON.stringify({ position: '4.2', receivedAt: '2026-01-02T03:04:05.000Z', source: 'website', event: { type: 'track', event: 'Signed Up', userId: 123, messageId: 'm', properties: { groupId: 'acme' }, context: { library: { name: 'analytics.js', version: 'next-1.0' } } } })
    expect(entryOf({ event: 'event', id: '4.2', data })).toMatchObject({ kind: 'event', type: 'track', name: 'Signed Up', user: '123', account: 'acme', side: 'client', library: 'analytics.js next-1.0', notes: 0 })
  })
  it('is made of what was refused', () => {
    const data = JSON.stringify({ receivedAt: '2026-01-02T03:04:05.000Z', rejected: { code: 'invalid_json', message: 'this is not JSON' } })
    expect(entryOf({ event: 'rejected', id: '4.0', data })).toMatchObject({ kind: 'rejected', name: 'this is not JSON' })
  })
  it('knows where it was made', () => {
    expect(['analytics.js', '@segment/analytics-node', 'unknown', 'analytics-swift', '@segment/analytics-react-native'].map(sideOf)).toEqual(['client', 'server', 'server', 'mobile', 'mobile'])
  })
  it('is picked by side, and by what is wrong with it', () => {
    expect(matches(entry(1, { side: 'mobile' }), { side: 'mobile', show: 'all' })).toBe(true)
    expect(matches(entry(1, { kind: 'rejected' }), { side: 'server', show: 'all' })).toBe(false)
    expect(matches(entry(1), { side: '', show: 'rejected' })).toBe(false)
    expect(matches(entry(1, { notes: 1 }), { side: '', show: 'notes' })).toBe(true)
  })
})

describe('notes', () => {
  it('name what the receiver will miss', () => {
    const codes = (e: object) => notesOf({ type: 'track', ...e }).map((n) => n.code)
    expect(codes({})).toEqual(['no userId', 'no groupId'])
    expect(codes({ userId: 'u', context: { groupId: 'g' } })).toEqual(['groupId only in context'])
    expect(codes({ userId: 'u', properties: { groupId: 'g' }, context: { groupId: 'g' } })).toEqual([])
    expect(notesOf({ type: 'identify' })).toEqual([])
  })
})

describe('a pretty call', () => {
  const event = (name: string) => ({ type: 'track', event: "It's paid", userId: '123', anonymousId: 'a', properties: { plan: 'pro', 'has space': [1, true, null] }, integrations: {}, context: { library: { name } } })
  it('is JavaScript for the browser', () => {
    expect(prettyCall(event('analytics.js'), 'http://x').text).toBe("analytics.track('It\\'s paid', {\n  plan: 'pro',\n  'has space': [\n    1,\n    true,\n    null\n  ]\n})")
  })
  it('is a request for what came by HTTP', () => {
    expect(prettyCall(event('unknown'), 'http://x')).toEqual({ language: 'HTTP', text: 'POST http://x/v1/track\nContent-Type: application/json\n\n' + JSON.stringify({ userId: '123', event: "It's paid", properties: { plan: 'pro', 'has space': [1, true, null] } }, null, 2) })
  })
  it('is Go for Go', () => {
    expect(prettyCall(event('analytics-go'), '').text).toBe('client.Enqueue(analytics.Track{\n  UserId: "123",\n  Event: "It\'s paid",\n  Properties: analytics.Properties{\n    "plan": "pro",\n    "has space": []any{1, true, nil},\n  },\n})')
  })
  it('speaks each language', () => {
    expect(['@segment/analytics-node', 'analytics-python', 'analytics-ruby', 'analytics-swift', 'analytics-kotlin'].map((l) => prettyCall(event(l), '').language)).toEqual(['Node.js', 'Python', 'Ruby', 'Swift', 'Kotlin'])
    expect(prettyCall({ type: 'identify', userId: 'u', traits: { email: 'a@b' }, context: { library: { name: 'analytics.js' } } }, '').text).toBe("analytics.identify('u', {\n  email: 'a@b'\n})")
  })
})
