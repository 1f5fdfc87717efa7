import { describe, expect, it } from 'vitest'

import { preflight } from './preflight'

const mapping = { name: 'Track Events', enabled: true, trigger: 'type = "track"', fields: { url: 'https://data.pendo.io/data/segmentio/1' } as Record<string, unknown> }
const destination = { slug: 'a', name: 'A', source: 's', enabled: true, mappings: [mapping] }
const codes = (d: typeof destination, all = [d], sourceOn = true) => preflight(d, all, sourceOn).map((f) => f.code)

describe('preflight', () => {
  it('finds nothing where all is well', () => expect(codes(destination)).toEqual([]))
  it('finds switches that do not fit together', () => {
    expect(codes({ ...destination, mappings: [] })).toEqual(['no mapping'])
    expect(codes({ ...destination, mappings: [{ ...mapping, enabled: false }] })).toEqual(['mappings off'])
    expect(codes({ ...destination, enabled: false })).toEqual(['destination off'])
    expect(codes(destination, [destination], false)).toEqual(['source off'])
  })
  it('finds batching, and a key that was never filled in', () => {
    expect(codes({ ...destination, mappings: [{ ...mapping, fields: { url: 'https://data.pendo.io/data/segmentio/YOUR_PENDO_API_KEY', enable_batching: true } }] })).toEqual(['batching', 'placeholder'])
  })
  it('finds two paths for the same Track Events', () => {
    const other = { ...destination, slug: 'b', name: 'B' }
    expect(codes(destination, [destination, other])).toEqual(['twice'])
    expect(codes(destination, [destination, { ...other, enabled: false }])).toEqual([])
    expect(codes(destination, [destination, { ...other, source: 'elsewhere' }])).toEqual([])
  })
})
