// A page whose first events cannot be stored at once, and whose key is then another.
import { drive } from '../../test/harness/browser/drive.mjs'

await drive(async ({ input, newPage }) => {
  const page = await newPage()
  const statuses = []
  const answered = (status) => page.waitForResponse((answer) => answer.url().includes('/data/ptm.gif/') && answer.status() === status)
  page.on('response', (answer) => answer.url().includes('/data/ptm.gif/') && statuses.push(answer.status()))
  const [stored] = await Promise.all([answered(200), page.goto(input.url).then(() => page.evaluate(() => window.pendo.track('Once', {})))])
  await stored.finished()
  await page.close()

  const other = await page.context().newPage()
  other.on('response', (answer) => answer.url().includes('/data/ptm.gif/') && statuses.push(answer.status()))
  const told = other.waitForEvent('console', (line) => line.text().includes('refused'))
  await other.goto(input.url + '&key=none')
  await told
  return { statuses }
})
