import { describe, expect, it } from 'vitest'

import { learn } from './schema'
import { snippets } from './snippets'

describe('snippets', () => {
  const made = snippets('wk_1', 'https://events.example.com:8443')
  it('hold the key and the host, and nothing to be filled in', () => {
    for (const { id, code } of made) {
      expect(code, id).toContain('wk_1')
      expect(code, id).toContain('events.example.com:8443')
      expect(code, id).not.toMatch(/YOUR|<.*KEY>|[“”]/)
    }
  })
  it('have a body of curl that is JSON', () => {
    const body = /--data-raw '([^']*)'/.exec(made[0]?.code ?? '')?.[1] ?? ''
    expect(JSON.parse(body)).toMatchObject({ event: 'Example Event Name', userId: '123', groupId: 'account', writeKey: 'wk_1' })
  })
  it('have browser code that a browser can read', () => {
    const scripts = [...(made.find((s) => s.id === 'browser')?.code ?? '').matchAll(/<script>([\s\S]*?)<\/script>/g)]
    expect(scripts).toHaveLength(2)
    for (const [, script] of scripts) expect(() => new Function(script ?? '')).not.toThrow()
  })
})

describe('a schema', () => {
  it('is learned from a sample', () => {
    const track = (properties: object, rest: object = {}) => ({ type: 'track', event: 'Paid', properties, ...rest })
    const [paid, other] = learn([track({ amount: 5, groupId: 'a' }), track({ amount: '5' }, { groupId: 'b' }), track({}, { context: { groupId: 'c' } }), { type: 'page', name: 'Home' }])
    expect(paid).toMatchObject({ name: 'Paid', events: 3, withAccount: 2, contextOnly: 1 })
    expect(paid?.properties).toEqual([{ key: 'amount', events: 2, types: ['number', 'string'], example: '5' }, { key: 'groupId', events: 1, types: ['string'], example: '"a"' }])
    expect(other).toMatchObject({ type: 'page', name: 'Home', events: 1, properties: [] })
  })
})
