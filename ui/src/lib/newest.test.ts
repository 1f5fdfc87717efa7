import { describe, expect, it } from 'vitest'

import { Chooser, type Chosen, stands } from './choice'
import { Newest } from './newest'

describe('of what was begun', () => {
  it('only the newest counts, in whichever order the answers come', () => {
    const newest = new Newest()
    const first = newest.begin()
    expect(first()).toBe(true)
    const second = newest.begin()
    expect([second(), first()]).toEqual([true, false])
  })
})

/** A server whose answers are given by hand. */
function chooser() {
  const asked: { value: boolean; answer: (version: number) => void; refuse: (problem: Error) => void }[] = []
  const shown: (Chosen<boolean> | undefined)[] = []
  const refused: unknown[] = []
  const c = new Chooser<boolean>({
    save: (value) => new Promise((answer, refuse) => asked.push({ value, answer, refuse })),
    show: (chosen) => shown.push(chosen),
    refused: (problem) => refused.push(problem),
  })
  return { c, asked, shown, refused, calm: () => new Promise((resolve) => setImmediate(resolve)) }
}

describe('a choice', () => {
  it('is shown at once, and until the server has it', async () => {
    const { c, asked, shown, calm } = chooser()
    c.choose(true)
    expect(shown).toEqual([{ value: true }])
    asked[0]?.answer(7)
    await calm()
    expect(shown.at(-1)).toEqual({ value: true, since: 7 })
    expect([stands(shown.at(-1), 6), stands(shown.at(-1), 7)]).toEqual([true, false])
    expect([stands({ value: true }, 9), stands(undefined, 1)]).toEqual([true, false])
  })
  it('goes back only when it is refused, and says why', async () => {
    const { c, asked, shown, refused, calm } = chooser()
    c.choose(true)
    const problem = new Error('no')
    asked[0]?.refuse(problem)
    await calm()
    expect([shown.at(-1), refused]).toEqual([undefined, [problem]])
  })
  it('is the last of several, each sent after the answer to the one before', async () => {
    const { c, asked, shown, refused, calm } = chooser()
    c.choose(true)
    c.choose(false)
    c.choose(true)
    c.choose(false)
    expect(asked.map((a) => a.value)).toEqual([true])
    asked[0]?.refuse(new Error('no'))
    await calm()
    expect(asked.map((a) => a.value)).toEqual([true, false])
    expect(shown.at(-1)).toEqual({ value: false })
    asked[1]?.answer(3)
    await calm()
    expect([shown.at(-1), refused.length]).toEqual([{ value: false, since: 3 }, 1])
  })
})
