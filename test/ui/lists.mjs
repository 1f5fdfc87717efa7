import { drive } from '../harness/browser/drive.mjs'
import { receiveAll } from './seed.mjs'
import { signIn } from './steps.mjs'

const people = 100_000
const name = (kind, i) => `${kind}-${String(i).padStart(6, '0')}`

// call is the one call of each visitor, who is alone in an account.
const call = (i) => ({ type: 'track', event: 'Seat Taken', userId: name('user', i), messageId: `seat-${i}`, properties: { groupId: name('acme', i), seat: i } })

// listening notes what a page asks the API for, with the length of each answer in bytes.
function listening(page) {
  const asked = []
  page.on('response', (response) => {
    const { pathname, search } = new URL(response.url())
    if (pathname.startsWith('/api/apps/acme/') && !pathname.endsWith('/stream')) asked.push(response.body().then((body) => ({ path: pathname + search, bytes: body.length }), () => ({ path: pathname + search, bytes: 0 })))
  })
  return { answers: () => Promise.all(asked) }
}

await drive(async ({ input, newPage, screenshot, until }) => {
  await receiveAll(input, people, call)
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  const log = listening(page)
  await signIn(page, input)
  let mostRows = 0
  const rowsDrawn = async () => (mostRows = Math.max(mostRows, await page.locator('main [role=row]').count()))

  // at drags the bar so far down, of 1, and returns the first cells of what is shown there.
  const at = async (label, part, wanted) => {
    await page.getByLabel(`${label}, rows`).evaluate((list, part) => list.scrollTo({ top: part * list.scrollHeight }), part)
    await page.getByRole('table', { name: label }).getByText(wanted, { exact: true }).waitFor()
    await rowsDrawn()
    return wanted
  }
  // list looks at a table from its first to its last row, and finds one of them by its name.
  const list = async (path, label, kind) => {
    await page.goto(`${input.url}${path}?sort=id`)
    await page.getByText(`100,000 ${label.toLowerCase()}`, { exact: true }).waitFor()
    const seen = [await at(label, 0, name(kind, 0)), await at(label, 0.5, name(kind, people / 2)), await at(label, 0.25, name(kind, people / 4)), await at(label, 1, name(kind, people - 1))]
    await screenshot(page, `${kind}-end`)
    await page.getByLabel(`${label}, rows`).focus()
    await page.keyboard.press('Home')
    await page.getByRole('table', { name: label }).getByText(name(kind, 0), { exact: true }).waitFor()
    await page.getByRole('searchbox', { name: `Search ${label.toLowerCase()}` }).fill(name(kind, 77_777))
    await page.getByText(`1 ${label.toLowerCase().slice(0, -1)}`, { exact: true }).waitFor()
    await rowsDrawn()
    await page.getByRole('table', { name: label }).getByRole('link', { name: name(kind, 77_777) }).click()
    await page.getByRole('heading', { name: name(kind, 77_777) }).waitFor()
    return seen.length
  }
  const rows = (await list('/apps/acme/visitors', 'Visitors', 'user')) + (await list('/apps/acme/accounts', 'Accounts', 'acme'))

  // What was received has no numbers: it goes on as it is scrolled, and one of it is found by its visitor.
  await page.goto(`${input.url}/apps/acme/received`)
  const raw = page.getByRole('table', { name: 'Raw events, the newest first' })
  await raw.getByRole('row').nth(5).waitFor()
  for (let screens = 0; screens < 4; screens++) {
    await page.getByLabel('Raw events, the newest first, rows').evaluate((list) => list.scrollTo({ top: list.scrollHeight }))
    await page.getByText(`${100 * (screens + 2)} so far; scroll for more`).waitFor()
    await rowsDrawn()
  }
  await page.getByRole('textbox', { name: 'Visitor' }).fill(name('user', 4321))
  await page.keyboard.press('Enter')
  await page.getByText('1 event, all that match').waitFor()
  await raw.getByText(name('user', 4321)).first().waitFor()
  await rowsDrawn()
  const answers = await log.answers()
  const pages = answers.filter(({ path }) => /\/(visitors|accounts|received)\?/.test(path))
  return { rows, mostRows, pages: pages.length, largest: Math.max(...pages.map((p) => p.bytes)), bytes: answers.reduce((n, a) => n + a.bytes, 0) }
})
