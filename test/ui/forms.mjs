// Runs the cases of forms-*.mjs: forms that are filled in while answers of the server are late, lost, or in another
// order. A case looks at what the form shows and at what is stored, and tells each difference from what was chosen.
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { hold, isStream } from '../harness/browser/answers.mjs'
import { drive } from '../harness/browser/drive.mjs'

const atOnce = 2 // cases, each in a window of its own
const patience = 120_000 // ms, for a step: a form that is wrong must not keep the others from being tried
const slowest = 6 // cases whose times are told
const laterMillis = 60_000 // after so long, whatever a page has read is read again when the page is looked at

// tryForms is the whole program: it prepares the server, and runs a list of { form, trouble, run }.
export async function tryForms(cases, prepare = async () => undefined) {
  await drive(async ({ input, newContext, screenshot }) => {
    await prepare(input)
    const left = [...cases]
    const differences = []
    const ran = []
    const times = []
    const ask = askAs(input)
    // newWindow opens a browser profile without a signed-in user.
    const newWindow = async () => {
      const context = await newContext({ viewport: { width: 1440, height: 1000 } })
      context.setDefaultTimeout(patience)
      return context
    }
    const work = async () => {
      const context = await newWindow()
      await context.addInitScript(signIn, input.token)
      let page = null
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const { form, trouble, run } = next
        const began = Date.now()
        const tell = (got, want) => differences.push({ form, trouble, got, want })
        page ??= await context.newPage()
        const holding = []
        const tools = (page) => toolsOf(page, input, ask, tell, holding)
        let own = null
        const stranger = async () => tools(await (own = await newWindow()).newPage())
        try {
          await run({ ...tools(page), stranger })
        } catch (problem) {
          tell(String(problem.message).split('\n').slice(0, 8).join(' '), 'the case to come to its end')
          await screenshot(page, `${form} ${trouble}`.replaceAll(/[^a-zA-Z]+/g, '-'))
          await page.close()
          page = null
        }
        if (page !== null) await leave(page)
        for (const held of holding) await held.end()
        await own?.close()
        ran.push(`${form}: ${trouble}`)
        times.push([Date.now() - began, `${form}, ${trouble}`])
      }
      await context.close()
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    times.sort(([a], [b]) => b - a)
    console.log(times.slice(0, slowest).map(([ms, name]) => `${name}: ${ms} ms`).join('; '))
    return { differences, ran }
  })
}

// leave makes a page as good as new: the next case is shown in it, since a page of its own would be a process.
async function leave(page) {
  for (const event of ['request', 'requestfinished', 'requestfailed']) page.removeAllListeners(event)
  await page.mouse.move(0, 0)
  await page.goto('about:blank')
}

// signIn runs in each page before its own scripts.
function signIn(token) {
  if (location.protocol === 'http:') sessionStorage.setItem('penstock.token', token)
}

// askAs asks the API as somebody else who has the same rights, and fails where it says no.
function askAs({ url, token }) {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? null : JSON.parse(text).data
  }
}

// soon tries until a check returns something true, and returns that.
export async function soon(what, check) {
  for (const end = Date.now() + patience; ;) {
    const last = await check()
    if (last) return last
    if (Date.now() > end) throw new Error(`${what}: not after ${patience / 1000} s`)
    await wait(100)
  }
}

const isAsked = (request) => new URL(request.url()).pathname.startsWith('/api/') && !isStream(request.url())

// inPatience fails where something does not come.
async function inPatience(what, promise) {
  const stop = new AbortController()
  const late = wait(patience, undefined, { signal: stop.signal }).then(
    () => Promise.reject(new Error(`${what}: not after ${patience / 1000} s`)), () => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
  }
}

// toolsOf makes what a case works with.
function toolsOf(page, input, ask, tell, holding) {
  const flying = new Set()
  page.on('request', (request) => isAsked(request) && flying.add(request))
  for (const event of ['requestfinished', 'requestfailed']) page.on(event, (request) => flying.delete(request))
  // drawn waits until the page has drawn what it knows.
  const drawn = () =>
    page.evaluate(() => new Promise((resolve) => {
      setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())), 0)
    }))
  const settled = async () => {
    for (let calm = 0; calm < 2;) {
      const waits = [...flying].some((request) => !holding.some((held) => held.holds(request.method(), request.url())))
      if (waits) await wait(10)
      else await drawn()
      calm = waits ? 0 : calm + 1
    }
  }
  return {
    page, input, ask,
    // open goes to a page; what it asks for may still be on its way.
    open: (path) => page.goto(input.url + path, { waitUntil: 'commit' }),
    hold: async (match) => {
      const held = await hold(page, match)
      holding.push(held)
      return { ...held, asked: (n) => inPatience(`${n} requests like ${match}`, held.asked(n)) }
    },
    drawn,
    // settled waits until all has come that is not held, and is drawn.
    settled,
    // lookAgain lets time pass and focuses the page, which then reads its data again.
    lookAgain: () =>
      page.evaluate((later) => {
        const now = Date.now
        Date.now = () => now.call(Date) + later
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
      }, laterMillis),
    // check tells a difference.
    check: (what, got, want) => {
      if (!isDeepStrictEqual(got, want)) tell(`${what}: ${JSON.stringify(got)}`, JSON.stringify(want))
    },
    tell,
    // alert waits for a problem that can be read, and returns it.
    alert: async () => {
      const alert = page.getByRole('alert').first()
      await alert.waitFor()
      return alert.innerText()
    },
  }
}

// inTime tells what the value of a check is once it is the one that is wanted, or at last.
export async function inTime(it, what, check, want) {
  let got
  try {
    await soon(what, async () => isDeepStrictEqual((got = await check()), want))
  } catch {
    it.check(what, got, want)
  }
}
