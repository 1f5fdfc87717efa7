import { drive } from '../harness/browser/drive.mjs'
import { signIn } from './steps.mjs'

const writeKey = 'wk_website_000000000000000000001'
const atOnce = 100 // events in a request
const everyMillis = 50 // between requests: 2,000 events a second
const inFlight = 8 // requests at a time; a machine that cannot keep up sends more slowly
const many = 20_000 // events, of which nearly all go by undrawn
const most = 600_000 // events by which the page must have done what it was asked to: those of five minutes

const user = (i) => `user-${String(i).padStart(6, '0')}`

// load sends events at a steady pace until it is told to end, and so many at least; each is of a user of its own.
function load({ url }, least) {
  const state = { sent: 0, taken: 0, wanted: false, began: Date.now(), ended: 0, rate: () => Math.round(state.taken / ((state.ended || Date.now()) - state.began) * 1000) }
  const flying = new Set()
  const batch = async (first) => {
    const batch = Array.from({ length: atOnce }, (_, i) => ({ type: 'track', event: 'Load Sent', userId: user(first + i), messageId: `load-${first + i}`, properties: { groupId: 'acme', number: first + i, text: 'x'.repeat(200) } }))
    const response = await fetch(`${url}/v1/batch`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ writeKey, batch }) })
    if (response.status !== 200) throw new Error(`POST /v1/batch: ${response.status} ${await response.text()}`)
    state.taken += atOnce
  }
  const run = async () => {
    for (let n = 0; state.sent < least || !state.wanted; n++) {
      if (state.sent >= most) throw new Error(`the page has not done what it was asked to while ${most} events came in`)
      const sending = batch(state.sent)
      state.sent += atOnce
      flying.add(sending)
      void sending.finally(() => flying.delete(sending)).catch(() => undefined)
      if (flying.size >= inFlight) await Promise.race(flying)
      const early = state.began + (n + 1) * everyMillis - Date.now()
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    }
    await Promise.all(flying)
    state.ended = Date.now()
  }
  state.done = run()
  state.done.catch(() => undefined) // whoever waits for it hears of it
  state.end = () => ((state.wanted = true), state.done)
  return state
}

// watch notes, within the page, which users were drawn, how many rows there were at most, and how long the page was too busy to answer.
const watch = () => {
  const seen = (window.watched = { users: new Set(), rows: 0, longest: 0, blocked: 0, frames: 0 })
  const look = () => {
    const rows = document.querySelectorAll('[role=option]')
    seen.rows = Math.max(seen.rows, rows.length)
    for (const row of rows) for (const cell of row.children) if (/^user-\d{6}$/.test(cell.textContent)) seen.users.add(cell.textContent)
  }
  new MutationObserver(look).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true })
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      seen.longest = Math.max(seen.longest, duration)
      seen.blocked += duration
    }
  }).observe({ type: 'longtask' })
  const frame = () => ((seen.frames += 1), requestAnimationFrame(frame))
  requestAnimationFrame(frame)
}

const number = (text) => Number((text ?? '').replaceAll(',', ''))

await drive(async ({ input, newPage, screenshot, until }) => {
  const page = await newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, input)
  await page.goto(`${input.url}/sources/website/debugger`)
  await page.getByText('Waiting for the first event').waitFor()
  await page.getByText(/^live/).waitFor()
  await page.evaluate(watch)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value
  const busyBefore = await busy()

  // While it comes in, the page says that it draws a sample, stands still, and goes on.
  const told = page.locator('main p', { hasText: 'held' })
  const list = page.getByRole('listbox')
  const first = load(input, many)
  await told.filter({ hasText: /come in: a sample is drawn, four times a second/ }).filter({ hasText: /went by undrawn/ }).waitFor()
  const sampling = (await told.innerText()).trim()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  const stood = await list.getByRole('option').first().innerText()
  await page.getByRole('button', { name: /\d newer events/ }).waitFor()
  const still = (await list.getByRole('option').first().innerText()) === stood && first.ended === 0
  await screenshot(page, 'paused')
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await until('the newest events are drawn again', async () => (await list.getByRole('option').first().innerText()) !== stood)
  await screenshot(page, 'live')
  await first.end()
  const cpu = (await busy()) - busyBefore

  // Afterwards: each event was drawn, or is counted as one that went by.
  await told.filter({ hasText: `${first.sent.toLocaleString('en')} events of ${first.sent.toLocaleString('en')} held` }).waitFor()
  const watched = await page.evaluate(() => ({ ...window.watched, users: [...window.watched.users] }))
  const drawn = new Set(watched.users)
  const undrawn = number(/([\d,]+) went by undrawn/.exec(await told.innerText())?.[1])

  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 390, height: 844 })
  await screenshot(page, 'narrow-dark')
  await page.setViewportSize({ width: 1440, height: 900 })
  await screenshot(page, 'wide-dark')

  // Nothing is lost that can be looked for: of those that were never drawn, some are found on the log, by what is in their JSON and by their user.
  const missed = Array.from({ length: first.sent }, (_, i) => user(i)).filter((u) => !drawn.has(u))
  const some = Array.from({ length: 4 }, (_, i) => missed[Math.floor(((i + Math.random()) * missed.length) / 4)])
  const search = page.getByRole('searchbox', { name: 'Search in the JSON' })
  const one = page.getByText('1 event of 1 held')
  const found = []
  const find = async (wanted) => {
    await list.getByRole('option').filter({ hasText: wanted }).waitFor()
    await one.waitFor()
    found.push(wanted)
  }
  for (const wanted of some) {
    await search.fill(`"load-${Number(wanted.slice(5))}"`)
    await find(wanted)
  }
  await search.fill('')
  await page.getByRole('textbox', { name: 'User' }).fill(some[0])
  await page.keyboard.press('Enter')
  await find(some[0])

  // A filter takes effect while more comes in.
  await page.getByRole('textbox', { name: 'User' }).fill('')
  await page.keyboard.press('Enter')
  await list.getByRole('option').nth(5).waitFor()
  const second = load(input, 0)
  await told.filter({ hasText: /a sample is drawn/ }).waitFor()
  await search.fill('"load-77"')
  await until('only what is searched for is shown', async () => {
    const rows = await list.getByRole('option').allInnerTexts()
    return rows.length > 0 && rows.every((row) => row.includes(user(77)))
  })
  const filtered = second.ended === 0
  await second.end()
  return {
    sent: first.sent, rate: first.rate(), drawn: drawn.size, undrawn, sampling, still, filtered, missed: some, found,
    rows: watched.rows, frames: watched.frames, longest: Math.round(watched.longest), blocked: watched.blocked / (first.ended - first.began), busy: cpu / ((first.ended - first.began) / 1000), busyMicros: Math.round((cpu / first.sent) * 1e6),
  }
})
