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

  // leave goes to a page that has no SDK, while the calls are on their way; ten others, with those that the page makes by itself, have arrived before.
  leave: async ({ page, calls, inLog }) => {
    await inLog(await run(page, 'tellMany(7)'))
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

  // offline makes the calls without a network, closes the tab, and comes back when there is one.
  offline: async ({ page, calls, shop, key }) => {
    const context = page.context()
    await context.setOffline(true)
    await page.waitForFunction(() => !navigator.onLine)
    const told = await run(page, calls)
    await Promise.all([page.waitForEvent('close'), page.close({ runBeforeUnload: true })])
    await context.setOffline(false)
    const next = await context.newPage()
    await next.goto(`${shop.url}/bye`)
    const kept = await next.evaluate((key) => JSON.parse(localStorage.getItem(`persisted-queue:v1:${key}:dest-Segment.io:items`) ?? '[]').length, key)
    if (kept < told.length - 2) throw new Error(`the SDK has kept ${kept} calls of ${told.length}, of which 2 were made before`)
    await next.goto(shop.url)
    await next.waitForFunction(loaded)
    return [...told, ...await run(next, '')]
  },
}

// run makes calls in a page, and returns all that it has made.
const run = (page, calls) => page.evaluate(`(async () => { await ${calls || null}; return told })()`)

await drive(async ({ input, newPage, requests, until }) => {
  const shop = await openShop(input)
  try {
    const page = await newPage()
    await page.goto(`${shop.url}/${input.query}`)
    await page.waitForFunction(loaded)
    const inLog = (told) => until('all calls are in the log', async () => {
      const events = await logged(input)
      const wanted = [...told.map((call) => JSON.parse(call).messageId), ...input.names ?? []]
      const missing = wanted.filter((name) => !events.some((event) => event.messageId === name || event.event === name))
      if (missing.length > 0) throw new Error(`missing: ${missing}`)
      return events
    })
    const told = await ways[input.how]({ page, shop, inLog, calls: input.calls, key: input.writeKey })
    const events = await inLog(told)
    if (input.how === 'stay') { // what outlives its page is not told to those who watch the page
      await until('all calls are answered', () => {
        const taken = requests().filter((request) => request.status === 200).map((request) => request.body).join()
        return events.every((event) => taken.includes(`"${event.messageId}"`))
      })
    }
    return { told: told.map((call) => JSON.parse(call)), host: shop.host }
  } finally {
    await shop.close()
  }
})

// logged is the events that are in the log.
async function logged({ api, token, source }) {
  const answer = await fetch(`${api}/api/sources/${source}/events?limit=10000`, { headers: { Authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`read the log: ${answer.status} ${await answer.text()}`)
  return (await answer.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line).event).filter(Boolean)
}
