import { drive } from '../harness/browser/drive.mjs'
import { addSource, example, follow, signIn, summary, track } from './steps.mjs'

await drive(async ({ input, newPage, screenshot }) => {
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)

  // The address of the receiving side.
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Acme web app' }).click()
  const receiver = (await page.getByRole('row', { name: /This server/ }).locator('code').textContent()).trim()

  // A data source, and an event of it.
  const writeKey = await addSource(page, 'Website')
  await track(input, writeKey, example)
  await page.getByText('receiving', { exact: true }).waitFor()

  // Step 1: create a Webhooks (Actions) destination.
  await follow(page, 'Destinations')
  await page.getByRole('heading', { name: 'My destinations' }).waitFor()
  await page.getByRole('link', { name: 'Add destination' }).first().click()
  await page.getByRole('searchbox', { name: 'Search the catalog' }).fill('Webhooks')
  await page.getByRole('link', { name: /^WA Webhooks \(Actions\)|Webhooks \(Actions\) Sends/ }).click()
  await page.getByRole('link', { name: 'Add destination' }).click()
  await page.getByRole('radio', { name: /Website/ }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Destination name').fill('Pendo')
  if ((await page.getByRole('combobox', { name: 'How to begin' }).inputValue()) !== 'Fill in settings manually') throw new Error('the setup does not begin by hand')
  await page.getByRole('button', { name: 'Create destination' }).click()

  // Step 2: configure it.
  await page.getByRole('button', { name: 'New Mapping' }).first().click()
  await page.getByRole('menuitem', { name: /Send/ }).click()
  await page.getByText('1. Select events to map and send').waitFor()
  for (const [label, value] of [['Field', 'Event Type'], ['Operator', 'is'], ['Value', 'Track']]) {
    const shown = await page.getByRole('combobox', { name: label, exact: true }).inputValue()
    if (shown !== value) throw new Error(`the trigger begins with ${label} ${shown}, want ${value}`)
  }
  await page.getByRole('button', { name: 'Load Test Event from Source' }).click()
  await page.getByText('The trigger matches').waitFor()
  await page.locator('#field-url').fill(receiver)
  await page.locator('#field-method').click()
  await page.getByRole('option', { name: 'POST', exact: true }).click()
  await page.locator('#field-data').click()
  await page.locator('#field-data').fill('entire')
  await page.getByRole('option', { name: /The entire event/ }).click()
  await page.getByRole('region', { name: 'request' }).getByText('"exampleValue"').waitFor()
  await screenshot(page, 'mapping')
  await page.getByRole('button', { name: 'Send test event to destination' }).click()
  const answered = page.getByRole('status').locator('strong').first()
  await answered.filter({ hasText: /\d{3}/ }).waitFor()
  const answer = (await answered.textContent()).trim()
  await screenshot(page, 'test-event')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Sends events where').waitFor()
  await page.getByRole('switch', { name: 'Send is on' }).click({ force: true })
  await page.getByText('the destination is off', { exact: false }).first().waitFor()

  // Step 3: turn it on.
  await page.getByRole('navigation', { name: 'Destination' }).getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('switch', { name: 'Enable Destination' }).click({ force: true })
  await page.getByRole('button', { name: 'Save Changes' }).click()
  await page.getByText('Changes are saved').waitFor()

  // The first event that is delivered: in the debugger, on its way, and landed.
  await track(input, writeKey, { ...example, messageId: 'the-first-event' })
  await follow(page, 'Sources')
  await page.getByRole('link', { name: 'Website' }).click()
  await page.getByRole('navigation', { name: 'Source' }).getByRole('link', { name: 'Debugger' }).click()
  const rows = page.getByRole('listbox', { name: 'Events, the newest first' })
  await rows.getByRole('option', { name: /Example Event Name/ }).nth(1).waitFor()
  await rows.getByRole('option', { name: /Example Event Name/ }).first().click()
  await page.getByRole('tab', { name: /Pretty/ }).waitFor()
  await screenshot(page, 'debugger')
  await page.getByRole('link', { name: 'Open journey' }).click()
  const said = await summary(page, 'the-first-event', 'for visitor')
  await screenshot(page, 'journey')
  const landed = page.locator('section.card', { hasText: 'Became a Track Event in' }).locator('dd')
  const became = (await landed.allTextContents()).join(' ')

  // And as a Track Event, with visitor and account.
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Acme web app' }).click()
  await page.getByRole('navigation', { name: 'App' }).getByRole('link', { name: 'Track Events', exact: true }).click()
  await page.getByRole('row', { name: /Example Event Name/ }).getByRole('link').click()
  await page.getByRole('heading', { name: 'Example Event Name', level: 1 }).waitFor()
  await page.getByRole('link', { name: '123', exact: true }).waitFor()
  await page.getByRole('link', { name: 'account', exact: true }).waitFor()
  await screenshot(page, 'track-event')
  return { answer, landed: became, summary: said }
})
