import { drive } from '../browser/drive.mjs'

await drive(async ({ input, newPage, screenshot }) => {
  const page = await newPage()
  await page.goto(input.url, { waitUntil: 'networkidle' })
  await screenshot(page, 'acme')
  return { title: await page.title() }
})
