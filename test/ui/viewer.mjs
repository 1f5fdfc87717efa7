import { drive } from '../harness/browser/drive.mjs'
import { follow, signIn } from './steps.mjs'

const password = 'a long enough password'

await drive(async ({ input, newPage, screenshot, requests }) => {
  // The owner invites a viewer.
  const owner = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(owner, input)
  await follow(owner, 'Settings')
  await owner.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Users' }).click()
  await owner.getByRole('button', { name: 'Invite user' }).click()
  await owner.getByRole('textbox', { name: 'E-mail' }).fill('viewer@acme.example')
  await owner.getByRole('textbox', { name: 'Name' }).fill('Vera')
  await owner.getByRole('dialog').getByRole('combobox', { name: 'Role' }).click()
  await owner.getByRole('option', { name: /Viewer/ }).click()
  await owner.getByRole('button', { name: 'Make the link' }).click()
  const link = (await owner.getByRole('dialog').locator('code').textContent()).trim()

  // The viewer takes the invitation, leaves, and signs in.
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(link)
  await page.getByLabel(/^Password/).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByRole('button', { name: /Vera/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('textbox', { name: 'E-mail' }).fill('viewer@acme.example')
  await page.getByLabel(/^Password/).fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel(/^Password/).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()

  // Nothing that changes anything can be pressed.
  const before = requests().length
  const offered = []
  for (const path of ['/sources', '/sources/website/settings', '/destinations', '/destinations/pendo', '/destinations/pendo/mappings', '/destinations/pendo/settings', '/apps', '/apps/acme', '/settings', '/settings/workspace']) {
    await page.goto(input.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('load')
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' })
    for (const control of await page.locator('main').locator('button:enabled, [role=switch]:enabled, a').all()) {
      const name = ((await control.getAttribute('aria-label')) ?? (await control.textContent()) ?? '').trim()
      if (/^(Add|New|Create|Save|Delete|Turn|Invite|Apply|Another key|Add a key)\b|is on$|is taken$|are taken$/.test(name)) offered.push(`${path}: ${name}`)
    }
    for (const box of await page.locator('main [role=switch]').all()) if (await box.isEnabled()) offered.push(`${path}: a switch`)
  }
  await screenshot(page, 'viewer')
  const asked = requests().slice(before).filter((r) => !['GET', 'HEAD'].includes(r.method) && !/impact|mappings\/test|triggers\/read/.test(r.url)).map((r) => `${r.method} ${r.url}`)
  return { offered, asked }
})
