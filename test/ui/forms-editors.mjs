import { inTime, soon, tryForms } from './forms.mjs'
import { backwards, changing, creating, switching } from './forms-kinds.mjs'
import { choose, track } from './steps.mjs'

let made = 0
const box = (page, name) => page.getByRole('textbox', { name, exact: true })
const saveButton = (page) => page.getByRole('button', { name: 'Save', exact: true })
const write = (method, path) => new RegExp(`^${method} [^?]*/api/${path}$`)
const pick = (page, name, nth, option) => choose({
  getByRole: (role, of) => (role === 'combobox' ? page.getByRole(role, of).nth(nth) : page.getByRole(role, of)),
}, name, option)

const fields = (url) => ({ url, method: 'POST', data: { '@path': '$.' }, enable_batching: false })

// aDestination has a mapping and a filter, and is off.
const aDestination = async ({ ask }) => {
  const destination = await ask('POST', '/api/destinations', {
    source: 'website', type: 'actions-webhook', name: `Hooks ${++made}`, enabled: false, settings: {},
    mappings: [{ name: 'Send', action: 'send', trigger: 'type = "track"', fields: fields('https://example.com/a') }],
  })
  const filter = await ask('POST', `/api/destinations/${destination.slug}/filters`, {
    name: 'Ours', if: 'type = "track"', actions: [{ type: 'DROP' }],
  })
  return { slug: destination.slug, mapping: destination.mappings[0].id, filter: filter.id }
}
const pathOf = ({ slug }) => `/api/destinations/${slug}`
const mappingPath = ({ slug, mapping }) => `/api/destinations/${slug}/mappings/${mapping}`
const filterPath = ({ slug, filter }) => `/api/destinations/${slug}/filters/${filter}`
const mappingOf = async (ask, s) => (await ask('GET', pathOf(s))).mappings.find(({ id }) => id === s.mapping)
const filterOf = async (ask, s) => (await ask('GET', pathOf(s))).filters.find(({ id }) => id === s.filter)

const mapping = {
  make: aDestination,
  at: ({ slug, mapping }) => `/destinations/${slug}/mappings/${mapping}`,
  read: pathOf,
  needs: ({ slug }) => new RegExp(`^/api/(catalog|destinations/${slug})$`),
  ready: (page) => page.locator('#field-url').waitFor(),
  fill: async (page) => {
    await box(page, 'Mapping name').fill('Mine')
    await page.locator('#field-url').fill('https://example.com/mine')
    await page.locator('#field-method').click()
    await page.getByRole('option', { name: 'PUT', exact: true }).click()
  },
  shown: async (page) => ({
    name: await box(page, 'Mapping name').inputValue(), url: await page.locator('#field-url').inputValue(),
    method: await page.locator('#field-method').inputValue(),
  }),
  want: { name: 'Mine', url: 'https://example.com/mine', method: 'PUT' },
  save: saveButton,
  write: write('PATCH', 'destinations/[^/]*/mappings/[^/]*'),
  stored: async (ask, s) => {
    const { name, trigger, fields } = await mappingOf(ask, s)
    return { name, trigger, url: fields.url, method: fields.method }
  },
  kept: { name: 'Mine', trigger: 'type = "track"', url: 'https://example.com/mine', method: 'PUT' },
  more: {
    do: (page) => page.locator('#field-url').fill('https://example.com/more'),
    shown: (page) => page.locator('#field-url').inputValue(),
    want: 'https://example.com/more',
    kept: { name: 'Mine', trigger: 'type = "track"', url: 'https://example.com/more', method: 'PUT' },
  },
  others: {
    theirs: (ask, s) => ask('PATCH', mappingPath(s), { trigger: 'type = "page"' }),
    kept: { name: 'Mine', trigger: 'type = "page"', url: 'https://example.com/mine', method: 'PUT' },
  },
  same: {
    theirs: (ask, s) => ask('PATCH', mappingPath(s), { name: 'Theirs' }),
    shown: { name: 'Theirs', url: 'https://example.com/mine', method: 'PUT' },
  },
}

const condition = 'event = "Invoice Paid"'
const filter = {
  make: aDestination,
  at: ({ slug, filter }) => `/destinations/${slug}/filters/${filter}`,
  read: pathOf,
  needs: ({ slug }) => new RegExp(`^/api/destinations/${slug}$`),
  ready: (page) => box(page, 'Name').waitFor(),
  fill: async (page) => {
    await box(page, 'Name').fill('Mine')
    await box(page, 'Condition').fill(condition)
    await page.getByRole('combobox', { name: 'Field' }).fill('properties.plan')
    await page.keyboard.press('Escape')
    await box(page, 'Value').fill('pro')
    await page.getByRole('button', { name: 'Add to the condition' }).click()
    await choose(page, 'Action', 'Deliver a part of the events')
    await page.getByLabel('Delivered, in percent').fill('25')
  },
  shown: async (page) => ({
    name: await box(page, 'Name').inputValue(), condition: await box(page, 'Condition').inputValue(),
    action: await page.getByRole('combobox', { name: 'Action' }).inputValue(),
    percent: await page.getByLabel('Delivered, in percent').inputValue(),
  }),
  want: {
    name: 'Mine', condition: `${condition} and properties.plan = "pro"`, action: 'Deliver a part of the events',
    percent: '25',
  },
  save: saveButton,
  write: write('PATCH', 'destinations/[^/]*/filters/[^/]*'),
  stored: async (ask, s) => {
    const { name, description = '', if: condition, actions } = await filterOf(ask, s)
    return { name, description, condition, percent: actions[0].percent }
  },
  kept: { name: 'Mine', description: '', condition: `${condition} and properties.plan = "pro"`, percent: 0.25 },
  leaves: true,
  others: {
    theirs: (ask, s) => ask('PATCH', filterPath(s), { description: 'Theirs' }),
    kept: { name: 'Mine', description: 'Theirs', condition: `${condition} and properties.plan = "pro"`, percent: 0.25 },
  },
  same: {
    theirs: (ask, s) => ask('PATCH', filterPath(s), { name: 'Theirs' }),
    shown: {
      name: 'Theirs', condition: `${condition} and properties.plan = "pro"`, action: 'Deliver a part of the events',
      percent: '25',
    },
  },
  more: {
    do: (page) => box(page, 'Description').fill('And more'),
    shown: (page) => box(page, 'Description').inputValue(),
    want: 'And more',
    kept: {
      name: 'Mine', description: 'And more', condition: `${condition} and properties.plan = "pro"`, percent: 0.25,
    },
  },
}

const newMapping = {
  make: aDestination,
  at: ({ slug }) => `/destinations/${slug}/mappings/new?action=send`,
  needs: mapping.needs,
  ready: mapping.ready,
  fill: async (page, name) => {
    await box(page, 'Mapping name').fill(name)
    await page.locator('#field-url').fill('https://example.com/new')
    await page.locator('#field-method').click()
    await page.getByRole('option', { name: 'PUT', exact: true }).click()
    await page.locator('#field-data').click()
    await page.getByRole('option', { name: /The entire event/ }).click()
  },
  shown: mapping.shown,
  want: (name) => ({ name, url: 'https://example.com/new', method: 'PUT' }),
  save: saveButton,
  write: write('POST', 'destinations/[^/]*/mappings'),
  stored: async (ask, name, s) =>
    (await ask('GET', pathOf(s))).mappings.filter((m) => m.name === name)
      .map(({ fields: { url, method } }) => ({ url, method })),
  kept: () => ({ url: 'https://example.com/new', method: 'PUT' }),
  name: 'New mapping', once: true,
}

const newFilter = {
  make: aDestination,
  at: ({ slug }) => `/destinations/${slug}/filters/new`,
  needs: filter.needs,
  ready: filter.ready,
  fill: async (page, name) => {
    await filter.fill(page)
    await box(page, 'Name').fill(name)
  },
  shown: filter.shown,
  want: (name) => ({ ...filter.want, name }),
  save: saveButton,
  write: write('POST', 'destinations/[^/]*/filters'),
  stored: async (ask, name, s) =>
    (await ask('GET', pathOf(s))).filters.filter((f) => f.name === name).map((f) => f.if),
  kept: () => filter.want.condition,
  name: 'New filter', once: true,
}

// The trigger as conditions: the text is made by the server, answer by answer.
const wanted = 'Plan Chosen'
const form = {
  join: 'and',
  groups: [{
    join: 'and', conditions: [
      { field: 'type', operator: '=', value: 'track' }, { field: 'event', operator: 'contains', value: wanted },
    ],
  }],
}
const readsTriggers = write('POST', 'triggers/read')
const textOf = (page) => box(page, 'As a text').inputValue()
const addCondition = async (page) => {
  await page.getByRole('button', { name: 'Add condition' }).click()
  await page.getByRole('combobox', { name: 'Value', exact: true }).nth(1).fill(wanted)
  await pick(page, 'Operator', 1, 'contains')
}
const conditionsOf = async (page) => ({
  value: await page.getByRole('combobox', { name: 'Value', exact: true }).nth(1).inputValue(),
  operator: await page.getByRole('combobox', { name: 'Operator', exact: true }).nth(1).inputValue(),
})
const openMapping = async (it) => {
  const s = await aDestination(it)
  await it.open(mapping.at(s))
  await it.page.locator('#field-url').waitFor()
  await it.settled()
  return s
}
const conditionsHold = async (it, s) => {
  const { text } = await it.ask('POST', '/api/triggers/read', { form })
  await inTime(it, 'text', () => textOf(it.page), text)
  it.check('conditions', await conditionsOf(it.page), { value: wanted, operator: 'contains' })
  await saveButton(it.page).click()
  await inTime(it, 'stored', async () => (await mappingOf(it.ask, s)).trigger, text)
}
const trigger = {
  slow: async (it) => {
    const s = await openMapping(it)
    const answers = await it.hold(readsTriggers)
    await addCondition(it.page)
    await answers.stop()
    await it.settled()
    await conditionsHold(it, s)
  },
  // Whoever saves before the text is made gets what the conditions say, or is asked to wait.
  'saved early': async (it) => {
    const s = await openMapping(it)
    await box(it.page, 'Mapping name').fill('Early')
    const answers = await it.hold(readsTriggers)
    await addCondition(it.page)
    await it.drawn()
    if (await saveButton(it.page).isEnabled()) await saveButton(it.page).click()
    await answers.stop()
    await it.settled()
    if (await saveButton(it.page).isEnabled()) await saveButton(it.page).click()
    const { text } = await it.ask('POST', '/api/triggers/read', { form })
    await inTime(it, 'stored', async () => (await mappingOf(it.ask, s)).trigger, text)
    await it.settled()
    it.check('text', await textOf(it.page), text)
  },
  lost: async (it) => {
    const s = await openMapping(it)
    const answers = await it.hold(readsTriggers)
    await addCondition(it.page)
    await soon('a problem that can be read', async () => {
      const asked = await answers.asked(1)
      for (let i = 0; i < asked.length; i++) await answers.lose(i)
      return (await it.page.locator('main').getByRole('alert').count()) > 0
    })
    it.check('conditions when it is lost', await conditionsOf(it.page), { value: wanted, operator: 'contains' })
    await answers.stop()
    await it.page.locator('main').getByRole('button', { name: 'Try again' }).click()
    await it.settled()
    await conditionsHold(it, s)
  },
  order: async (it) => {
    const s = await openMapping(it)
    const answers = await it.hold(readsTriggers)
    await addCondition(it.page)
    await it.drawn()
    await backwards(it, answers)
    await answers.stop()
    await it.settled()
    await conditionsHold(it, s)
  },
}
// The trigger as a text: what is typed is not taken back by what an older text or condition was read as.
const triggerText = {
  slow: async (it) => {
    const s = await openMapping(it)
    const answers = await it.hold(readsTriggers)
    await pick(it.page, 'Value', 0, 'Page')
    await answers.asked(1)
    const { text } = await it.ask('POST', '/api/triggers/read', { form })
    await box(it.page, 'As a text').fill(text)
    await answers.stop()
    await it.settled()
    await soon('the text was read', async () => (await it.page.getByRole('combobox', { name: 'Value' }).count()) > 1)
    await conditionsHold(it, s)
  },
  order: async (it) => {
    const s = await openMapping(it)
    const answers = await it.hold(readsTriggers)
    await box(it.page, 'As a text').fill('type = "page"')
    await answers.asked(1)
    const { text } = await it.ask('POST', '/api/triggers/read', { form })
    await box(it.page, 'As a text').fill(text)
    await answers.asked(2)
    await backwards(it, answers)
    await answers.stop()
    await soon('the text was read', async () => (await it.page.getByRole('combobox', { name: 'Value' }).count()) > 1)
    await conditionsHold(it, s)
  },
}

// The test event of both editors: chosen, or pasted, while another one is on its way.
const recent = /^GET [^?]*\/api\/tail\?.*last=50/
const loadButton = (page) => page.getByRole('button', { name: 'Load Test Event from Source' })
const pasted = { type: 'track', event: 'Pasted', userId: 'user-pasted', properties: { plan: 'pro' } }
const showsEvent = (it, name) =>
  it.page.getByRole('region', { name: 'test event' }).getByText(`"${name}"`).waitFor()
function testEvent(open) {
  return {
    slow: async (it) => {
      await open(it)
      const answers = await it.hold(recent)
      await loadButton(it.page).click()
      await answers.asked(1)
      await it.page.getByText('Paste JSON', { exact: true }).click()
      const editor = it.page.getByLabel('Test event as JSON')
      await editor.fill(JSON.stringify(pasted))
      await answers.stop()
      await it.settled()
      it.check('pasted', (await editor.innerText()).replace(/\s+/g, ''), JSON.stringify(pasted))
      await it.page.getByText('From the source', { exact: true }).click()
      await it.drawn()
      const kept = await it.page.getByRole('region', { name: 'test event' }).getByText('"Pasted"').count()
      it.check('the test event is the pasted one', kept, 1)
    },
    order: async (it) => {
      await open(it)
      const answers = await it.hold(recent)
      await loadButton(it.page).click()
      await answers.asked(1)
      await it.page.getByRole('combobox', { name: /^The last/ }).click()
      await it.page.getByRole('option', { name: /user-older/ }).click()
      await showsEvent(it, 'user-older')
      await answers.stop()
      await it.settled()
      const kept = await it.page.getByRole('region', { name: 'test event' }).getByText('"user-older"').count()
      it.check('the test event is the chosen one', kept, 1)
    },
    lost: async (it) => {
      await open(it)
      await it.page.getByRole('combobox', { name: /^The last/ }).click()
      await it.page.getByRole('option', { name: /user-older/ }).click()
      await showsEvent(it, 'user-older')
      const answers = await it.hold(recent)
      await loadButton(it.page).click()
      await answers.asked(1)
      await answers.lose(0)
      await it.drawn()
      const kept = await it.page.getByRole('region', { name: 'test event' }).getByText('"user-older"').count()
      it.check('the test event is still the chosen one', kept, 1)
      await answers.stop()
      await showsEvent(it, 'user-newer') // it was asked for again
    },
  }
}
const openFilter = async (it) => {
  const s = await aDestination(it)
  await it.open(filter.at(s))
  await box(it.page, 'Name').waitFor()
  await it.settled()
  return s
}

// The preview is of the newest draft.
const previews = {
  'mapping preview': async (it) => {
    await openMapping(it)
    const answers = await it.hold(write('POST', 'mappings/test'))
    await it.page.locator('#field-url').fill('https://example.com/first')
    await answers.asked(1)
    await it.page.locator('#field-url').fill('https://example.com/second')
    await answers.asked(2)
    await backwards(it, answers)
    await answers.stop()
    await it.settled()
    const request = it.page.getByRole('region', { name: 'request' })
    it.check('preview', /example.com\/(\w+)/.exec(await request.innerText())?.[1], 'second')
  },
  'filter preview': async (it) => {
    await openFilter(it)
    const answers = await it.hold(write('POST', 'filters/preview'))
    await box(it.page, 'Condition').fill('type = "page"')
    await answers.asked(2) // two for each draft
    await box(it.page, 'Condition').fill('type = "track" and event != "Nothing"')
    await answers.asked(3)
    await backwards(it, answers)
    await answers.stop()
    await it.settled()
    const preview = it.page.getByRole('region', { name: 'Live preview' })
    await preview.getByText('It would be dropped').waitFor()
  },
}

const mappingSwitch = {
  make: aDestination, at: mapping.at, ready: mapping.ready, name: 'Mapping is on', write: mapping.write,
  stored: async (ask, s) => (await mappingOf(ask, s)).enabled,
  edit: (page) => page.locator('#field-url').fill('Edited'),
  edited: (page) => page.locator('#field-url').inputValue(),
}
const filterSwitch = {
  make: aDestination, at: filter.at, ready: filter.ready, name: 'Filter is on', write: filter.write,
  stored: async (ask, s) => (await filterOf(ask, s)).enabled,
  edit: (page) => box(page, 'Name').fill('Edited'),
  edited: (page) => box(page, 'Name').inputValue(),
}
const mappingRow = {
  ...mappingSwitch, at: ({ slug }) => `/destinations/${slug}/mappings`, name: 'Send is on',
  ready: (page) => page.getByRole('switch', { name: 'Send is on' }).waitFor(), edit: undefined, edited: undefined,
}
const filterRow = {
  ...filterSwitch, at: ({ slug }) => `/destinations/${slug}/filters`, name: 'Ours is on',
  ready: (page) => page.getByRole('switch', { name: 'Ours is on' }).waitFor(), edit: undefined, edited: undefined,
}

const cases = (form, of) => Object.entries(of).map(([trouble, run]) => ({ form, trouble, run }))

await tryForms(
  [
    ...changing('mapping editor', mapping),
    ...changing('filter editor', filter),
    ...creating('new mapping', newMapping),
    ...creating('new filter', newFilter),
    ...cases('trigger as conditions', trigger),
    ...cases('trigger as a text', triggerText),
    ...cases('test event of a mapping', testEvent(openMapping)),
    ...cases('test event of a filter', testEvent(openFilter)),
    ...Object.entries(previews).map(([form, run]) => ({ form, trouble: 'order', run })),
    ...switching('switch of a mapping', mappingSwitch),
    ...switching('switch of a filter', filterSwitch),
    ...switching('switch in the mappings', mappingRow),
    ...switching('switch in the filters', filterRow),
  ],
  async (input) => {
    const sent = (userId) => ({ event: 'Invoice Paid', userId, messageId: `of-${userId}`, properties: { plan: 'pro' } })
    await track(input, 'wk_website_000000000000000000001', sent('user-older'))
    await track(input, 'wk_website_000000000000000000001', sent('user-newer'))
  },
)
