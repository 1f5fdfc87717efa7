import { readFile } from 'node:fs/promises'
import { inspect } from '../harness/browser/axe.mjs'
import { drive } from '../harness/browser/drive.mjs'
import { receive, seed } from './seed.mjs'
import { choose } from './steps.mjs'

// The ways in which a page is looked at, by axe and for a screenshot: in the first of them, or in every one.
const looks = [
  { width: 1440, height: 1000, scheme: 'light' }, { width: 1440, height: 1000, scheme: 'dark' },
  { width: 390, height: 1400, scheme: 'dark' }, { width: 390, height: 1400, scheme: 'light' },
]
const atOnce = 2 // windows: pages wait for answers, too

// What is done on a page before it is looked at.
const acts = {
  shortcuts: (page) => page.keyboard.press('?'),
  entry: (page) => page.getByRole('option').first().click(),
  attempt: (page) => page.locator('main button[aria-expanded]').first().click(),
  received: (page) => page.getByRole('table').getByRole('row').nth(1).getByRole('button').first().click(),
  audit: (page) => page.getByRole('table').getByRole('row').nth(1).getByRole('button').first().click(),
  invite: (page) => page.getByRole('button', { name: 'Invite user' }).click(),
  retention: (page) => page.getByRole('button', { name: 'Change the retention of Website' }).click(),
  preset: async (page) => {
    await choose(page, 'Region', 'This server')
    await choose(page, 'App', /Acme web app/)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Create and turn on' }).waitFor()
  },
  plan: async (page) => {
    const file = await page.getByRole('region', { name: 'workspace' }).innerText()
    await page.getByRole('textbox', { name: 'Workspace file' }).fill(file.replace('trigger: type = "track"', 'trigger: type = "track" and event = "Plan Chosen"'))
    await page.getByRole('button', { name: 'Show the plan' }).click()
    await page.getByRole('status').filter({ hasText: 'unchanged' }).waitFor()
  },
}

// settled waits until a page has what it shows, and has drawn it.
async function settled(page) {
  await page.getByRole('heading', { level: 1 }).waitFor()
  const isShown = () => document.querySelector('[aria-busy=true], .bone, [data-going]') === null
  await page.waitForFunction(isShown, null, { polling: 50 })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

// overflows tells what is wider than its window: nothing scrolls sideways as a whole.
const overflows = (page) => page.evaluate(() => [document.documentElement, document.querySelector('main')].some((e) => e !== null && e.scrollWidth > e.clientWidth + 1))

// signedIn is what a browser keeps in which an owner with a password is signed in.
async function signedIn(input, newContext) {
  const response = await fetch(`${input.url}/api/users`, {
    method: 'POST', headers: { Authorization: `Bearer ${input.token}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'Olivia', email: 'olivia@acme.example', role: 'owner' }),
  })
  const { data } = await response.json()
  const context = await newContext()
  const page = await context.newPage()
  await page.goto(data.invite.link)
  await page.getByRole('textbox', { name: 'Password' }).fill('a long enough password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const storageState = await context.storageState()
  await context.close()
  return storageState
}

// Input: { views }: whether to check each page in every look. Otherwise axe checks the first look only, and the narrow
// one is checked for overflow.
await drive(async ({ input, newContext, screenshot }) => {
  await seed(input)
  await receive(input, { type: 'track', event: 'Invoice Paid', userId: 'undefined', messageId: 'placeholder', properties: { 'not a key': 1 } })
  const pages = Object.entries(JSON.parse(await readFile(new URL('pages.json', import.meta.url), 'utf8')))
  const kept = { owner: await signedIn(input, newContext), nobody: undefined }
  const found = []
  const show = async (page, { width, height, scheme }) => {
    await page.emulateMedia({ colorScheme: scheme })
    await page.setViewportSize({ width, height })
    await settled(page)
  }
  const fits = async (page, name, { width, scheme }) => {
    if (await overflows(page)) found.push(`${name} at ${width}, ${scheme}: it is wider than the window`)
  }
  const lookAt = async (page, name, look, alert) => {
    const where = `${name} at ${look.width}, ${look.scheme}`
    await show(page, look)
    for (const violation of await inspect(page)) found.push(`${where}: ${violation}`)
    await fits(page, name, look)
    const alerts = await page.getByRole('alert').allInnerTexts()
    if (alerts.length > 0 !== alert) found.push(`${where}: alerts: ${JSON.stringify(alerts)}`)
    if (input.views) await screenshot(page, `${name}-${look.width}-${look.scheme}`)
  }
  const times = {}
  let looked = 0
  const work = async () => {
    // One window of each user shows page after page: to open one takes longer than many a page.
    const windows = {}
    for (let next = pages.shift(); next !== undefined; next = pages.shift()) {
      const began = Date.now()
      const [name, { path, as = 'owner', do: act, alert = false }] = next
      windows[as] ??= await (await newContext({ storageState: kept[as] })).newPage()
      const page = windows[as]
      await page.goto('about:blank') // a path that differs in its fragment alone would be the page before
      await page.setViewportSize(looks[0])
      await page.goto(input.url + path)
      await settled(page)
      if (act !== undefined) await acts[act](page)
      for (const look of input.views ? looks : looks.slice(0, 1)) await lookAt(page, name, look, alert)
      if (!input.views) {
        await show(page, looks[2])
        await fits(page, name, looks[2])
      }
      times[name] = Date.now() - began
      looked++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  console.log(Object.entries(times).sort((a, b) => b[1] - a[1]).slice(0, 8).map(([name, ms]) => `${name} ${ms} ms`).join(', '))
  return { found, looked }
})
