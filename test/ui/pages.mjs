import { drive } from '../harness/browser/drive.mjs'
import { inspect } from '../harness/browser/axe.mjs'

// The pages of the overview, of journeys and connections, by the names of their screenshots; receiving-pages.mjs has the others.
const pages = ({ mapping, message }) => ({
  overview: '/', where: '/where', journey: `/where?id=${message}`,
  sources: '/sources', 'source-new': '/sources/new', source: '/sources/website', setup: '/sources/website/setup', 'source-settings': '/sources/website/settings', debugger: '/sources/website/debugger',
  catalog: '/catalog', 'catalog-entry': '/catalog/actions-webhook', 'add-destination': '/catalog/actions-webhook/add?source=website&step=setup', preset: '/catalog/actions-webhook/presets/pendo-track-events?source=website',
  destinations: '/destinations', destination: '/destinations/pendo', mappings: '/destinations/pendo/mappings', mapping: `/destinations/pendo/mappings/${mapping}`, filters: '/destinations/pendo/filters', filter: '/destinations/pendo/filters/No%20addresses', 'filter-new': '/destinations/pendo/filters/new', attempts: '/destinations/pendo/attempts', 'destination-settings': '/destinations/pendo/settings',
  nothing: '/nowhere',
})

// settled waits until a page has what it shows.
async function settled(page) {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], .bone') === null)
}

await drive(async ({ input, newContext, screenshot }) => {
  const { scheme, width } = input
  const found = []
  const sideways = []
  const context = await newContext({ viewport: { width, height: 900 }, colorScheme: scheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const look = async (name) => {
    found.push(...(await inspect(page)).map((v) => `${name}: ${v}`))
    await screenshot(page, `${name}-${width}-${scheme}`)
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || (document.querySelector('main')?.scrollWidth ?? 0) > (document.querySelector('main')?.clientWidth ?? 0))) sideways.push(name)
  }
  await page.goto(input.url)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await look('sign-in')
  await page.evaluate((token) => sessionStorage.setItem('penstock.token', token), input.token)
  for (const [name, path] of Object.entries(pages(input))) {
    await page.goto(input.url + path)
    await settled(page)
    await look(name)
  }
  return { found, sideways, looked: Object.keys(pages(input)).length }
})
