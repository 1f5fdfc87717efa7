import { expect, test } from 'vitest'

import { Once } from './once'

const named = (name: string, slug = name) => ({ name, slug })

test('what was made though the answer was lost is not made again', async () => {
  const there = [named('web')]
  const once = new Once<{ name: string; slug: string }>()
  const make = (lost: boolean) =>
    once.make(
      async () => [...there],
      (r) => r.name === 'web',
      async () => {
        const made = named('web', `web-${there.length + 1}`)
        there.push(made)
        if (lost) throw new Error('no answer')
        return made
      },
    )
  await expect(make(true)).rejects.toThrow('no answer')
  await expect(make(false)).resolves.toEqual(named('web', 'web-2'))
  expect(there).toEqual([named('web'), named('web', 'web-2')])
})

test('what somebody else has made meanwhile is not taken for it', async () => {
  const there = [named('web')]
  const once = new Once<{ name: string; slug: string }>()
  const isIt = (r: { name: string }) => r.name === 'mine'
  const fails = once.make(async () => there, isIt, () => Promise.reject(new Error('no answer')))
  await expect(fails).rejects.toThrow('no answer')
  there.push(named('theirs'))
  await expect(once.make(async () => there, isIt, async () => named('mine'))).resolves.toEqual(named('mine'))
})
