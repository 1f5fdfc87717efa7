import { describe, expect, it } from 'vitest'

import { pagesOf } from './rows'

describe('the pages of rows', () => {
  it.each([
    [0, 40, []],
    [90, 110, [1]],
    [199, 200, [1, 2]],
    [50_010, 50_049, [500]],
  ])('from %i to %i', (from, to, want) => expect(pagesOf(from, to, 100)).toEqual(want))
})
