// Makes the calls of a page with a browser agent, the real one or Penstock's own, in the order in which they were recorded.
import { drive } from '../../test/harness/browser/drive.mjs'

await drive(async ({ input, newPage, screenshot, requests, until }) => {
  const page = await newPage()
  // flush has the agent send what waits, and waits until it is answered. Penstock's agent says when; of Pendo's, it is an answer to its queue of Track Events, or to the other.
  const flush = async (track, action) => {
    if (input.own) {
      await action()
      return page.evaluate(() => window.pendo.flushNow())
    }
    const answered = page.waitForResponse((answer) => {
      const url = new URL(answer.url())
      return url.pathname.startsWith('/data/ptm.gif/') && answer.request().method() !== 'OPTIONS' && (url.searchParams.get('type') === 'track') === track
    })
    await action()
    await page.evaluate(() => void window.pendo.flushNow(true))
    return (await answered).finished()
  }
  const step = (track, action) => flush(track, () => page.evaluate(action))
  await flush(false, async () => {
    await page.goto(input.url)
    await page.waitForFunction(() => window.pendo?.isReady?.())
  })
  const anonymous = await page.evaluate(() => window.pendo.getVisitorId())

  await step(true, () => window.pendo.track('Anon Event', { k: 'v' }))
  await step(false, () => window.pendo.identify({
    visitor: { id: 'user-42', email: 'ann@example.test', role: 'admin', logins: 5, active: true },
    account: { id: 'acct-7', name: 'Acme', planLevel: 'gold' },
  }))
  await step(true, () => window.pendo.track('Report Exported', { format: 'csv', rows: 12, groupId: 'segmentaccountid', nested: { a: 1 }, list: [1, 2], ok: true, nil: null }))
  await step(true, () => {
    window.pendo.track('Weird', 'str')
    window.pendo.track('NoProps')
  })
  await step(true, () => window.pendo.track('Größe', { text: 'x'.repeat(9000) })) // more than a URL holds: a POST
  await step(false, () => window.pendo.updateOptions({ visitor: { id: 'user-42', role: 'owner' }, account: { id: 'acct-7', planLevel: 'platinum' } }))
  const ids = await page.evaluate(() => ({ visitor: window.pendo.getVisitorId(), account: window.pendo.getAccountId(), stored: Object.keys(localStorage) }))
  await screenshot(page, 'page')

  // What is not answered when a page is left is sent again by Pendo's agent, and a step may have been answered by what
  // its timers sent before.
  const sent = () => requests().filter((request) => request.url.includes('/data/ptm.gif/'))
  await until('all is answered', () => sent().every((request) => request.status > 0))

  // What waits when a page is left is sent all the same (nobody here is told of its answer); the visitor is known on the next page.
  await page.evaluate(() => window.pendo.track('Last Event', {}))
  await page.goto(input.url + '&again=1')
  await page.waitForFunction(() => window.pendo?.isReady?.())
  const again = await page.evaluate(() => window.pendo.getVisitorId())
  return { anonymous, ...ids, again }
})
