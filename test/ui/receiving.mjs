import { drive } from '../harness/browser/drive.mjs'
import { receive, seed } from './seed.mjs'
import { choose, follow, signIn } from './steps.mjs'

const text = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ').trim()

await drive(async ({ input, newPage, screenshot }) => {
  await seed(input)
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Acme web app' }).click()
  const tab = (name) => page.getByRole('navigation', { name: 'App' }).getByRole('link', { name, exact: true }).click()

  // What came, as it comes: one that has a verdict, and why.
  await tab('Raw events')
  const raw = page.getByRole('table', { name: 'Raw events, the newest first' })
  await raw.getByRole('row').nth(5).waitFor()
  await page.getByText('live ·').waitFor()
  await receive(input, { type: 'track', event: 'Came live', userId: 'user-1', properties: { groupId: 'acme-1' }, messageId: 'live-1' })
  await raw.getByRole('button', { name: 'Came live' }).or(raw.getByText('Came live')).first().waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await receive(input, { type: 'track', event: 'Came while paused', userId: 'user-1', properties: { groupId: 'acme-1' }, messageId: 'live-2' })
  await page.getByRole('button', { name: '1 newer event' }).waitFor()
  const heldBack = await raw.getByText('Came while paused').count()
  await page.getByRole('button', { name: 'Resume' }).click()
  await raw.getByText('Came while paused').waitFor()
  await choose(page, 'Verdict', 'context group ignored')
  await page.waitForURL(/verdict=context_group_ignored/)
  await page.getByText('100 events, all that match').waitFor()
  await raw.getByRole('row').nth(1).getByRole('button').click()
  const drawer = page.getByRole('dialog')
  const why = await text(drawer.getByRole('list', { name: 'Verdicts' }).getByRole('listitem').filter({ hasText: 'context group ignored' }))
  await drawer.getByRole('region', { name: 'As it came' }).getByText('"context"').waitFor()
  const journey = await drawer.getByRole('link', { name: 'Open its journey' }).getAttribute('href')
  await screenshot(page, 'raw-event')
  await page.keyboard.press('Escape')

  // Track Events: found by a search, taken away as CSV.
  await tab('Track Events')
  await page.getByRole('searchbox', { name: 'Search Track Events' }).fill('invoice')
  const row = page.getByRole('table', { name: 'Track Events' }).getByRole('row', { name: /Invoice Paid/ })
  await page.getByText('1 Track Event', { exact: true }).waitFor()
  const counted = (await row.getByRole('cell').allInnerTexts()).slice(0, 5).join(' ')
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const csv = await contents(await downloading)
  await row.getByRole('link').click()

  // By property, here and in the explorer.
  await page.getByRole('heading', { name: 'Invoice Paid', level: 1 }).waitFor()
  await page.getByRole('region', { name: 'Properties' }).getByRole('button', { name: 'plan' }).click()
  const breakdown = page.getByRole('region', { name: 'By plan' })
  await breakdown.getByRole('row').nth(3).waitFor()
  const values = await Promise.all((await breakdown.locator('tbody tr').all()).map(text))
  await screenshot(page, 'track-event')
  await page.getByRole('link', { name: 'Open in Explorer' }).click()
  const answer = page.getByRole('region', { name: 'Answer' })
  await answer.getByRole('row', { name: /pro/ }).waitFor()
  await page.getByRole('button', { name: 'Add a filter' }).click()
  await page.getByRole('combobox', { name: 'Field' }).click()
  await page.getByRole('option', { name: 'plan', exact: true }).click()
  await page.getByRole('combobox', { name: 'Operator' }).click()
  await page.getByRole('option', { name: 'is not', exact: true }).click()
  await page.getByRole('textbox', { name: 'Value' }).fill('free')
  await page.getByRole('textbox', { name: 'Value' }).press('Enter')
  await answer.getByRole('row', { name: /free/ }).waitFor({ state: 'detached' })
  await page.reload() // the whole question stands in the address
  await answer.getByRole('row', { name: /pro/ }).waitFor()
  const explored = await Promise.all((await answer.locator('tbody tr').all()).map(text))
  await screenshot(page, 'explorer')

  // The visitor, and the account of it.
  await tab('Visitors')
  await page.getByRole('searchbox', { name: 'Search visitors' }).fill('user-3')
  const visitors = page.getByRole('table', { name: 'Visitors' })
  await page.getByText('11 visitors', { exact: true }).waitFor()
  await visitors.getByRole('link', { name: 'user-33', exact: true }).click()
  await page.getByRole('heading', { name: 'user-33' }).waitFor()
  await page.getByRole('region', { name: 'Metadata' }).getByText('user-33@acme.example').waitFor()
  const visitor = await Promise.all((await page.getByRole('region', { name: 'Track Events' }).locator('tbody tr td:nth-child(-n+2)').all()).map(text))
  await screenshot(page, 'visitor')
  await page.getByRole('region', { name: 'Accounts' }).getByRole('link', { name: 'acme-3' }).click()
  await page.getByRole('heading', { name: 'acme-3' }).waitFor()
  const itsVisitors = page.getByRole('region', { name: 'Visitors' }).getByRole('listitem')
  await itsVisitors.first().waitFor()
  const account = await itsVisitors.count()
  await screenshot(page, 'account')

  // Left out, it is counted nowhere.
  await page.getByRole('switch', { name: 'Exclude' }).click({ force: true })
  await page.getByText('excluded', { exact: true }).waitFor()
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Acme web app' }).click()
  await tab('Track Events')
  await page.getByRole('table', { name: 'Track Events' }).getByRole('row', { name: /Invoice Paid 900/ }).waitFor()
  await tab('Settings')
  await page.getByRole('region', { name: 'Excluded and not processed' }).getByRole('row', { name: /acme-3/ }).getByRole('button', { name: 'Lift' }).click()
  await page.getByText('Nobody is').waitFor()
  return { heldBack, why, journey, counted, csv: csv.trim().split('\n').length, values, explored, visitor, account }
})

async function contents(download) {
  let all = ''
  for await (const part of await download.createReadStream()) all += part
  return all
}
