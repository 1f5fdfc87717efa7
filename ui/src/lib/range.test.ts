import { expect, test } from 'vitest'

import { between, fromField, spanOf, toField } from './range'

test('a range ends now; between two times, either end may be open', () => {
  const now = Date.parse('2026-03-04T12:00:00Z')
  expect(spanOf('1h', '', '', now)).toEqual({ since: '2026-03-04T11:00:00.000Z' })
  expect(spanOf('24h', '2026-01-01T00:00:00Z', '', now)).toEqual({ since: '2026-03-03T12:00:00.000Z' })
  expect(spanOf(between, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', now)).toEqual({ since: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' })
  expect(spanOf(between, '', '2026-01-02T00:00:00Z', now)).toEqual({ until: '2026-01-02T00:00:00Z' })
})

test('an instant comes back from its field, wherever that is', () => {
  for (const instant of ['2026-01-15T23:59:30.000Z', '2026-07-15T00:00:00.000Z']) expect(fromField(toField(instant))).toBe(instant)
  expect([toField(''), toField('soon'), fromField('')]).toEqual(['', '', ''])
})
