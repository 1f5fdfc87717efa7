// Makes answers of the server late, lost, or come in another order than they were asked for: see delayed and hold.
import { setTimeout as wait } from 'node:timers/promises'

// isStream tells which answers go on: they have no end that could be waited for.
export function isStream(request) {
  const { pathname, searchParams } = new URL(request.url())
  const tail = pathname === '/api/tail' && searchParams.get('follow') !== 'false'
  return tail || pathname.endsWith('/stream') || (request.headers().accept ?? '').includes('text/event-stream')
}

// generator makes a sequence of numbers from 0 to 1 of a seed: mulberry32.
function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

// hash makes a number of a text, by FNV-1a.
function hash(text) {
  let h = 0x811c9dc5
  for (const char of text) h = Math.imul(h ^ char.codePointAt(0), 0x01000193)
  return h >>> 0
}

// unlessGone takes a step, which fails where the page no longer waits: it has aborted the request, or is closed.
async function unlessGone(step) {
  try {
    return await step()
  } catch {
    return undefined
  }
}

// endOf waits until the browser is through with a request, whatever came of it.
function endOf(page, request) {
  if (request.failure() !== null) return undefined // the page has aborted it
  return new Promise((resolve) => {
    const look = (seen) => {
      if (seen !== request && seen !== page) return
      for (const event of ['requestfinished', 'requestfailed', 'close']) page.off(event, look)
      resolve()
    }
    for (const event of ['requestfinished', 'requestfailed', 'close']) page.on(event, look)
  })
}

const ofTheAPI = (url) => url.pathname.startsWith('/api/')

// delayed holds back every answer of the API to a context's pages, each by a time of its own between 0 and most, in ms.
// The time depends on the seed, on what is asked, and on how often it was asked before, but not on what else is on its
// way: a failure can be repeated by its seed, although a page asks for several things at once. The beginning of a
// stream is delayed, and nothing of it after that.
export async function delayed(context, seed, most = 3000) {
  const times = new Map()
  await context.route(ofTheAPI, async (route) => {
    const request = route.request()
    const what = `${request.method()} ${new URL(request.url()).pathname}`
    if (!times.has(what)) times.set(what, generator(seed ^ hash(what)))
    const late = Math.floor(times.get(what)() * most)
    await unlessGone(async () => {
      if (isStream(request)) {
        await wait(late, undefined, { ref: false })
        return route.continue()
      }
      const response = await route.fetch({ timeout: 0 })
      await wait(late, undefined, { ref: false })
      return route.fulfill({ response })
    })
  })
}

// hold lets the server do what a page asks for, and holds back the answers: those of requests that match, a RegExp of
// 'METHOD url', or a function of the method and the URL. Requests are numbered from 0, in the order in which they came.
//
//	const held = await hold(page, /^PATCH .*\/api\/sources\/website$/)
//	await held.asked(2)   // two such requests have come
//	await held.release(1) // the page gets the newer answer...
//	await held.lose(0)    // ...and never the older one, though the server did what was asked
//	await held.stop()     // what is still held is released, and nothing more is held
//
// Of a stream, the beginning is held. A request that the page has aborted meanwhile is released into nothing.
export async function hold(page, match) {
  const matches = match instanceof RegExp ? (method, url) => match.test(`${method} ${url}`) : match
  const held = []
  let stopped = false
  const waiting = new Set()
  const pass = async (route) => {
    const request = route.request()
    if (stopped || !matches(request.method(), new URL(request.url()))) return route.fallback()
    const answer = isStream(request) ? Promise.resolve(null) : route.fetch({ timeout: 0 })
    answer.catch(() => undefined) // whoever releases it hears of it
    held.push({ route, request, answer, done: null })
    for (const look of waiting) look()
    return undefined
  }
  const settle = (i, step) => {
    const one = held[i]
    if (one === undefined) throw new Error(`release answer ${i}: only ${held.length} were asked for`)
    one.done ??= unlessGone(async () => {
      const answer = await one.answer
      const ended = answer === null ? undefined : endOf(page, one.request)
      await step(one, answer)
      await ended
    })
    return one.done
  }
  const answered = ({ route }, response) => (response === null ? route.continue() : route.fulfill({ response }))
  const lost = ({ route }) => route.abort('connectionreset')
  await page.route(ofTheAPI, pass)
  const release = (i) => settle(i, answered)
  const releaseAll = () => Promise.all(held.map((_, i) => release(i)))
  return {
    // asked waits until so many requests have come, and returns what they were.
    asked: (n) =>
      new Promise((resolve) => {
        const look = () => {
          if (held.length < n) return
          waiting.delete(look)
          resolve(held.map(({ request: r }) => ({ method: r.method(), url: r.url(), body: r.postData() ?? '' })))
        }
        waiting.add(look)
        look()
      }),
    // holds reports whether the answer to a request is held.
    holds: (request) => held.some((one) => one.request === request && one.done === null),
    release,
    releaseAll,
    lose: (i) => settle(i, lost),
    stop: async () => {
      stopped = true
      await releaseAll() // first: what is held when nothing is routed any more would be asked for again
      await unlessGone(() => page.unroute(ofTheAPI, pass))
    },
  }
}
