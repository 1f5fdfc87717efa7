import { tryForms } from './forms.mjs'
import { changing, creating } from './forms-kinds.mjs'
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
}

const ofName = (path) => async (ask, name) => (await ask('GET', path)).filter((x) => x.name === name)

const newSource = {
  at: () => '/sources/new',
  fill: async (page, name) => {
    await page.getByRole('radio', { name: /Server/ }).click()
    await box(page, 'Name').fill(name)
  },
  shown: async (page) => ({
    name: await box(page, 'Name').inputValue(),
    server: await page.getByRole('radio', { name: /Server/ }).getAttribute('aria-checked'),
  }),
  want: (name) => ({ name, server: 'true' }),
  save: button('Create source'),
  write: write('POST', 'sources'),
  stored: async (ask, name) => (await ofName('/api/sources')(ask, name)).map(({ name, type }) => ({ name, type })),
  kept: (name) => ({ name, type: 'server' }),
  name: 'New source', once: true,
}

const newApp = {
  at: () => '/apps/new',
  fill: async (page, name) => {
    await box(page, 'Name').fill(name)
    await choose(page, 'Region', 'Australia')
    await page.getByRole('switch', { name: 'Anonymous visitors' }).click({ force: true })
  },
  shown: async (page) => ({
    name: await box(page, 'Name').inputValue(), region: await picked(page, 'Region'),
    anonymous: await page.getByRole('switch', { name: 'Anonymous visitors' }).isChecked(),
  }),
  want: (name) => ({ name, region: 'Australia', anonymous: true }),
  save: button('Create app'),
  write: write('POST', 'apps'),
  stored: async (ask, name) =>
    (await ofName('/api/apps')(ask, name)).map(({ region, anonymousVisitors }) => ({ region, anonymousVisitors })),
  kept: () => ({ region: 'au', anonymousVisitors: true }),
  name: 'New app', once: true,
}

const addDestination = {
  at: () => '/catalog/actions-webhook/add?source=website&step=setup',
  needs: () => /^\/api\/catalog$/,
  fill: (page, name) => box(page, 'Destination name').fill(name),
  shown: (page) => box(page, 'Destination name').inputValue(),
  want: (name) => name,
  save: button('Create destination'),
  write: write('POST', 'destinations'),
  stored: async (ask, name) => (await ofName('/api/destinations')(ask, name)).map(({ source }) => source),
  kept: () => 'website',
  name: 'New hooks', once: true,
}

// Which source, while the catalog and the sources are still on their way in turn.
const destinationSource = {
  ...addDestination,
  at: () => '/catalog/actions-webhook/add',
  needs: () => /^\/api\/(catalog|sources)$/,
  fill: async (page, name) => {
    await page.getByRole('radio', { name: /Website/ }).click()
    await page.getByRole('button', { name: 'Next' }).click()
    await box(page, 'Destination name').fill(name)
  },
  name: 'Picked hooks',
}

const key = '00000000000000000000000000000001'

// The key of the app is typed while the apps of this server are not known yet.
const preset = {
  at: () => '/catalog/actions-webhook/presets/pendo-track-events',
  needs: () => /^\/api\/(catalog|sources)$/,
  fill: async (page, name) => {
    await page.getByRole('radio', { name: /Website/ }).click()
    await box(page, 'Name').fill(name)
    await choose(page, 'Region', 'This server')
    const app = page.getByLabel(/^App|key/i).first()
    if ((await app.getAttribute('aria-haspopup')) === 'listbox') {
      await app.click()
      await page.getByRole('option', { name: /Acme web app/ }).click()
    } else await app.fill(key)
  },
  shown: async (page) => ({
    source: await page.getByRole('radio', { name: /Website/ }).getAttribute('aria-checked'),
    name: await box(page, 'Name').inputValue(), region: await picked(page, 'Region'),
    key: (await page.getByLabel(/^App|key/i).first().inputValue()).includes(key),
  }),
  want: (name) => ({ source: 'true', name, region: 'This server', key: true }),
  save: button('Next'),
  write: write('POST', 'catalog/.*'),
  stored: async () => [],
  name: 'Preset',
}

const invite = {
  at: () => '/settings/users',
  ready: (page) => page.getByRole('button', { name: 'Invite user' }).click(),
  fill: async (page, name) => {
    await box(page, 'E-mail').fill(`${name.replaceAll(' ', '.').toLowerCase()}@acme.example`)
    await box(page, 'Name').fill(name)
    await choose(page, 'Role', 'Viewer: sees everything')
  },
  shown: async (page) => ({
    email: await box(page, 'E-mail').inputValue(), name: await box(page, 'Name').inputValue(),
    role: await picked(page, 'Role'),
  }),
  want: (name) => ({
    email: `${name.replaceAll(' ', '.').toLowerCase()}@acme.example`, name, role: 'Viewer: sees everything',
  }),
  save: button('Make the link'),
  write: write('POST', 'users'),
  stored: async (ask, name) => (await ofName('/api/users')(ask, name)).map(({ role }) => role),
  kept: () => 'viewer',
  name: 'Vera', once: true,
}

const token = {
  at: () => '/settings/tokens',
  ready: (page) => page.getByRole('button', { name: 'New token' }).click(),
  fill: async (page, name) => {
    await box(page, 'Name').fill(name)
    await choose(page, 'Role', 'Editor: changes the workspace')
    await choose(page, 'Expires', '90 days')
  },
  shown: async (page) => ({
    name: await box(page, 'Name').inputValue(), role: await picked(page, 'Role'),
    expires: await picked(page, 'Expires'),
  }),
  want: (name) => ({ name, role: 'Editor: changes the workspace', expires: '90 days' }),
  save: button('Make the token'),
  write: write('POST', 'tokens'),
  stored: async (ask, name) =>
    (await ofName('/api/tokens')(ask, name)).map(({ role, expiresAt }) => ({ role, ends: expiresAt !== undefined })),
  kept: () => ({ role: 'editor', ends: true }),
  name: 'Reports',
}

const integrationKey = {
  at: () => '/settings/keys',
  needs: () => /^\/api\/apps$/,
  ready: (page) => page.getByRole('button', { name: 'New integration key' }).click(),
  fill: async (page, name) => {
    await box(page, 'Description').fill(name)
    await choose(page, 'App', 'Acme web app')
    await page.getByRole('switch', { name: 'May write' }).click({ force: true })
  },
  shown: async (page) => ({
    description: await box(page, 'Description').inputValue(), app: await picked(page, 'App'),
    write: await page.getByRole('switch', { name: 'May write' }).isChecked(),
  }),
  want: (name) => ({ description: name, app: 'Acme web app', write: true }),
  save: button('Make the key'),
  write: write('POST', 'integration-keys'),
  stored: async (ask, name) =>
    (await ask('GET', '/api/integration-keys')).filter((k) => k.description === name)
      .map(({ app, writeAccess }) => ({ app, writeAccess })),
  kept: () => ({ app: 'acme', writeAccess: true }),
  name: 'Nightly',
}

await tryForms([
  ...changing('destination settings', destination),
  ...changing('destination name', destinationName).filter((c) => c.trouble === 'others changed'),
  ...changing('source settings', source),
  ...changing('app settings', aboutApp),
  ...changing('signature secret', signature),
  ...changing('retention of a source', sourceRetention),
  ...changing('retention of an app', appRetention),
  ...creating('new source', newSource),
  ...creating('new app', newApp),
  ...creating('add destination', addDestination),
  ...creating('source of a destination', destinationSource),
  ...creating('invite', invite),
  ...creating('token', token),
  ...creating('integration key', integrationKey),
])
