import { drive } from '../harness/browser/drive.mjs'
import { choose, follow, signIn, summary, track } from './steps.mjs'

const writeKey = 'wk_website_000000000000000000001'
const paid = (messageId, email) => ({ event: 'Invoice Paid', userId: 'user-1', groupId: 'acme-1', messageId, properties: { email, plan: 'pro' } })

await drive(async ({ input, newPage, screenshot }) => {
  await track(input, writeKey, paid('before', 'a@acme.example'))
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  const filters = async () => {
    await follow(page, 'Destinations')
    await page.getByRole('link', { name: 'Pendo', exact: true }).first().click()
    await page.getByRole('navigation', { name: 'Destination' }).getByRole('link', { name: /^Filters/ }).click()
  }

  // A condition that is put together from a field of the event that came in, and what the filter makes of that event.
  await filters()
  await page.getByText('No filter yet').waitFor()
  await page.getByRole('link', { name: 'New filter' }).first().click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Our own people')
  await page.getByRole('combobox', { name: 'Field' }).fill('properties.email')
  await page.keyboard.press('Escape')
  await choose(page, 'Operator', 'contains')
  await page.getByRole('textbox', { name: 'Value' }).fill('@acme.example')
  await page.getByRole('button', { name: 'Add to the condition' }).click()
  const condition = await page.getByRole('textbox', { name: 'Condition' }).inputValue()
  const preview = page.getByRole('region', { name: 'Live preview' })
  await preview.getByText('It would be dropped').waitFor()
  await choose(page, 'Action', 'Take properties out')
  await page.getByRole('combobox', { name: 'Properties' }).fill('email')
  await page.keyboard.press('Enter')
  await preview.locator('.tag').waitFor()
  const without = await preview.locator('.tag').allInnerTexts()
  await page.getByRole('textbox', { name: 'Condition' }).fill('type = ')
  await preview.getByRole('alert').waitFor()
  await page.getByRole('textbox', { name: 'Condition' }).fill(condition)
  await choose(page, 'Action', 'Drop the event')
  await preview.getByText('It would be dropped').waitFor()
  await screenshot(page, 'filter-made')
  await page.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('table', { name: 'Filters' }).getByRole('row', { name: /Our own people/ })
  await row.waitFor()

  // It is in force: the journey of what it dropped names it, and what it does not mean is delivered.
  await track(input, writeKey, paid('ours', 'b@acme.example'))
  await track(input, writeKey, paid('theirs', 'c@example.com'))
  await summary(page, 'ours', 'no mapping sent it')
  const journey = page.getByRole('list', { name: 'Journey' })
  const state = await journey.locator('.pill').first().innerText()
  const why = await journey.getByText(/^Not sent:/).innerText()
  await screenshot(page, 'filtered')
  const theirs = await summary(page, 'theirs', 'delivered it')

  // Off, it lets through what it dropped; deleted, it is gone.
  await filters()
  await row.getByRole('switch', { name: 'Our own people is on' }).click({ force: true })
  await page.getByText('Our own people is off').waitFor()
  await track(input, writeKey, paid('ours-again', 'b@acme.example'))
  await summary(page, 'ours-again', 'delivered it')
  await filters()
  await row.getByRole('link').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No filter yet').waitFor()
  return { condition, without, state, why: why.split(' If ')[0].trim(), theirs }
})
