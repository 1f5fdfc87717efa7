import { describe, expect, it } from 'vitest'

import { balances, healthOf, lanes, receiverOf, total } from './flow'

const none = { accepted: 0, delivered: 0, filtered: 0, duplicate: 0, discarded: 0, lost: 0, retrying: 0, parked: 0, pending: 0 }
const app = { slug: 'acme', name: 'Acme web app', key: '00000000000000000000000000000001' }

describe('the ledger', () => {
  it('adds up', () => {
    const sum = total([{ ...none, destination: 'a', mapping: 'x', accepted: 3, delivered: 2, pending: 1 }, { ...none, destination: 'b', mapping: 'y', accepted: 1, lost: 1 }])
    expect(sum).toEqual({ ...none, accepted: 4, delivered: 2, pending: 1, lost: 1 })
    expect(balances(sum)).toBe(true)
  })
  it('says when it does not balance', () => {
    expect(balances({ ...none, accepted: 2, delivered: 1 })).toBe(false)
  })
})

describe('health', () => {
  it('is told by what cannot be given away', () => {
    expect(healthOf({ ...none, accepted: 5, delivered: 5 }, true)).toBe('ok')
    expect(healthOf({ ...none, retrying: 1 }, true)).toBe('warn')
    expect(healthOf({ ...none, retrying: 1, parked: 1 }, true)).toBe('bad')
    expect(healthOf({ ...none, parked: 1 }, false)).toBe('idle')
  })
})

describe('a receiver', () => {
  it('is an app of this server, whichever way its key is written', () => {
    expect(receiverOf({ url: '${PENSTOCK_URL}/data/segmentio/00000000-0000-0000-0000-000000000001' }, [app]).id).toBe('app:acme')
  })
  it('is a host elsewhere, even with the key of an app', () => {
    expect(receiverOf({ url: 'https://data.pendo.io/data/segmentio/00000000000000000000000000000001' }, [app])).toEqual({ id: 'host:data.pendo.io', label: 'data.pendo.io' })
  })
  it('is not known when the URL comes from the event', () => {
    expect(receiverOf({ url: { '@path': '$.properties.url' } }, [app]).id).toBe('unknown')
  })
})

describe('lanes', () => {
  const source = { slug: 'web', name: 'Web', type: 'javascript', enabled: true, writeKeys: [] }
  const mapping = { id: 'm', name: 'Track Events', action: 'send', enabled: true, trigger: '', fields: { url: 'https://example.com/x' } }
  const destination = { slug: 'hook', name: 'Hook', source: 'web', type: 'actions-webhook', enabled: true, settings: {}, mappings: [mapping] }
  it('show a source that leads nowhere', () => {
    expect(lanes([source], [], [], [])).toEqual([{ source, on: true, health: 'idle' }])
  })
  it('are off where any switch on the way is off', () => {
    const states = [source, { ...source, enabled: false }].flatMap((s) => [destination, { ...destination, enabled: false }].map((d) => lanes([s], [d], [], [])[0]?.on))
    expect(states).toEqual([true, false, false, false])
  })
})
