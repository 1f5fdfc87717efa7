// A page with a browser agent, pointed at a running Penstock: its visitor becomes known, and something happens.
import { drive } from '../harness/browser/drive.mjs'

await drive(async ({ input, newPage, requests, until }) => {
  const page = await newPage()
  await page.goto(input.url)
  await page.waitForFunction(() => window.pendo?.isReady?.())
  // Penstock's agent says when all is sent. Pendo's sends Track Events by themselves; what is not answered before a page is left, it sends again.
  const answered = input.own || page.waitForResponse((answer) => answer.url().includes('/data/ptm.gif/') && answer.url().includes('type=track') && answer.ok())
  await page.evaluate(async (event) => {
    window.pendo.identify({ visitor: { id: 'ann', role: 'admin' }, account: { id: 'acme', plan: 'gold' } })
    window.pendo.track(event, { format: 'csv' })
    await window.pendo.flushNow(true)
  }, input.event)
  await answered
  const sent = () => requests().filter((request) => request.url.includes('/data/ptm.gif/'))
  await until('all is answered', () => sent().every((request) => request.status > 0))
  return {}
})
