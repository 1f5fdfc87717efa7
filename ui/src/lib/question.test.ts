import { describe, expect, it } from 'vitest'

import { type Arrival, arrive, ask, begin } from './question'
import { begun, heard, tell } from './typing'
import { readState, writeState } from './url'

const defaults = { op: 'is', value: '' }
const read = (query: URLSearchParams) => readState(query, defaults)
const at = (key: string, search: string, copy = false): Arrival => ({ key, search, copy })

describe('a question', () => {
  const begun = begin(at('1', ''), read)
  const twice = ask(ask(begun, (q) => ({ ...q, op: 'not' })), (q) => ({ ...q, value: 'free' }))
  it('is changed from the newest one, before its address has followed', () => {
    expect(twice.question).toEqual({ op: 'not', value: 'free' })
    const written = writeState(new URLSearchParams('other=1'), defaults, twice.question)
    expect(written.toString()).toBe('other=1&op=not&value=free')
  })
  it('is not taken back by an address that follows late', () => {
    expect(arrive(twice, at('2', '?op=not', true), read)).toBe(twice)
  })
  it('is not taken back when it is drawn with the address before, which the router does while it goes on', () => {
    const first = ask(begun, (q) => ({ ...q, op: 'not' }))
    const drawn = arrive(first, at('2', '?op=not', true), read) // and given up, for what the user does next
    const second = ask(drawn, (q) => ({ ...q, value: 'free' }))
    const again = arrive(second, at('1', ''), read)
    expect(again.question).toEqual({ op: 'not', value: 'free' })
    expect(arrive(again, at('2', '?op=not', true), read).question).toEqual({ op: 'not', value: 'free' })
  })
  it('is read from an address that somebody went to', () => {
    const gone = arrive(twice, at('3', '?value=x'), read)
    expect(gone).toEqual({ question: { op: 'is', value: 'x' }, at: '3', own: false })
    expect(arrive(twice, at('1b', '?op=not'), read).question).toEqual({ op: 'not', value: '' })
  })
  it('is read from an address once', () => {
    const gone = arrive(twice, at('3', '?value=x'), read)
    const on = ask(gone, (q) => ({ ...q, op: 'not' }))
    expect(arrive(on, at('3', '?value=x'), read)).toBe(on)
  })
})

describe('what is typed', () => {
  it('is not overwritten by an older value', () => {
    const typing = { ...tell(tell(begun(''), 'a'), 'ab'), text: 'abc' }
    expect(heard(typing, '')).toBe(typing)
    expect(heard(typing, 'a')).toBe(typing)
    expect(heard(typing, 'ab')).toEqual({ text: 'abc', told: ['ab'] })
  })
  it('gives way when the page goes elsewhere', () => {
    expect(heard({ text: 'abc', told: ['ab'] }, '')).toEqual(begun(''))
  })
})
