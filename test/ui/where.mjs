import { drive } from '../harness/browser/drive.mjs'
import { example, follow, signIn, track } from './steps.mjs'

await drive(async ({ input, newPage, screenshot }) => {
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await track(input, 'wk_website_000000000000000000001', { ...example, messageId: 'gone-astray' })
  await signIn(page, input)
  await follow(page, 'Where is my event?')
  await page.getByRole('searchbox').fill('astray')
  await page.getByRole('button', { name: /gone-astray/ }).click()
  const step = page.locator('section.card', { has: page.getByRole('heading', { name: /Pendo/ }) })
  const mend = step.getByRole('link', { name: 'Mend and test' })
  await mend.waitFor()
  const state = (await step.locator('.head .pill').textContent()).trim()
  const reason = (await step.locator('.tag').first().textContent()).trim()
  await screenshot(page, 'journey')
  await mend.click()
  await page.getByText('gone-astray').first().waitFor()
  await page.locator('#field-url').fill(`${input.url}/data/segmentio/00000000000000000000000000000001`)
  await page.getByRole('button', { name: 'Send test event to destination' }).click()
  const answered = page.getByRole('status').locator('strong').first()
  await answered.filter({ hasText: /\d{3}/ }).waitFor()
  const answer = (await answered.textContent()).trim()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Everything is saved.').waitFor()
  await screenshot(page, 'mended')
  return { state, reason, answer }
})
