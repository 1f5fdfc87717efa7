import { drive } from '../harness/browser/drive.mjs'
import { receive } from './seed.mjs'
import { follow, signIn, track } from './steps.mjs'

const password = 'a long enough password'

await drive(async ({ input, newPage, screenshot, requests }) => {
  const ask = (path, method = 'GET', body = undefined, token = input.token) => fetch(input.url + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) })
  await receive(input, { type: 'track', event: 'Invoice Paid', userId: 'user-1', messageId: 'received-1', properties: { groupId: 'acme-1', plan: 'pro' } })
  await track(input, 'wk_website_000000000000000000001', { event: 'Invoice Paid', userId: 'user-1', messageId: 'tracked-1' })
  await ask('/api/sources/website', 'PATCH', { name: 'Web site' })
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  await follow(page, 'Settings')
  const tab = (name) => page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name, exact: true }).click()

  // A token is shown once, and works.
  await tab('Tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByLabel('Name').fill('Reports')
  await page.getByRole('button', { name: 'Make the token' }).click()
  const token = (await page.getByRole('dialog').locator('code').innerText()).trim()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.getByRole('row', { name: /Reports viewer/ }).waitFor()
  const tokenWorks = (await ask('/api/apps', 'GET', undefined, token)).status === 200 && (await ask('/api/sources', 'POST', { name: 'No', type: 'server' }, token)).status === 403
  if ((await page.getByText(token).count()) > 0) throw new Error('the token is shown again')

  // What was changed is in the audit trail, before and after.
  await tab('Audit trail')
  await page.getByRole('searchbox', { name: 'Name of what was changed' }).fill('website')
  await page.waitForURL(/name=website/)
  await page.getByRole('table', { name: 'Audit trail, the newest first' }).getByRole('row', { name: /update source/ }).getByRole('button').click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('region', { name: 'After' }).getByText('"Web site"').waitFor()
  const changed = await drawer.locator('tbody tr').first().locator('td').allInnerTexts()
  await screenshot(page, 'audit')
  await page.keyboard.press('Escape')

  // A file is applied after its plan was seen.
  await tab('Export and apply')
  const yaml = await page.getByRole('region', { name: 'workspace' }).innerText()
  await page.getByRole('textbox', { name: 'Workspace file' }).fill(yaml.replace('type = "track"', 'type = "track" and event = "Report Exported"'))
  if (await page.getByRole('button', { name: 'Apply', exact: true }).isEnabled()) throw new Error('a file can be applied before its plan was shown')
  await page.getByRole('button', { name: 'Show the plan' }).click()
  const plan = (await page.getByRole('status').filter({ hasText: 'unchanged' }).locator('p').first().innerText()).trim()
  const impact = await page.getByRole('region', { name: /^Impact on pendo/ }).locator('.pill').first().innerText()
  await screenshot(page, 'plan')
  await page.getByRole('button', { name: 'Apply', exact: true }).click()
  await page.getByText('The workspace is as the file says').waitFor()
  await page.getByRole('region', { name: 'workspace' }).getByText('Report Exported').waitFor()

  // A viewer, by the link that was shown once.
  const { data } = await (await ask('/api/users', 'POST', { name: 'Vera', email: 'vera@acme.example', role: 'viewer' })).json()
  const viewer = await newPage({ viewport: { width: 1440, height: 900 } })
  await viewer.goto(data.invite.link)
  await viewer.getByRole('textbox', { name: 'Password' }).fill(password)
  await viewer.getByRole('button', { name: 'Sign in' }).click()
  await viewer.getByRole('heading', { name: 'Overview' }).waitFor()
  const before = requests().length
  const offered = []
  for (const path of ['/apps', '/apps/acme', '/apps/acme/visitors/user-1', '/apps/acme/accounts/acme-1', '/apps/acme/settings', '/settings', '/settings/keys', '/settings/security', '/settings/retention', '/settings/workspace', '/settings/users', '/settings/audit']) {
    await viewer.goto(input.url + path)
    await viewer.getByRole('heading', { level: 1 }).waitFor()
    await viewer.waitForFunction(() => document.querySelector('main [aria-busy=true]') === null && document.querySelector('[data-going]') === null)
    if ((await viewer.locator('main section.card, main .card').count()) === 0) offered.push(`${path}: nothing to see`)
    for (const box of await viewer.locator('main').getByRole('switch').all()) if (await box.isEnabled()) offered.push(`${path}: a switch`)
    for (const control of await viewer.locator('main').locator('button:enabled, a').all()) {
      const name = ((await control.getAttribute('aria-label')) ?? (await control.innerText())).trim()
      if (/^(Add|New|Create|Save|Delete|Rotate|Erase|Lift|Invite|Apply|Open a file|Show the plan)\b/.test(name)) offered.push(`${path}: ${name}`)
    }
  }
  await screenshot(viewer, 'viewer')
  const asked = requests().slice(before).filter((r) => r.url.startsWith(input.url) && !['GET', 'HEAD'].includes(r.method)).map((r) => `${r.method} ${r.url}`)
  return { tokenWorks, changed, plan, impact, offered, asked }
})
