// Makes answers of the server late, lost, or come in another order than they were asked for: see delayed and hold.
import { setTimeout as wait } from 'node:timers/promises'

// isStream reports whether an answer goes on: it has no end that could be waited for.
export function isStream(address) {
  const { pathname, searchParams } = new URL(address)
  return pathname.endsWith('/stream') || (pathname === '/api/tail' && searchParams.get('follow') !== 'false')
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

// pauses stops each answer of the API to a page before the page gets it, and hands it to take when the page asks, as
// { method, url, body, release, lose, isOver }: release and lose wait for the server's answer, and return once the
// browser is through with the request, whatever came of it. Of a stream, the beginning is stopped. The result ends the
// pauses. Fetch of the DevTools protocol does this for the API alone: with playwright's routes, no file is cached.
async function pauses(page, take) {
  const session = await page.context().newCDPSession(page)
  const asked = new Map() // by requestId of Network
  const of = (id) => {
    if (!asked.has(id)) asked.set(id, { over: false, ...signals('paused', 'ended') })
    return asked.get(id)
  }
  const end = (request) => {
    request.over = true
    request.paused(null)
    request.ended()
  }
  session.on('Network.loadingFinished', ({ requestId }) => end(of(requestId)))
  session.on('Network.loadingFailed', ({ requestId }) => end(of(requestId)))
  const gone = () => [...asked.values()].forEach(end)
  page.on('close', gone)
  session.on('Fetch.requestPaused', ({ requestId, networkId }) => of(networkId).paused(requestId))
  session.on('Network.requestWillBeSent', ({ requestId, request: { method, url, postData: body = '' } }) => {
    if (!new URL(url).pathname.startsWith('/api/')) return
    const request = of(requestId)
    const step = async (command, options = {}) => {
      const id = await request.untilPaused
      if (id !== null) await unlessGone(() => session.send(command, { requestId: id, ...options }))
      if (!isStream(url)) await request.untilEnded
    }
    const release = () => step('Fetch.continueResponse')
    const lose = () => step('Fetch.failRequest', { errorReason: 'ConnectionReset' })
    take({ method, url, body, release, lose, isOver: () => request.over })
  })
  await session.send('Network.enable')
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*/api/*', requestStage: 'Response' }] })
  return () => {
    page.off('close', gone)
    return unlessGone(() => session.detach())
  }
}

// signals makes a promise untilName for each name, and the function of that name which resolves it.
function signals(...names) {
  const made = {}
  for (const name of names) {
    const until = `until${name[0].toUpperCase()}${name.slice(1)}`
    made[until] = new Promise((resolve) => (made[name] = resolve))
  }
  return made
}

// delayed holds back every answer of the API to the pages that a context opens from now on, each by a time of its own
// between 0 and most, in ms. The time depends on the seed, on what is asked, and on how often it was asked before, but
// not on what else is on its way: a failure can be repeated by its seed although a page asks for several things at
// once.
export function delayed(context, seed, most = 3000) {
  const times = new Map()
  const newPage = context.newPage.bind(context)
  context.newPage = async () => {
    const page = await newPage()
    await pauses(page, async ({ method, url, release }) => {
      const what = `${method} ${new URL(url).pathname}`
      if (!times.has(what)) times.set(what, generator(seed ^ hash(what)))
      await wait(Math.floor(times.get(what)() * most), undefined, { ref: false })
      await release()
    })
    return page
  }
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
// An answer to a request that the page has aborted meanwhile is released into nothing.
export async function hold(page, match) {
  const matches = match instanceof RegExp ? (method, url) => match.test(`${method} ${url}`) : match
  const held = []
  const waiting = new Set()
  const end = await pauses(page, (answer) => {
    if (!matches(answer.method, new URL(answer.url))) return answer.release()
    held.push({ ...answer, done: null })
    for (const look of waiting) look()
    return undefined
  })
  const settle = (i, step) => {
    const one = held[i]
    if (one === undefined) throw new Error(`release answer ${i}: only ${held.length} were asked for`)
    return (one.done ??= one[step]())
  }
  const release = (i) => settle(i, 'release')
  const releaseAll = () => Promise.all(held.map((_, i) => release(i)))
  return {
    // asked waits until so many requests have come, and returns what they were.
    asked: (n) =>
      new Promise((resolve) => {
        const look = () => {
          if (held.length < n) return
          waiting.delete(look)
          resolve(held.map(({ method, url, body }) => ({ method, url, body })))
        }
        waiting.add(look)
        look()
      }),
    // holds reports whether the answer to a request is held.
    holds: (method, url) => held.some((a) => a.method === method && a.url === url && a.done === null && !a.isOver()),
    release,
    releaseAll,
    lose: (i) => settle(i, 'lose'),
    stop: async () => {
      await releaseAll()
      await end()
    },
    end,
  }
}
