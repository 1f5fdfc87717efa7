import { inTime, soon, tryForms } from './forms.mjs'
import { backwards, changing, creating, switching } from './forms-kinds.mjs'
import { receive } from './seed.mjs'
import { choose } from './steps.mjs'

let made = 0
const next = (word) => `${word} ${++made}`
const button = (name) => (page) => page.getByRole('button', { name, exact: true })
const box = (page, name) => page.getByRole('textbox', { name, exact: true })
const picked = (page, name) => page.getByRole('combobox', { name, exact: true }).inputValue()
const write = (method, path) => new RegExp(`^${method} [^?]*/api/${path}$`)

const aSource = (it) => it.ask('POST', '/api/sources', { name: next('Source'), type: 'javascript' })
const anApp = (it) => it.ask('POST', '/api/apps', { name: next('App'), region: 'us' })
const aDestination = (it) =>
  it.ask('POST', '/api/destinations', {
    source: 'website', type: 'actions-webhook', name: next('Hooks'), enabled: false, settings: {},
  })

const destination = {
  make: aDestination,
  at: ({ slug }) => `/destinations/${slug}/settings`,
  read: ({ slug }) => `/api/destinations/${slug}`,
  needs: ({ slug }) => new RegExp(`^/api/destinations/${slug}$`),
  ready: (page) => box(page, 'Destination name').waitFor(),
  fill: async (page) => {
    await box(page, 'Destination name').fill('Mine')
    await page.getByRole('switch', { name: 'Enable Destination' }).click({ force: true })
  },
  shown: async (page) => ({
    name: await box(page, 'Destination name').inputValue(),
    enabled: await page.getByRole('switch', { name: 'Enable Destination' }).isChecked(),
  }),
  want: { name: 'Mine', enabled: true },
  save: button('Save Changes'),
  write: write('PATCH', 'destinations/[^/]*'),
  stored: async (ask, { slug }) => {
    const { name, enabled } = await ask('GET', `/api/destinations/${slug}`)
    return { name, enabled }
  },
  kept: { name: 'Mine', enabled: true },
  more: {
    do: (page) => box(page, 'Destination name').fill('Mine, and more'),
    shown: (page) => box(page, 'Destination name').inputValue(),
    want: 'Mine, and more',
    kept: { name: 'Mine, and more', enabled: true },
  },
  same: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/destinations/${slug}`, { name: 'Theirs' }),
    shown: { name: 'Theirs', enabled: true },
  },
}

const destinationName = {
  ...destination,
  fill: (page) => box(page, 'Destination name').fill('Mine'),
  want: { name: 'Mine', enabled: false },
  others: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/destinations/${slug}`, { enabled: true }),
    shown: { name: 'Mine', enabled: true },
    kept: { name: 'Mine', enabled: true },
  },
}

const source = {
  make: aSource,
  at: ({ slug }) => `/sources/${slug}/settings`,
  read: ({ slug }) => `/api/sources/${slug}`,
  needs: ({ slug }) => new RegExp(`^/api/sources/${slug}$`),
  ready: (page) => box(page, 'Name').waitFor(),
  fill: async (page) => {
    await box(page, 'Name').fill('Mine')
    await choose(page, 'Kind', 'Server')
  },
  shown: async (page) => ({ name: await box(page, 'Name').inputValue(), kind: await picked(page, 'Kind') }),
  want: { name: 'Mine', kind: 'Server' },
  save: button('Save'),
  write: write('PATCH', 'sources/[^/]*'),
  stored: async (ask, { slug }) => {
    const { name, type, enabled } = await ask('GET', `/api/sources/${slug}`)
    return { name, type, enabled }
  },
  kept: { name: 'Mine', type: 'server', enabled: true },
  more: {
    do: (page) => box(page, 'Name').fill('Mine, and more'),
    shown: (page) => box(page, 'Name').inputValue(),
    want: 'Mine, and more',
    kept: { name: 'Mine, and more', type: 'server', enabled: true },
  },
  others: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/sources/${slug}`, { enabled: false }),
    kept: { name: 'Mine', type: 'server', enabled: false },
  },
  same: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/sources/${slug}`, { name: 'Theirs' }),
    shown: { name: 'Theirs', kind: 'Server' },
  },
}

const aboutApp = {
  make: anApp,
  at: ({ slug }) => `/apps/${slug}/settings`,
  read: ({ slug }) => `/api/apps/${slug}`,
  needs: ({ slug }) => new RegExp(`^/api/apps/${slug}$`),
  ready: (page) => box(page, 'Name').waitFor(),
  fill: async (page) => {
    await box(page, 'Name').fill('Mine')
    await choose(page, 'Region', 'Japan')
  },
  shown: async (page) => ({ name: await box(page, 'Name').inputValue(), region: await picked(page, 'Region') }),
  want: { name: 'Mine', region: 'Japan' },
  save: button('Save'),
  write: write('PATCH', 'apps/[^/]*'),
  stored: async (ask, { slug }) => {
    const { name, region, acceptGroup } = await ask('GET', `/api/apps/${slug}`)
    return { name, region, acceptGroup }
  },
  kept: { name: 'Mine', region: 'jp', acceptGroup: true },
  more: {
    do: (page) => box(page, 'Name').fill('Mine, and more'),
    shown: (page) => box(page, 'Name').inputValue(),
    want: 'Mine, and more',
    kept: { name: 'Mine, and more', region: 'jp', acceptGroup: true },
  },
  others: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/apps/${slug}`, { acceptGroup: false }),
    kept: { name: 'Mine', region: 'jp', acceptGroup: false },
  },
  same: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/apps/${slug}`, { name: 'Theirs' }),
    shown: { name: 'Theirs', region: 'Japan' },
  },
}

// What is stored of a secret is not told: it is there, or not.
const signature = {
  ...aboutApp,
  ready: (page) => box(page, 'Signature secret').waitFor(),
  fill: (page) => box(page, 'Signature secret').fill('a signature secret of mine'),
  shown: (page) => box(page, 'Signature secret').inputValue(),
  want: 'a signature secret of mine',
  save: button('Save the signature secret'),
  stored: async (ask, { slug }) => {
    const { signatureSecret, acceptGroup } = await ask('GET', `/api/apps/${slug}`)
    return { secret: (signatureSecret ?? '') !== '', acceptGroup }
  },
  kept: { secret: true, acceptGroup: true },
  leaves: true, // once it is saved, it is masked
  more: undefined,
  others: { ...aboutApp.others, kept: { secret: true, acceptGroup: false } },
  same: undefined,
}

const dialog = (page) => page.getByRole('dialog')
const sourceRetention = {
  make: aSource,
  at: () => '/settings/retention',
  read: () => '/api/sources',
  needs: () => /^\/api\/(log|sources|apps)$/,
  ready: async (page, { name }) => {
    await page.getByRole('button', { name: `Change the retention of ${name}`, exact: true }).click()
    await dialog(page).getByLabel('Keep events, in days').waitFor()
  },
  fill: async (page) => {
    await dialog(page).getByLabel('Keep events, in days').fill('30')
    await dialog(page).getByLabel('Backlog, in GB').fill('1.5')
    await choose(page, 'When the backlog is full', 'Discard the oldest, and count them so')
  },
  shown: async (page) => ({
    days: await dialog(page).getByLabel('Keep events, in days').inputValue(),
    backlog: await dialog(page).getByLabel('Backlog, in GB').inputValue(),
    full: await picked(page, 'When the backlog is full'),
  }),
  want: { days: '30', backlog: '1.5', full: 'Discard the oldest, and count them so' },
  save: (page) => dialog(page).getByRole('button', { name: 'Save' }),
  write: write('PATCH', 'sources/[^/]*'),
  stored: async (ask, { slug }) => {
    const { enabled, retention } = await ask('GET', `/api/sources/${slug}`)
    return { enabled, days: retention?.days, backlog: retention?.backlogBytes, full: retention?.whenFull }
  },
  kept: { enabled: true, days: 30, backlog: 1_500_000_000, full: 'discard' },
  leaves: true, // the dialog is closed
  others: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/sources/${slug}`, { enabled: false }),
    kept: { enabled: false, days: 30, backlog: 1_500_000_000, full: 'discard' },
  },
  same: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/sources/${slug}`, { retention: { days: 7 } }),
    shown: { days: '7', backlog: '1.5', full: 'Discard the oldest, and count them so' },
  },
}

const appRetention = {
  ...sourceRetention,
  make: anApp,
  read: () => '/api/apps',
  ready: async (page, { name }) => {
    await page.getByRole('button', { name: `Change the retention of ${name}`, exact: true }).click()
    await dialog(page).getByLabel('Keep what it received, in months').waitFor()
  },
  fill: (page) => dialog(page).getByLabel('Keep what it received, in months').fill('12'),
  shown: (page) => dialog(page).getByLabel('Keep what it received, in months').inputValue(),
  want: '12',
  write: write('PATCH', 'apps/[^/]*'),
  stored: async (ask, { slug }) => {
    const { name, retention } = await ask('GET', `/api/apps/${slug}`)
    return { theirs: name.startsWith('Theirs'), months: retention?.months }
  },
  kept: { theirs: false, months: 12 },
  others: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/apps/${slug}`, { name: `Theirs ${slug}` }),
    kept: { theirs: true, months: 12 },
  },
  same: {
    theirs: (ask, { slug }) => ask('PATCH', `/api/apps/${slug}`, { retention: { months: 24 } }),
    shown: '24',
  },
}

const cases = (form, of) => Object.entries(of).map(([trouble, run]) => ({ form, trouble, run }))

// What is taken is a row of switches, each saved when it is turned.
const taken = (label, field) => ({
  make: anApp, at: aboutApp.at, ready: aboutApp.ready, name: new RegExp(`^${label}`), write: aboutApp.write,
  stored: async (ask, { slug }) => (await ask('GET', `/api/apps/${slug}`))[field],
  edit: (page) => box(page, 'Name').fill('Edited'),
  edited: (page) => box(page, 'Name').inputValue(),
})

// Two switches are turned before either is saved.
const bothTaken = {
  'two at once': async (it) => {
    const app = await anApp(it)
    await it.open(aboutApp.at(app))
    await box(it.page, 'Name').waitFor()
    await it.settled()
    const answers = await it.hold(aboutApp.write)
    const labels = [/^Segment group/, /^Anonymous visitors/]
    const shown = () =>
      Promise.all(labels.map((name) => it.page.getByRole('switch', { name }).isChecked()))
    for (const name of labels) {
      await it.page.getByRole('switch', { name }).click({ force: true })
      await it.drawn()
    }
    await answers.asked(1)
    it.check('shown while they are saved', await shown(), [false, true])
    await backwards(it, answers)
    await answers.stop()
    await inTime(it, 'stored', async () => {
      const { acceptGroup, anonymousVisitors } = await it.ask('GET', `/api/apps/${app.slug}`)
      return [acceptGroup, anonymousVisitors]
    }, [false, true])
    await it.settled()
    it.check('shown when they are saved', await shown(), [false, true])
  },
}

const sourceSwitch = {
  make: aSource, at: source.at, ready: source.ready, write: source.write,
  name: /^The source is/,
  stored: async (ask, { slug }) => (await ask('GET', `/api/sources/${slug}`)).enabled,
  edit: (page) => box(page, 'Name').fill('Edited'),
  edited: (page) => box(page, 'Name').inputValue(),
}

const destinationSwitch = {
  make: aDestination, at: destination.at, ready: destination.ready, write: destination.write,
  name: 'Destination is on',
  stored: async (ask, { slug }) => (await ask('GET', `/api/destinations/${slug}`)).enabled,
  edit: (page) => box(page, 'Destination name').fill('Edited'),
  edited: (page) => box(page, 'Destination name').inputValue(),
}

const excludeSwitch = {
  make: async ({ input, ask }) => {
    const id = next('visitor').replace(' ', '-')
    await receive(input, { type: 'track', event: 'Seen', userId: id, messageId: id, properties: { groupId: 'acme-1' } })
    await soon('the visitor is counted', async () => {
      const found = await ask('GET', `/api/apps/acme/visitors?search=${id}`)
      return found.length > 0
    })
    return { id }
  },
  at: ({ id }) => `/apps/acme/visitors/${id}`,
  ready: (page) => page.getByRole('switch', { name: 'Exclude' }).waitFor(),
  name: /^Exclude/, write: write('PUT', 'apps/acme/visitors/[^/]*/flags'),
  stored: async (ask, { id }) => (await ask('GET', `/api/apps/acme/visitors/${id}`)).excluded,
}

await tryForms([
  ...changing('destination settings', destination),
  ...changing('destination name', destinationName).filter((c) => c.trouble === 'others changed'),
  ...changing('source settings', source),
  ...changing('app settings', aboutApp),
  ...changing('signature secret', signature),
  ...changing('retention of a source', sourceRetention),
  ...changing('retention of an app', appRetention),
  ...cases('what is taken', bothTaken),
  ...switching('what is taken', taken('Segment group', 'acceptGroup')),
  ...switching('switch of a source', sourceSwitch),
  ...switching('switch of a destination', destinationSwitch),
  ...switching('exclude a visitor', excludeSwitch),
])
