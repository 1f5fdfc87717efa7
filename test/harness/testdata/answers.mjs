import { delayed, hold } from '../browser/answers.mjs'
import { drive } from '../browser/drive.mjs'

// numbers asks, within the page, for so many numbers at once, and tells in which order they came.
const numbers = (page, many) =>
  page.evaluate(async (many) => {
    const came = []
    const ask = async (n) => came.push(await (await fetch(`/api/number?n=${n}`)).text())
    await Promise.all(Array.from({ length: many }, (_, n) => ask(n)))
    return came
  }, many)

await drive(async ({ input, newContext }) => {
  const context = await newContext()
  const page = await context.newPage()
  await page.goto(input.url)

  // One answer overtakes another, one is lost after the server has given it, one is no longer waited for.
  const held = await hold(page, /^POST .*\/api\/number/)
  await page.evaluate(() => {
    window.came = []
    window.stop = new AbortController()
    const send = (n, options = {}) =>
      fetch(`/api/number?n=${n}`, { method: 'POST', ...options })
        .then((answer) => answer.text())
        .then((text) => window.came.push(text), () => window.came.push(`${n} is lost`))
    for (const n of [0, 1, 2]) setTimeout(() => void send(n), n)
    setTimeout(() => void send(3, { signal: window.stop.signal }), 3)
  })
  const asked = await held.asked(4)
  const before = await page.evaluate(() => window.came.length)
  await page.evaluate(() => window.stop.abort())
  const at = (n) => asked.findIndex(({ url }) => url.endsWith(`n=${n}`))
  await held.release(at(3))
  await page.waitForFunction(() => window.came.length === 1)
  await held.release(at(1))
  await page.waitForFunction(() => window.came.length === 2)
  await held.lose(at(2))
  await page.waitForFunction(() => window.came.length === 3)
  await held.stop()
  await page.waitForFunction(() => window.came.length === 4)
  const came = await page.evaluate(() => window.came)
  await page.evaluate(async () => (await fetch('/api/number?n=4', { method: 'POST' })).text()) // it is not held

  // Each answer is late by a time of its own, the same ones for the same seed.
  delayed(context, 7, 2000)
  const late = await context.newPage()
  await late.goto(input.url)
  return { before, came, late: (await numbers(late, 12)).map(Number) }
})
