import { drive } from '../harness/browser/drive.mjs'
import { choose, follow, signIn } from './steps.mjs'
import { receive } from './seed.mjs'

await drive(async ({ input, newPage, screenshot, until }) => {
  const read = async (path) => (await (await fetch(input.url + path, { headers: { Authorization: `Bearer ${input.token}` } })).json()).data
  for (const id of ['user-1', 'user-2']) {
    await receive(input, { type: 'identify', userId: id, messageId: `identify-${id}`, traits: { email: `${id}@acme.example` } })
    await receive(input, { type: 'track', event: 'Invoice Paid', userId: id, messageId: `paid-${id}`, properties: { groupId: 'acme-1' } })
  }
  await until('both visitors are counted', async () => (await read('/api/apps/acme/visitors')).length === 2)
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)

  // A visitor is erased after the name was typed; then neither the list nor the page of it has it.
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Acme web app' }).click()
  await page.getByRole('navigation', { name: 'App' }).getByRole('link', { name: 'Visitors' }).click()
  const visitors = page.getByRole('table', { name: 'Visitors' })
  await visitors.getByRole('link', { name: 'user-1', exact: true }).click()
  await page.getByRole('button', { name: 'Erase' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Type user-1 to go on').fill('user-2')
  const early = await dialog.getByRole('button', { name: 'Erase' }).isEnabled()
  await dialog.getByLabel('Type user-1 to go on').fill('user-1')
  await screenshot(page, 'erase')
  await dialog.getByRole('button', { name: 'Erase' }).click()
  await page.waitForURL(/\/visitors$/)
  await until('the visitor is gone from the list', async () => {
    await page.reload()
    await visitors.getByRole('link', { name: 'user-2', exact: true }).waitFor()
    return (await visitors.getByRole('link', { name: 'user-1', exact: true }).count()) === 0
  })
  await page.goto(`${input.url}/apps/acme/visitors/user-1`)
  await page.getByText('There is no such visitor').waitFor()
  const left = (await read('/api/apps/acme/received')).map((c) => c.visitor).filter((v, i, all) => all.indexOf(v) === i)

  // How long a source and an app are kept, changed and taken back.
  await follow(page, 'Settings')
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Retention' }).click()
  const source = page.getByRole('row', { name: /^Website/ })
  await source.getByRole('button', { name: 'Change the retention of Website' }).click()
  await dialog.getByLabel('Keep events, in days').fill('30')
  await dialog.getByLabel('Backlog, in GB').fill('1.5')
  await choose(page, 'When the backlog is full', 'Discard the oldest, and count them so')
  await screenshot(page, 'retention')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await source.getByText('30 days, backlog 1.5 GB, full: discard the oldest').waitFor()
  const app = page.getByRole('row', { name: /^Acme web app/ })
  await app.getByRole('button', { name: 'Change the retention of Acme web app' }).click()
  await dialog.getByLabel('Keep what it received, in months').fill('12')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await app.getByText('12 months').waitFor()
  const kept = [(await read('/api/sources/website')).retention, (await read('/api/apps/acme')).retention]
  await page.reload()
  await source.getByRole('button', { name: 'Change the retention of Website' }).click()
  await dialog.getByLabel('Backlog, in GB').fill('')
  await choose(page, 'When the backlog is full', 'As the server: refuse new events')
  await dialog.getByLabel('Keep events, in days').fill('')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await source.getByText('as the server').waitFor()
  const back = (await read('/api/sources/website')).retention ?? null
  return { early, left, kept, back }
})
