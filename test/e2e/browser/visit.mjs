// Visits the shop, has its page make calls, and returns what the SDK was told.
// Input: { form, penstock, writeKey, options } of the page, query of its first visit; calls, JavaScript that is run in it; how: one of ways; api, token,
// source to see what is in the log, where names must be too: of events that the SDK makes by itself.
import { drive } from '../../harness/browser/drive.mjs'
import { openShop } from './shop.mjs'

const loaded = () => window.analytics.instance?.initialized ?? window.analytics.initialized

// What a visitor does: each returns the calls, as texts of JSON.
const ways = {
  // stay stays on the page until all is sent.
  stay: ({ page, calls }) => run(page, calls),

  // leave goes to a page that has no SDK, while the calls may be on their way.
  leave: async ({ page, calls }) => {
    const told = await run(page, calls)
    await page.waitForURL('**/bye')
    return told
  },

  // click follows a link to a page that has the SDK.
  click: async ({ page, calls }) => {
    const told = await run(page, calls)
    await page.waitForURL('**/?again')
    await page.waitForFunction(loaded)
    return [...told, ...await run(page, '')]
  },

  // offline makes the calls without a network, goes away, and comes back when there is one.
  offline: async ({ page, calls, shop, key }) => {
    const context = page.context()
    await context.setOffline(true)
    const told = await run(page, calls)
    await page.goto(`${shop.url}/bye`).catch(() => {}) // there is no network
    await context.setOffline(false)
    await page.goto(`${shop.url}/bye`)
    const kept = await page.evaluate((key) => JSON.parse(localStorage.getItem(`persisted-queue:v1:${key}:dest-Segment.io:items`) ?? '[]').length, key)
    if (kept < told.length - 2) throw new Error(`the SDK has kept ${kept} calls of ${told.length}, of which 2 were made before`)
    await page.goto(shop.url)
    await page.waitForFunction(loaded)
    return [...told, ...await run(page, '')]
  },
}

// run makes calls in a page, and returns all that it has made.
const run = (page, calls) => page.evaluate(`(async () => { await ${calls || null}; return told })()`)

await drive(async ({ input, newPage, until }) => {
  const shop = await openShop(input)
  try {
    const page = await newPage()
    await page.goto(`${shop.url}/${input.query}`)
    await page.waitForFunction(loaded)
    const told = await ways[input.how]({ page, shop, calls: input.calls, key: input.writeKey })
    const calls = told.map((call) => JSON.parse(call))
    await until('all calls are in the log', async () => {
      const there = await logged(input)
      const missing = [...calls.map((call) => call.messageId), ...input.names ?? []].filter((name) => !there.has(name))
      if (missing.length > 0) throw new Error(`missing: ${missing}`)
      return true
    })
    return { told: calls, host: shop.host }
  } finally {
    await shop.close()
  }
})

// logged is what is in the log: messageIds, and names of track calls.
async function logged({ api, token, source }) {
  const answer = await fetch(`${api}/api/sources/${source}/events?limit=10000`, { headers: { Authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`read the log: ${answer.status} ${await answer.text()}`)
  const events = (await answer.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line).event)
  return new Set(events.flatMap((event) => [event?.messageId, event?.event]))
}
