import { describe, expect, it } from 'vitest'

import { type Arrival, type Delivery, type Journey, summaryOf, verdictOf } from './story'

const delivery = (over: Partial<Delivery>): Delivery => ({ destination: 'd', mapping: 'm', state: 'pending', outcomes: [], ...over })
const journey = (mappings: Delivery[], landed: Journey['landed'] = []): Journey => ({ messageId: 'x', landed, arrivals: [{ position: '1.0', source: 's', storedAt: '', event: {}, mappings } satisfies Arrival] })
const outcome = (over: object) => ({ status: 'delivered', at: '2026-01-02T03:04:05Z', ...over }) as Delivery['outcomes'][number]

describe('a verdict', () => {
  it('names the attempt and the answer of what was delivered', () => {
    expect(verdictOf(delivery({ state: 'delivered', outcomes: [outcome({ attempt: 3, exchange: { method: 'POST', url: '', bytes: 1, took: 1, status: 200 } })] })).text).toBe('Delivered: the answer was 200, at attempt 3.')
  })
  it('says which trigger did not match, and what to mend', () => {
    const v = verdictOf(delivery({ state: 'filtered', matched: false, trigger: 'type is "page"' }))
    expect(v.text).toContain('type is "page"')
    expect(v.mend).toContain('trigger')
  })
  it('names the filter that dropped an event, although its trigger matches', () => {
    expect(verdictOf(delivery({ state: 'filtered', matched: true, filter: 'the filter "Ours" drops it: all' }))).toEqual({ tone: 'idle', text: 'Not sent: the filter "Ours" drops it: all.', mend: 'If it should be sent, mend the filter of the destination.' })
  })
  it('gives the reason of what was discarded', () => {
    expect(verdictOf(delivery({ state: 'discarded', outcomes: [outcome({ status: 'discarded', reason: 'the answer was 400' })] }))).toEqual({ tone: 'bad', text: 'Discarded: the answer was 400.', mend: 'Mend the mapping, and try it on this event.' })
  })
})

describe('a summary', () => {
  it('tells an event that nothing is connected to', () => {
    expect(summaryOf(journey([])).mend).toBe('Add a destination to the source.')
  })
  it('tells the worst first', () => {
    expect(summaryOf(journey([delivery({ state: 'delivered' }), delivery({ state: 'discarded' })])).text).toBe('1 of 2 mappings delivered it; 1 could not.')
    expect(summaryOf(journey([delivery({ state: 'delivered' }), delivery({ state: 'parked' })])).text).toBe('1 of 2 mappings delivered it; 1 still has it.')
    expect(summaryOf(journey([delivery({ state: 'filtered' })])).text).toBe('It was received, and no mapping sent it.')
  })
  it('tells where it landed, and warns without an account', () => {
    const landing = { app: 'acme', visitor: 'u1', receivedAt: '', verdicts: [] }
    expect(summaryOf(journey([delivery({ state: 'delivered' })], [{ ...landing, account: 'a1' }]))).toEqual({ tone: 'ok', text: '1 of 1 mapping delivered it, and it is counted in acme for visitor u1 of account a1.' })
    expect(summaryOf(journey([delivery({ state: 'delivered' })], [landing])).tone).toBe('warn')
  })
})
