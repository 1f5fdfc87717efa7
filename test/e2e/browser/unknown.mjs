// Visits the shop with a write key that nobody knows, until the console of its page says so.
// Input: { form, penstock, writeKey }; console, what the line has in it.
import { drive } from '../../harness/browser/drive.mjs'
import { openShop } from './shop.mjs'

await drive(async ({ input, newPage }) => {
  const shop = await openShop(input)
  try {
    const page = await newPage()
    const line = page.waitForEvent('console', (line) => line.text().includes(input.console))
    await page.goto(shop.url)
    return { type: (await line).type(), text: (await line).text(), host: shop.host }
  } finally {
    await shop.close()
  }
})
