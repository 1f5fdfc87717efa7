import { drive } from '../harness/browser/drive.mjs'
import { addSource, example, follow, signIn, summary, track } from './steps.mjs'

await drive(async ({ input, newPage, screenshot }) => {
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  const writeKey = await addSource(page, 'Website')
  await follow(page, 'Catalog')
  await page.getByRole('link', { name: /Pendo Track Events/ }).click()
  await page.getByRole('radio', { name: /Website/ }).click()
  await page.getByRole('combobox', { name: /^Region/ }).click()
  await page.getByRole('option', { name: 'This server' }).click()
  await page.getByRole('combobox', { name: /^App/ }).click()
  await page.getByRole('option', { name: /Acme web app/ }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Create and turn on' }).click()
  await page.getByText('Ready: the source, the destination and a mapping are on').waitFor()
  await screenshot(page, 'ready')
  await track(input, writeKey, { ...example, messageId: 'by-preset' })
  return { summary: await summary(page, 'by-preset', 'for visitor') }
})
