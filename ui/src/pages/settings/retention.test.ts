import { describe, expect, it } from 'vitest'

import { formOf, ruleOf, ruleText } from './retention'

describe('the rule of a source', () => {
  const whole = { days: 30, bytes: 50_000_000_000, backlogHours: 48, backlogBytes: 1_500_000_000, whenFull: 'discard' }
  it('is saved as it came when nothing was changed', () => {
    expect(ruleOf(formOf(whole))).toEqual(whole)
    expect(formOf(whole).backlogSize).toBe(1.5)
    expect(ruleOf(formOf(undefined))).toEqual({})
  })
  it('leaves to the server what is empty', () => {
    expect(ruleOf({ ...formOf(whole), days: '', backlogSize: 0, whenFull: '' })).toEqual({ bytes: 50_000_000_000, backlogHours: 48 })
  })
  it('is told in words', () => {
    expect([ruleText(whole), ruleText({ days: 3 }), ruleText({}), ruleText(undefined)]).toEqual(['30 days, 50.0 GB, backlog 48 h, backlog 1.5 GB, full: discard the oldest', '3 days', 'as the server', 'as the server'])
  })
})
