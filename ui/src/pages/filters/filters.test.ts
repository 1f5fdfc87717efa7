import { describe, expect, it } from 'vitest'

import { comparison, fieldsOf, joined, objectsOf, takenOut } from './condition'
import { actionText, draftOf, type Filter, newAction, newDraft, plainMember, sent } from './draft'

const event = { type: 'track', userId: '1', properties: { 'product 1': 'a', seats: 3, trial: true, address: { city: 'Ulm' }, tags: ['x'] }, context: { ip: '::1' } }

describe('the fields of an event', () => {
  it('are named as conditions name them', () => {
    expect(fieldsOf(event).map((f) => f.path)).toEqual(['type', 'userId', 'properties.product\\ 1', 'properties.seats', 'properties.trial', 'properties.address.city', 'properties.tags', 'context.ip'])
  })
  it('stand in objects whose members can be taken out', () => {
    expect(objectsOf(event)).toEqual([
      { path: 'properties', names: ['product 1', 'seats', 'trial', 'address', 'tags'] },
      { path: 'properties.address', names: ['city'] },
      { path: 'context', names: ['ip'] },
    ])
  })
})

describe('a comparison', () => {
  it('has a value of the kind that lies there', () => {
    expect([comparison('properties.seats', '=', '3', 3), comparison('properties.trial', '!=', 'true', true), comparison('userId', '=', '3', '1'), comparison('properties.seats', '=', 'many', 3)]).toEqual(['properties.seats = 3', 'properties.trial != true', 'userId = "3"', 'properties.seats = "many"'])
  })
  it('is a function where the language has one', () => {
    expect([comparison('a', 'contains', 'say "x"', ''), comparison('a', 'match', '*@acme.com', ''), comparison('a', '>', '2.5', 1), comparison('a', 'exists', '', 1), comparison('a', 'missing', '', 1)]).toEqual(['contains(a, "say \\"x\\"")', 'match(a, "*@acme.com")', 'a > 2.5', 'a != null', 'a = null'])
  })
  it('is added so that both must hold', () => {
    expect([joined('', 'b = 1'), joined('all', 'b = 1'), joined('a = 1', 'b = 1'), joined('a = 1 or c = 2', 'b = 1'), joined('a = "this or that"', 'b = 1')]).toEqual(['b = 1', 'b = 1', 'a = 1 and b = 1', '(a = 1 or c = 2) and b = 1', 'a = "this or that" and b = 1'])
  })
})

describe('what is taken out', () => {
  it('is told by its place, an object as one', () => {
    expect(takenOut(event, { type: 'track', userId: '1', properties: { seats: 3, trial: true, address: {}, tags: ['x'] } })).toEqual(['properties.product 1', 'properties.address.city', 'context'])
    expect(takenOut(event, event)).toEqual([])
  })
})

describe('a draft', () => {
  const filter: Filter = {
    id: 'f', destination: 'd', name: 'Ours', if: 'all', enabled: true, createdAt: '', updatedAt: '', revision: 1,
    actions: [{ type: 'DROP' }, { type: 'SAMPLE', percent: 0.333, path: 'userId' }, { type: 'DROP_PROPERTIES', fields: { properties: ['email'], '': ['traits'] } }, { type: 'ALLOW_PROPERTIES', fields: { context: [] } }],
  }
  it('is sent as it came, when nothing was changed', () => {
    expect(sent(draftOf(filter))).toEqual({ name: 'Ours', description: '', if: 'all', actions: filter.actions })
    expect(plainMember(draftOf(filter).actions)).toEqual(filter.actions)
  })
  it('sends what the kind of an action uses, and no more', () => {
    const d = { ...newDraft(), actions: [{ ...newAction('DROP_PROPERTIES'), members: [{ path: 'properties', names: ['a'] }, { path: 'properties', names: ['b'] }, { path: 'context', names: [] }] }] }
    expect(sent(d).actions).toEqual([{ type: 'DROP_PROPERTIES', fields: { properties: ['a', 'b'] } }])
    expect(sent({ ...d, actions: [{ ...newAction('SAMPLE'), percent: 12.5 }] }).actions).toEqual([{ type: 'SAMPLE', percent: 0.125 }])
  })
  it('is told in words', () => {
    expect(filter.actions.map(actionText)).toEqual(['drops the event', 'delivers 33.3 %, by userId', 'takes out properties: email; traits', 'leaves only context: '])
  })
})
