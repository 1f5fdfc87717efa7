import { describe, expect, it } from 'vitest'

import {
  afterSave, contested, type Edits, hold, keepMine, loadTheirs, newer, overlay, touch, unanswered, unsaved,
} from './draft'

interface Form {
  name: string
  region: string
  fields: Record<string, unknown>
}

const saved: Form = { name: 'A', region: '', fields: { url: 'u', method: 'POST' } }
const none: Edits<Form> = {}

describe('a draft', () => {
  const named = touch(none, saved, { name: 'Mine' })
  it('follows the server in what the user did not touch, and keeps what the user did', () => {
    expect(overlay({ ...saved, name: 'Theirs', region: 'eu' }, named)).toEqual({ ...saved, name: 'Mine', region: 'eu' })
  })
  it('is not changed by what is as the server has it', () => {
    expect(touch(named, saved, { name: 'A' })).toEqual({})
    expect(touch(none, saved, { fields: { method: 'POST', url: 'u' } })).toEqual({})
  })
  it('does not save what comes to the same', () => {
    const plain = (value: unknown) => (typeof value === 'string' ? value.trim() : value)
    const spaced = touch(none, saved, { name: 'A ', region: 'eu' })
    expect(unsaved(spaced, saved, plain)).toEqual({ region: 'eu' })
    expect(overlay(saved, spaced).name).toBe('A ')
  })
  it('keeps what the user has begun with, though it is still as it was', () => {
    const held = hold(none, saved, 'name')
    expect(unsaved(held, saved)).toEqual({})
    expect(overlay({ ...saved, name: 'Theirs' }, held).name).toBe('A')
    expect(contested(held, { ...saved, name: 'Theirs' })).toEqual(['name'])
    expect(hold(named, saved, 'name')).toBe(named)
  })
  it('may take a member away', () => {
    const fields = { url: 'u', method: 'POST' } as Record<string, unknown>
    const edits = touch({}, fields, { method: undefined })
    expect(overlay(fields, edits)).toEqual({ url: 'u', method: undefined })
    expect(Object.keys(unsaved(edits, fields))).toEqual(['method'])
  })
})

describe('somebody else', () => {
  const mine = touch(none, saved, { name: 'Mine', region: 'us' })
  const theirs = { ...saved, name: 'Theirs' }
  it('contests what both have changed, and nothing else', () => {
    expect(contested(mine, saved)).toEqual([])
    expect(contested(mine, theirs)).toEqual(['name'])
    expect(contested(mine, { ...saved, name: 'Mine' })).toEqual([])
    expect(contested(mine, { ...saved, fields: {} })).toEqual([])
  })
  it('is still seen when the user goes on with what is contested', () => {
    expect(contested(touch(mine, theirs, { name: 'Mine too' }), theirs)).toEqual(['name'])
  })
  it('gives way, or is given way, in what is contested alone', () => {
    expect(contested(keepMine(mine, theirs), theirs)).toEqual([])
    expect(overlay(theirs, keepMine(mine, theirs))).toEqual({ ...saved, name: 'Mine', region: 'us' })
    expect(overlay(theirs, loadTheirs(mine, theirs))).toEqual({ ...saved, name: 'Theirs', region: 'us' })
  })
  it('is seen again after the user has stayed with an edit once', () => {
    expect(contested(keepMine(mine, theirs), { ...saved, name: 'Theirs again' })).toEqual(['name'])
  })
})

describe('a save', () => {
  it('leaves nothing of what was sent, whatever the server made of it', () => {
    const edits = touch(none, saved, { name: 'secret' })
    expect(afterSave(edits, unsaved(edits, saved), { ...saved, name: '••••cret' })).toEqual({})
  })
  it('leaves what was changed while it was on its way, as an edit of what was saved', () => {
    const sent = unsaved(touch(none, saved, { name: 'B', region: 'eu' }), saved)
    const meanwhile = touch(touch(none, saved, { name: 'B', region: 'eu' }), saved, { name: 'BC' })
    const left = afterSave(meanwhile, sent, { ...saved, name: 'B', region: 'eu' })
    expect(left).toEqual({ name: { mine: 'BC', from: 'B' } })
    expect(contested(left, { ...saved, name: 'B', region: 'eu' })).toEqual([])
  })
  it('without an answer is not taken for somebody else, whether it was done or not', () => {
    const mine = touch(none, saved, { name: 'B' })
    const lost = touch(unanswered(mine, { name: 'B' }), saved, { name: 'BC' })
    expect([contested(lost, saved), contested(lost, { ...saved, name: 'B' })]).toEqual([[], []])
    expect(contested(lost, { ...saved, name: 'Theirs' })).toEqual(['name'])
  })
  it('leaves what was begun while it was on its way', () => {
    const both = touch(touch(none, saved, { name: 'B' }), saved, { region: 'eu' })
    expect(afterSave(both, { name: 'B' }, { ...saved, name: 'B' })).toEqual({ region: { mine: 'eu', from: '' } })
  })
})

describe('of two answers', () => {
  it('the newer counts, in whichever order they come', () => {
    const [one, two] = [{ revision: 1 }, { revision: 2 }]
    expect([newer(one, two), newer(two, one)]).toEqual([two, two])
    expect([newer(undefined, one), newer(one, undefined)]).toEqual([one, one])
    expect(newer(one, { revision: 1, again: true } as { revision: number })).toEqual({ revision: 1, again: true })
  })
})

it('a secret that was sent and not answered is not somebody else\'s, though it is shown masked', () => {
  const edits = touch({}, { secret: '' }, { secret: 'whsec_mine' })
  const masked = { secret: '••••••••••' }
  expect(contested(edits, masked)).toEqual(['secret'])
  expect(contested(unanswered(edits, { secret: 'whsec_mine' }), masked)).toEqual([])
})
