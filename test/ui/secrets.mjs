import { drive } from '../harness/browser/drive.mjs'
import { follow, signIn } from './steps.mjs'

await drive(async ({ input, newPage, screenshot, until }) => {
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  const get = async (path, headers) => (await fetch(input.url + path, { headers })).status
  const post = async (path, body, headers = {}) => (await fetch(input.url + path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) })).status
  const call = (messageId) => ({ type: 'track', event: 'Invoice Paid', userId: 'user-1', messageId, timestamp: new Date().toISOString(), properties: { groupId: 'acme-1' } })
  await signIn(page, input)

  // An integration key: shown once, good for reading, and refused once it is deleted.
  await follow(page, 'Settings')
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Integration keys' }).click()
  await page.getByText('No integration key yet').waitFor()
  await page.getByRole('button', { name: 'New integration key' }).click()
  await page.getByRole('textbox', { name: 'Description' }).fill('Nightly report')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const key = (await page.getByRole('dialog').locator('code').innerText()).trim()
  const schema = () => get('/api/v1/metadata/schema/visitor', { 'x-pendo-integration-key': key })
  const integration = [await schema()]
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.reload()
  const made = page.getByRole('row', { name: /Nightly report every one read/ })
  await made.waitFor()
  const shownAgain = (await page.content()).includes(key)
  await screenshot(page, 'integration-key')
  await made.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No integration key yet').waitFor()
  integration.push(await schema())

  // The key of an app: rotated without a gap, then the old one is taken away.
  await follow(page, 'Apps')
  await page.getByRole('link', { name: 'Acme web app' }).click()
  await page.getByRole('navigation', { name: 'App' }).getByRole('link', { name: 'Settings' }).click()
  const keys = page.getByRole('region', { name: 'Key', exact: true })
  const first = (await keys.locator('code').first().innerText()).trim()
  await keys.getByRole('button', { name: 'Rotate the key' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate the key' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await keys.getByText('old', { exact: true }).waitFor()
  const second = (await keys.locator('code').first().innerText()).trim()
  const send = (appKey, id) => post(`/data/segmentio/${appKey}`, call(id))
  const rotated = [await send(first, 'by-old'), await send(second, 'by-new')]
  await keys.getByRole('button', { name: /^Take the old key/ }).click()
  await keys.getByText('old', { exact: true }).waitFor({ state: 'detached' })
  rotated.push(await until('the old key is refused', async () => (await send(first, 'by-old-again')) === 404 && 404), await send(second, 'by-new-again'))

  // Its shared secret: another one, shown once, and the only one that is taken.
  const secrets = page.getByRole('region', { name: 'Secrets' })
  const rotateSecret = async () => {
    await secrets.getByRole('button', { name: 'Rotate the shared secret' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the shared secret' }).click()
    await secrets.getByText('It is shown this once').waitFor()
    return (await secrets.locator('code').first().innerText()).trim()
  }
  const asServer = (secret) => post('/data/track', { type: 'track', event: 'Invoice Paid', visitorId: 'user-1', accountId: 'acme-1', timestamp: Date.now(), properties: {} }, { 'x-pendo-integration-key': secret })
  const old = await rotateSecret()
  const shared = [await asServer(old)]
  await screenshot(page, 'shared-secret')
  await page.reload()
  await secrets.getByRole('button', { name: 'Rotate the shared secret' }).waitFor()
  if ((await page.content()).includes(old)) throw new Error('the shared secret is shown again')
  const now = await rotateSecret()
  shared.push(await until('the old secret is refused', async () => (await asServer(old)) === 403 && 403), await asServer(now))
  return { integration, shownAgain, another: first !== second, rotated, shared }
})
