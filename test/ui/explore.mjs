import { drive } from '../harness/browser/drive.mjs'
import { follow, signIn, track } from './steps.mjs'

await drive(async ({ input, newPage, screenshot }) => {
  for (const [i, plan] of ['pro', 'pro', 'free'].entries()) {
    await track(input, 'wk_website_000000000000000000001', { event: 'Plan Chosen', userId: `user-${i}`, groupId: i === 2 ? 'small' : 'large', messageId: `plan-${i}`, properties: { plan } })
  }
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Track Events' }).click()
  const row = page.getByRole('row', { name: /Plan Chosen 3/ })
  await row.waitFor()
  const counted = (await row.locator('td').allTextContents()).slice(0, 4).join(' ')
  await row.getByRole('link').click()

  // By property.
  await page.getByRole('heading', { name: 'Plan Chosen' }).waitFor()
  const byProperty = page.getByRole('region', { name: 'By property' })
  await page.getByRole('combobox', { name: 'Property' }).click()
  await page.getByRole('option', { name: 'plan', exact: true }).click()
  await byProperty.getByText('pro', { exact: true }).waitFor()
  const breakdown = (await byProperty.locator('li').allTextContents()).map((t) => t.trim())
  await screenshot(page, 'track-event')

  // The visitor, and the account of it.
  await page.getByRole('region', { name: 'Top visitors' }).getByRole('link', { name: /user-0/ }).click()
  await page.getByRole('heading', { name: 'user-0' }).waitFor()
  await screenshot(page, 'visitor')
  await page.getByRole('region', { name: 'Accounts' }).getByRole('link', { name: 'large' }).click()
  await page.getByRole('heading', { name: 'large' }).waitFor()
  const visitors = page.getByRole('region', { name: 'Visitors' })
  await visitors.getByRole('link', { name: /user-1/ }).waitFor()
  await screenshot(page, 'account')
  return { counted, breakdown, visitors: (await visitors.getByRole('listitem').allTextContents()).length }
})
