import { drive } from '../harness/browser/drive.mjs'

// opened opens the interface in an empty browser, and measures from the navigation until a control is there and has reacted.
async function opened(context, url, react) {
  const page = await context.newPage()
  const asked = []
  page.on('request', (request) => asked.push(request))
  await page.goto(url)
  await react(page)
  const millis = await page.evaluate(() => Math.round(performance.now()))
  const painted = await page.evaluate(() => Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0))
  await page.close()
  return { millis, painted, asked: asked.map((request) => ({ url: request.url(), type: request.resourceType() })) }
}

// rounds are what the overview may wait for, one after the other: no answer of a round is given before all of the round are asked for.
const rounds = [
  [/^\/$/],
  [/^\/assets\/index-.*\.js$/, /^\/assets\/shared-.*\.js$/],
  [/^\/assets\/Overview-.*\.js$/, /^\/api\/session$/],
  [/^\/api\/sources$/, /^\/api\/destinations$/, /^\/api\/apps$/, /^\/api\/ledger$/],
]

// inRounds holds the answers to a page until their round is complete; a page that wants one of them before it asks for another waits for ever.
async function inRounds(page) {
  const waiting = rounds.map((round) => {
    let resolve
    const promise = new Promise((r) => (resolve = r))
    return { missing: new Set(round), promise, resolve }
  })
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url())
    for (const [i, round] of rounds.entries()) {
      const one = round.find((wanted) => wanted.test(pathname))
      if (one === undefined) continue
      waiting[i].missing.delete(one)
      if (waiting[i].missing.size === 0) waiting[i].resolve()
      await waiting[i].promise
    }
    await route.continue()
  })
  return () => waiting.filter((w) => w.missing.size === 0).length
}

// compressed asks how long scripts are on their way to the browser, in bytes.
async function compressed(asked) {
  const scripts = {}
  for (const { url } of asked.filter((r) => r.type === 'script')) {
    const response = await fetch(url, { headers: { 'Accept-Encoding': 'gzip' } })
    await response.arrayBuffer()
    const length = Number(response.headers.get('content-length'))
    if (response.headers.get('content-encoding') !== 'gzip' || !(length > 0)) throw new Error(`${url} does not say how long it is`)
    scripts[new URL(url).pathname] = length
  }
  return scripts
}

await drive(async ({ input, newContext }) => {
  const size = { viewport: { width: 1440, height: 900 } }
  // Who is not signed in types a token, who is goes elsewhere: each in a browser that has seen nothing before.
  const out = await opened(await newContext(size), input.url, async (page) => {
    await page.getByLabel(/^Token/).fill('x')
  })
  const signedIn = async () => {
    const context = await newContext(size)
    await context.addInitScript((token) => location.protocol === 'http:' && sessionStorage.setItem('penstock.token', token), input.token)
    return context
  }
  const mapped = (page) => page.getByRole('region', { name: 'Live map' }).getByRole('link', { name: /Pendo/ }).waitFor()
  const overview = await opened(await signedIn(), input.url, async (page) => {
    await mapped(page)
    await page.getByRole('button', { name: /^Switch to/ }).click()
    await page.waitForFunction(() => document.documentElement.getAttribute('data-mantine-color-scheme') === 'dark')
  })
  const held = await (await signedIn()).newPage()
  const complete = await inRounds(held)
  await held.goto(input.url)
  await mapped(held)
  return {
    signIn: { millis: out.millis, painted: out.painted },
    overview: { millis: overview.millis, painted: overview.painted },
    scripts: await compressed(overview.asked), asked: overview.asked.map((r) => `${r.type} ${new URL(r.url).pathname}`),
    rounds: complete(),
  }
})
