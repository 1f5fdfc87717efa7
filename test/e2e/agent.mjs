// A page with a browser agent, pointed at a running Penstock: its visitor becomes known, and something happens.
import { drive } from '../harness/browser/drive.mjs'

await drive(async ({ input, newPage }) => {
  const page = await newPage()
  await page.goto(input.url)
  await page.waitForFunction(() => window.pendo?.isReady?.())
  const answered = page.waitForResponse((answer) => answer.url().includes('/data/ptm.gif/') && answer.ok())
  await page.evaluate((event) => {
    window.pendo.identify({ visitor: { id: 'ann', role: 'admin' }, account: { id: 'acme', plan: 'gold' } })
    window.pendo.track(event, { format: 'csv' })
    window.pendo.flushNow(true)
  }, input.event)
  await answered
  await page.goto(input.url) // what still waits is sent
  return {}
})
