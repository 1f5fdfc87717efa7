import { describe, expect, it } from 'vitest'

import { entireEvent, pathsOf, valueAt } from '../../lib/paths'
import { changed, isComplete, operatorsOf } from './conditions'
import { cleaned, defaultsOf, modeOf, readText, startOf } from './field'

const event = { type: 'track', event: 'Paid', properties: { plan: 'pro', seats: 3, items: [{ sku: 'a' }], 'a.b': 1, nothing: null }, context: { library: { name: 'x' } } }

describe('the paths of an event', () => {
  const paths = pathsOf(event)
  it('are listed in its own order, objects before what they hold', () => {
    expect(paths.map((p) => p.path)).toEqual(['$.type', '$.event', '$.properties', '$.properties.plan', '$.properties.seats', '$.properties.items', '$.properties.items[0]', '$.properties.items[0].sku', '$.properties.nothing', '$.context', '$.context.library', '$.context.library.name'])
  })
  it('show what lies there', () => {
    expect(paths.find((p) => p.path === '$.properties.plan')).toEqual({ path: '$.properties.plan', preview: 'pro', type: 'string' })
    expect(paths.find((p) => p.path === '$.properties.items')?.type).toBe('array')
  })
  it('lead back to what lies there', () => {
    for (const p of paths) expect(valueAt(event, p.path), p.path).toEqual(p.path === '$.properties' ? event.properties : valueAt(event, p.path))
    expect(valueAt(event, '$.properties.items[0].sku')).toBe('a')
    expect(valueAt(event, entireEvent)).toBe(event)
    expect(valueAt(event, '$.nope.deeper')).toBeUndefined()
  })
  it('are bounded', () => {
    expect(pathsOf(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]))).length).toBe(600)
  })
})

describe('a field', () => {
  it('is shown as what it is', () => {
    expect(['x', 5, undefined, { '@path': '$.' }, { '@template': '{{a}}' }, { '@if': {} }, [1]].map((v) => modeOf(v, 'string'))).toEqual(['literal', 'literal', 'literal', 'path', 'template', 'json', 'json'])
    expect([undefined, { a: 'b', c: { '@path': '$.x' } }, { a: { b: 1 } }].map((v) => modeOf(v, 'object'))).toEqual(['object', 'object', 'json'])
  })
  it('keeps what can be kept when its mode changes', () => {
    expect(startOf('template', { '@path': '$.properties.plan' }, 'string')).toEqual({ '@template': '{{properties.plan}}' })
    expect(startOf('path', 'text', 'string')).toEqual({ '@path': '' })
    expect(startOf('path', undefined, 'object')).toEqual({ '@path': '$.' })
    expect(startOf('object', { '@path': '$.' }, 'object')).toEqual({})
  })
  it('reads the rows of an object', () => {
    expect([readText('$.userId'), readText('Bearer {{properties.token}}'), readText('plain')]).toEqual([{ '@path': '$.userId' }, { '@template': 'Bearer {{properties.token}}' }, 'plain'])
  })
  it('begins with its default, and is left away when it is empty', () => {
    expect(defaultsOf([{ key: 'a', default: 'POST' }, { key: 'b' }, { key: 'c', default: false }])).toEqual({ a: 'POST', c: false })
    expect(cleaned({ a: '', b: undefined, c: 0, d: false, e: { '@path': '' }, f: null })).toEqual({ c: 0, d: false })
  })
})

describe('a condition', () => {
  it('keeps its operator where the other field has it, and loses its value', () => {
    expect(changed({ field: 'event', operator: 'contains', value: 'x' }, { field: 'properties' })).toEqual({ field: 'properties', name: '', operator: 'contains' })
    expect(changed({ field: 'properties', name: 'n', operator: '>', value: 5 }, { field: 'event' })).toEqual({ field: 'event', operator: '=' })
  })
  it('has a value that its operator takes', () => {
    const c = { field: 'properties', name: 'seats', operator: '=', value: '5' }
    expect(changed(c, { operator: '>' }).value).toBe(5)
    expect(changed({ ...c, value: 'many' }, { operator: '>' })).not.toHaveProperty('value')
    expect(changed(c, { operator: 'exists' })).not.toHaveProperty('value')
  })
  it('offers what its field can have', () => {
    expect(operatorsOf('type').map((o) => o.value)).not.toContain('exists')
    expect(operatorsOf('properties')).toHaveLength(18)
  })
  it('is complete when all that it needs is there', () => {
    const form = (conditions: Parameters<typeof isComplete>[0]['groups'][0]['conditions']) => ({ join: 'and', groups: [{ join: 'or', conditions }] })
    expect(isComplete(form([{ field: 'type', operator: '=', value: 'track' }]))).toBe(true)
    expect(isComplete(form([{ field: 'properties', name: '', operator: 'exists' }]))).toBe(false)
    expect(isComplete(form([{ field: 'event', operator: '=' }]))).toBe(false)
    expect(isComplete(form([]))).toBe(false)
  })
})
