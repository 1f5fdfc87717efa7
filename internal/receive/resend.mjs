// A page whose first events cannot be stored at once, and whose key is then another.
import { drive } from '../../test/harness/browser/drive.mjs'

await drive(async ({ input, newPage, until }) => {
  const page = await newPage()
  const statuses = []
  page.on('response', (answer) => answer.url().includes('/data/ptm.gif/') && statuses.push(answer.status()))
  await page.goto(input.url)
  await page.evaluate(() => window.pendo.track('Once', {})) // with what the page has to say by itself, or after it
  await until('all is stored', async () => {
    await page.evaluate(() => window.pendo.flushNow())
    return statuses.at(-1) === 200
  })
  await page.close()

  const other = await page.context().newPage()
  other.on('response', (answer) => answer.url().includes('/data/ptm.gif/') && statuses.push(answer.status()))
  const told = other.waitForEvent('console', (line) => line.text().includes('refused'))
  await other.goto(input.url + '&key=none')
  await told
  await until('the refusal is noted', () => statuses.at(-1) === 404)
  return { statuses }
})
