import { inTime, tryForms } from './forms.mjs'
import { backwards } from './forms-kinds.mjs'
import { receiveAll } from './seed.mjs'
import { choose, track } from './steps.mjs'

const picked = (page, name) => page.getByRole('combobox', { name, exact: true }).inputValue()
const named = (page, name) => page.getByRole('textbox', { name, exact: true })
const searchbox = (name) => (page) => page.getByRole('searchbox', { name, exact: true })
const cellsOf = (label) => async (page) =>
  (await page.getByRole('table', { name: label }).getByRole('row').allInnerTexts()).slice(1).join(' ')

// searching makes the cases of a page that lists what a search and further boxes ask for. What it is given:
//
//	at              is the page
//	read            is what it asks for, as a RegExp of 'METHOD url'
//	box(page)       is where it is searched
//	older, newer    are two searches, which find different things
//	rows(page)      is the text of all rows; is(rows) reports whether it is what the newer search finds
//	more            are further boxes: { do(page), shown(page), want }
//	press           is a row that moves up when it is searched: { search, row(page), opened(page) }
//	settles         tells that a search that is lost is asked for again by itself
function searching(form, f) {
  const finds = (it) => inTime(it, 'rows of the newer search', async () => f.is(await f.rows(it.page)), true)
  const boxes = async (it, when) => {
    it.check(`searched ${when}`, await f.box(it.page).inputValue(), f.newer)
    if (f.more !== undefined) it.check(`chosen ${when}`, await f.more.shown(it.page), f.more.want)
  }
  const pressed = async (it) => {
    await it.open(f.at)
    await f.press.row(it.page).hover()
    await it.settled()
    const answers = await it.hold(f.read)
    await f.box(it.page).fill(f.press.search)
    await answers.asked(1)
    await it.drawn()
    await f.press.row(it.page).hover()
    await it.page.mouse.down()
    await answers.stop()
    await it.settled()
    await it.page.mouse.up()
    await inTime(it, 'the row that was pressed is opened', () => f.press.opened(it.page), true)
  }
  const cases = {
    ...(f.press && { pressed }),
    slow: async (it) => {
      const answers = await it.hold(f.read)
      await it.open(f.at)
      await f.box(it.page).fill(f.newer)
      await f.more?.do(it.page)
      await answers.asked(1)
      await boxes(it, 'while the answers are held')
      await answers.stop()
      await it.settled()
      await boxes(it, 'when the answers have come')
      await finds(it)
    },
    lost: async (it) => {
      await it.open(f.at)
      await f.box(it.page).waitFor()
      await it.settled()
      const answers = await it.hold(f.read)
      await f.more?.do(it.page)
      await f.box(it.page).fill(f.newer)
      const asked = await answers.asked(1)
      for (let i = 0; i < asked.length; i++) await answers.lose(i)
      await it.drawn()
      await boxes(it, 'when the answer is lost')
      await answers.stop()
      await finds(it)
      await boxes(it, 'when it was asked for again')
    },
    order: async (it) => {
      await it.open(f.at)
      await f.box(it.page).waitFor()
      await it.settled()
      const answers = await it.hold(f.read)
      await f.box(it.page).fill(f.older)
      await answers.asked(1)
      await f.box(it.page).fill(f.newer)
      await answers.asked(2)
      await f.more?.do(it.page)
      await it.drawn()
      await backwards(it, answers)
      await answers.stop()
      await it.settled()
      await boxes(it, 'when the older answer has come')
      await finds(it)
    },
  }
  return Object.entries(cases).map(([trouble, run]) => ({ form, trouble, run }))
}

const visitors = {
  at: '/apps/acme/visitors', read: /^GET [^?]*\/api\/apps\/acme\/visitors\?/,
  box: searchbox('Search visitors'), older: 'user-1', newer: 'user-2',
  rows: cellsOf('Visitors'), is: (rows) => rows.includes('user-2') && !rows.includes('user-1'),
  press: {
    search: 'user-2', row: (page) => page.getByRole('link', { name: 'user-2', exact: true }),
    opened: (page) => page.url().includes('/visitors/user-2'),
  },
  more: {
    do: (page) => choose(page, 'Frequency', 'low'), shown: (page) => picked(page, 'Frequency'), want: 'low',
  },
}

const accounts = {
  at: '/apps/acme/accounts', read: /^GET [^?]*\/api\/apps\/acme\/accounts\?/,
  box: searchbox('Search accounts'), older: 'acme-1', newer: 'acme-2',
  rows: cellsOf('Accounts'), is: (rows) => rows.includes('acme-2') && !rows.includes('acme-1'),
}

const trackEvents = {
  at: '/apps/acme/events', read: /^GET [^?]*\/api\/apps\/acme\/track-events\?/,
  box: searchbox('Search Track Events'), older: 'invoice', newer: 'report',
  rows: cellsOf('Track Events'), is: (rows) => rows.includes('Report Exported') && !rows.includes('Invoice Paid'),
}

const rawEvents = {
  at: '/apps/acme/received', read: /^GET [^?]*\/api\/apps\/acme\/received\?/,
  box: searchbox('Search in the properties'), older: 'free', newer: 'pro',
  rows: cellsOf('Raw events, the newest first'),
  is: (rows) => rows.includes('user-2') && !rows.includes('user-1') && !rows.includes('identify'),
  more: {
    do: async (page) => {
      await choose(page, 'Type', 'track')
      await named(page, 'Visitor').fill('user-2')
      await page.keyboard.press('Enter')
    },
    shown: async (page) => ({ type: await picked(page, 'Type'), visitor: await named(page, 'Visitor').inputValue() }),
    want: { type: 'track', visitor: 'user-2' },
  },
}

const options = async (page) =>
  (await page.getByRole('listbox', { name: 'Events, the newest first' }).getByRole('option').allInnerTexts()).join(' ')
const debug = {
  at: '/sources/website/debugger', read: /^GET [^?]*\/api\/tail\?source=website&last=1000/,
  box: searchbox('Search in the JSON'), older: 'free', newer: 'pro',
  rows: options, is: (rows) => rows.includes('user-b') && !rows.includes('user-a'),
  more: {
    do: async (page) => {
      await choose(page, 'Type', 'track')
      await named(page, 'Event name').fill('Invoice Paid')
      await named(page, 'User').fill('user-b')
      await page.keyboard.press('Enter')
    },
    shown: async (page) => ({
      type: await picked(page, 'Type'), event: await named(page, 'Event name').inputValue(),
      user: await named(page, 'User').inputValue(),
    }),
    want: { type: 'track', event: 'Invoice Paid', user: 'user-b' },
  },
}

// pressedLive presses a row of the debugger while an event comes in, which moves it down.
async function pressedLive(it) {
  await it.open(debug.at)
  const row = it.page.getByRole('option', { name: /user-b/ })
  const held = it.page.getByText(/of \d+ held/)
  await row.hover()
  const before = await held.innerText()
  await it.page.mouse.down()
  await track(it.input, 'wk_website_000000000000000000001', { event: 'Report Exported', userId: 'user-c' })
  await inTime(it, 'the new event has come', async () => (await held.innerText()) !== before, true)
  await it.drawn()
  await it.page.mouse.up()
  await it.page.getByText('t-user-b').waitFor() // its messageId, in the panel
  await it.page.getByRole('option', { name: /Report Exported/ }).waitFor()
}

const where = {
  at: '/where', read: /^GET [^?]*\/api\/events\?/,
  box: searchbox('messageId, user, account or event name'), older: 'user-a', newer: 'user-b',
  rows: async (page) => {
    const region = page.getByRole('region', { name: 'Events, the newest first' })
    return (await region.getByRole('button').allInnerTexts()).join(' ')
  },
  is: (rows) => rows.includes('user-b') && !rows.includes('user-a'),
  more: {
    do: async (page) => {
      await choose(page, 'Type', 'track')
      await choose(page, 'Source', 'Website')
      await page.getByText('30 d', { exact: true }).or(page.getByText('30d', { exact: true })).first().click()
    },
    shown: async (page) => ({ type: await picked(page, 'Type'), source: await picked(page, 'Source') }),
    want: { type: 'track', source: 'Website' },
  },
  press: {
    search: 'user-a', row: (page) => page.getByRole('button', { name: /t-user-a/ }),
    opened: (page) => page.getByRole('region', { name: 'Summary' }).isVisible(),
  },
}

const audit = {
  at: '/settings/audit', read: /^GET [^?]*\/api\/audit\?/,
  box: searchbox('Name of what was changed'), older: 'first', newer: 'second',
  rows: cellsOf('Audit trail, the newest first'), is: (rows) => rows.includes('second') && !rows.includes('first'),
  more: {
    do: async (page) => {
      await choose(page, 'Kind', 'source')
      await choose(page, 'Time', 'Last 24 hours')
    },
    shown: async (page) => ({ kind: await picked(page, 'Kind'), time: await picked(page, 'Time') }),
    want: { kind: 'source', time: 'Last 24 hours' },
  },
  press: {
    search: 'first', row: (page) => page.getByRole('row', { name: /first/ }).getByRole('button'),
    opened: (page) => page.getByRole('dialog').isVisible(),
  },
}

// The explorer: everything that it asks stands in boxes, and is asked for at once.
const asksExplorer = /^GET [^?]*\/api\/apps\/acme\/explore\?/
const answerOf = async (page) => page.getByRole('region', { name: 'Answer' }).innerText()
const question = async (page) => ({
  events: await page.getByRole('region', { name: 'Question' }).locator('.mantine-Pill-label').allInnerTexts(),
  count: await picked(page, 'Count'), by: await picked(page, 'Grouped by'), interval: await picked(page, 'By'),
})
const asked = { events: ['Invoice Paid'], count: 'Visitors', by: 'Visitor', interval: 'Week' }
const fillQuestion = async (page) => {
  await choose(page, 'Track Events', 'Invoice Paid')
  await page.keyboard.press('Escape')
  await choose(page, 'Count', 'Visitors')
  await choose(page, 'Grouped by', 'Visitor')
  await choose(page, 'By', 'Week')
}
const openExplorer = async (it) => {
  await it.open('/apps/acme/explore')
  await it.page.getByRole('combobox', { name: 'Count', exact: true }).waitFor()
  await it.settled()
}
const answersIt = async (it) => {
  it.check('question', await question(it.page), asked)
  await inTime(it, 'answer', async () => {
    const text = await answerOf(it.page)
    return [text.includes('user-2'), text.includes('Report Exported')]
  }, [true, false])
}
const explorer = {
  slow: async (it) => {
    await openExplorer(it)
    const answers = await it.hold(/^GET [^?]*\/api\/apps\/acme\/(explore|dictionary)/)
    await fillQuestion(it.page)
    it.check('question while the answers are held', await question(it.page), asked)
    await answers.stop()
    await it.settled()
    await answersIt(it)
  },
  lost: async (it) => {
    await openExplorer(it)
    const answers = await it.hold(asksExplorer)
    await fillQuestion(it.page)
    const all = await answers.asked(1)
    for (let i = 0; i < all.length; i++) await answers.lose(i)
    await it.drawn()
    it.check('question when the answers are lost', await question(it.page), asked)
    await answers.stop()
    await answersIt(it)
  },
  order: async (it) => {
    await openExplorer(it)
    const answers = await it.hold(asksExplorer)
    await choose(it.page, 'Grouped by', 'Track Event')
    await answers.asked(1)
    await fillQuestion(it.page)
    await answers.asked(2)
    await backwards(it, answers)
    await answers.stop()
    await it.settled()
    await answersIt(it)
  },
}

const filterOf = async (page) => ({
  field: await picked(page, 'Field'), operator: await picked(page, 'Operator'),
  value: await named(page, 'Value').inputValue(),
})
const filtered = { field: 'plan', operator: 'is not', value: 'free' }
const fillFilter = async (page) => {
  await page.getByRole('button', { name: 'Add a filter' }).click()
  await choose(page, 'Field', 'plan')
  await named(page, 'Value').fill('free')
  await choose(page, 'Operator', 'is not') // the value is left by this, and by nothing else
}
const filterHolds = async (it) => {
  it.check('filter', await filterOf(it.page), filtered)
  await inTime(it, 'answer', async () => {
    const text = await answerOf(it.page)
    return [text.includes('user-2'), text.includes('user-1')]
  }, [true, false])
}
const explorerFilter = {
  slow: async (it) => {
    await it.open('/apps/acme/explore?by=visitor')
    await it.page.getByRole('button', { name: 'Add a filter' }).waitFor()
    await it.settled()
    const answers = await it.hold(asksExplorer)
    await fillFilter(it.page)
    it.check('filter while the answers are held', await filterOf(it.page), filtered)
    await answers.stop()
    await it.settled()
    await filterHolds(it)
  },
  lost: async (it) => {
    await it.open('/apps/acme/explore?by=visitor')
    await it.page.getByRole('button', { name: 'Add a filter' }).waitFor()
    await it.settled()
    const answers = await it.hold(asksExplorer)
    await fillFilter(it.page)
    const all = await answers.asked(1)
    for (let i = 0; i < all.length; i++) await answers.lose(i)
    await it.drawn()
    it.check('filter when the answers are lost', await filterOf(it.page), filtered)
    await answers.stop()
    await filterHolds(it)
  },
  // What is typed, and not yet left, stays when an older answer comes.
  order: async (it) => {
    await it.open('/apps/acme/explore?by=visitor')
    await it.page.getByRole('button', { name: 'Add a filter' }).waitFor()
    await it.settled()
    const answers = await it.hold(/^GET [^?]*\/api\/apps\/acme\/(explore|dictionary)/)
    await it.page.getByRole('button', { name: 'Add a filter' }).click()
    await choose(it.page, 'Field', 'plan')
    await choose(it.page, 'Operator', 'is not')
    await named(it.page, 'Value').fill('pro')
    await it.page.keyboard.press('Enter')
    await answers.asked(1)
    await named(it.page, 'Value').fill('free')
    await backwards(it, answers)
    it.check('filter while it is typed', await filterOf(it.page), filtered)
    await it.page.keyboard.press('Enter')
    await answers.stop()
    await it.settled()
    await filterHolds(it)
  },
}

const cases = (form, of) => Object.entries(of).map(([trouble, run]) => ({ form, trouble, run }))

// prepare sends what is searched for: user-1 and user-a have the plan free, user-2 and user-b have pro.
async function prepare(input) {
  const calls = [1, 2].flatMap((n) => {
    const properties = { groupId: `acme-${n}`, plan: n === 1 ? 'free' : 'pro' }
    const who = { userId: `user-${n}`, properties }
    return [
      { type: 'identify', userId: `user-${n}`, messageId: `i-${n}`, traits: { plan: properties.plan } },
      { type: 'track', event: 'Invoice Paid', messageId: `p-${n}`, ...who },
      { type: 'track', event: 'Report Exported', messageId: `r-${n}`, ...who },
    ]
  })
  await receiveAll(input, calls.length, (i) => calls[i])
  for (const [userId, plan] of [['user-a', 'free'], ['user-b', 'pro']]) {
    const event = { event: 'Invoice Paid', userId, messageId: `t-${userId}`, properties: { plan } }
    await track(input, 'wk_website_000000000000000000001', event)
  }
  for (const slug of ['first', 'second']) {
    const response = await fetch(`${input.url}/api/sources`, {
      method: 'POST', headers: { Authorization: `Bearer ${input.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ slug, name: slug, type: 'server' }),
    })
    if (!response.ok) throw new Error(`POST /api/sources: ${response.status}`)
  }
}

await tryForms(
  [
    ...cases('explorer question', explorer),
    ...cases('explorer filter', explorerFilter),
    ...searching('debugger', debug),
    { form: 'debugger', trouble: 'pressed', run: pressedLive },
    ...searching('raw events', rawEvents),
    ...searching('where', where),
    ...searching('audit', audit),
    ...searching('track events', trackEvents),
    ...searching('visitors', visitors),
    ...searching('accounts', accounts),
  ],
  prepare,
)
