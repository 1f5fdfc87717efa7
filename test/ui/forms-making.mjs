import { inTime, tryForms } from './forms.mjs'
import { backwards, creating } from './forms-kinds.mjs'
import { choose } from './steps.mjs'

let made = 0
const next = (word) => `${word} ${++made}`
const button = (name) => (page) => page.getByRole('button', { name, exact: true })
const box = (page, name) => page.getByRole('textbox', { name, exact: true })
const picked = (page, name) => page.getByRole('combobox', { name, exact: true }).inputValue()
const write = (method, path) => new RegExp(`^${method} [^?]*/api/${path}$`)
const dialog = (page) => page.getByRole('dialog')

const cases = (form, of) => Object.entries(of).map(([trouble, run]) => ({ form, trouble, run }))

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
  looks: write('GET', 'destinations'),
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

// The preset is looked at before it is made: both steps ask the server.
const createButton = (page) => page.getByRole('button', { name: 'Create and turn on' })
const presetCases = {
  slow: async (it) => {
    const name = next('Preset')
    const needed = /\/api\/(session|catalog|sources)$/
    const answers = await it.hold((method, url) => method === 'GET' && !needed.test(url.pathname))
    await it.open(preset.at())
    await preset.fill(it.page, name)
    await answers.stop()
    await it.settled()
    it.check('shown when the answers have come', await preset.shown(it.page), preset.want(name))
    await preset.save(it.page).click()
    await createButton(it.page).click()
    await inTime(it, 'stored', () => madeByPreset(it, name), [{ source: 'website', enabled: true, toTheApp: true }])
  },
  lost: async (it) => {
    const name = next('Preset')
    await it.open(preset.at())
    await preset.fill(it.page, name)
    const answers = await it.hold(/^POST [^?]*\/api\/(catalog\/.*|destinations)$/)
    await preset.save(it.page).click()
    await answers.asked(1)
    await answers.lose(0)
    await it.alert()
    it.check('shown when the answer is lost', await preset.shown(it.page), preset.want(name))
    await preset.save(it.page).click()
    await answers.asked(2)
    await answers.release(1)
    await createButton(it.page).click()
    await answers.asked(3)
    await answers.lose(2)
    await it.alert()
    await answers.stop()
    await Promise.all([it.page.waitForURL('**/mappings'), createButton(it.page).click()])
    // There is one, since it is on: two of them would deliver each event twice.
    it.check('stored', await madeByPreset(it, name), [{ source: 'website', enabled: true, toTheApp: true }])
  },
}
const madeByPreset = async ({ ask }, name) =>
  (await ofName('/api/destinations')(ask, name)).map(({ source, enabled, mappings }) => ({
    source, enabled, toTheApp: JSON.stringify(mappings).includes(key),
  }))

// aUser is invited, and can be signed in by the link.
async function aUser(it) {
  const name = next('User').replace(' ', '-').toLowerCase()
  const email = `${name}@acme.example`
  const { invite } = await it.ask('POST', '/api/users', { name, email, role: 'owner' })
  return { email, link: invite.link }
}

const password = 'a long enough password'
const another = 'another long enough password'
const signsIn = async ({ input }, email, password) => {
  const response = await fetch(`${input.url}/api/session`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }),
  })
  return response.ok
}
const fillPassword = async (page) => {
  await box(page, 'Present password').fill(password)
  await box(page, 'New password').fill(another)
}
const shownPassword = (page) =>
  Promise.all(['Present password', 'New password'].map((name) => box(page, name).inputValue()))
// openYou signs in a browser of its own, since it takes the place of whoever is signed in.
const openYou = async (it) => {
  const { email, link } = await aUser(it)
  const own = await it.stranger()
  await own.page.goto(link)
  await box(own.page, 'Password').fill(password)
  await own.page.getByRole('button', { name: 'Sign in' }).click()
  await own.page.getByRole('heading', { name: 'Overview' }).waitFor()
  await own.open('/settings/you')
  await box(own.page, 'Present password').waitFor()
  await own.settled()
  return { email, own }
}
const changePassword = button('Change the password')
const you = {
  slow: async (stranger) => {
    const { email, own: it } = await openYou(stranger)
    const answers = await it.hold((method) => method === 'GET')
    await it.lookAgain()
    await fillPassword(it.page)
    await answers.stop()
    await it.settled()
    it.check('shown', await shownPassword(it.page), [password, another])
    await changePassword(it.page).click()
    await inTime(it, 'signs in by the new one', () => signsIn(it, email, another), true)
  },
  // The server has changed it, and nobody was told: what was typed stays, and the new password is in force.
  lost: async (stranger) => {
    const { email, own: it } = await openYou(stranger)
    await fillPassword(it.page)
    const answers = await it.hold(write('PUT', 'session/password'))
    await changePassword(it.page).click()
    await answers.asked(1)
    await answers.lose(0)
    await it.alert()
    await answers.stop()
    it.check('shown when it is lost', await shownPassword(it.page), [password, another])
    it.check('signs in by the new one', await signsIn(it, email, another), true)
  },
}

// A late answer that says who was signed in before does not sign out whoever has just signed in.
const asksSession = /^GET [^?]*\/api\/session$/
const enter = (it) => it.page.getByRole('button', { name: 'Sign in', exact: true }).click()
const isIn = async (it) => {
  await it.page.getByRole('heading', { name: 'Overview' }).waitFor()
  return it.settled()
}
const stays = async (it, answers) => {
  await isIn(it)
  await answers.stop()
  await it.settled()
  it.check('signed in', await it.page.getByRole('heading', { name: 'Overview' }).count(), 1)
}
// openSignIn shows the form to a stranger, whose page asks once more who is signed in.
const openSignIn = async (stranger) => {
  const it = await stranger.stranger()
  await it.open('/')
  await box(it.page, 'E-mail').waitFor()
  await it.settled()
  const answers = await it.hold(asksSession)
  await it.lookAgain()
  await answers.asked(1)
  return { it, answers }
}
const fillSignIn = async (it, email) => {
  await box(it.page, 'E-mail').fill(email)
  await box(it.page, 'Password').fill(password)
}
const aMember = async (stranger) => {
  const { email, own } = await openYou(stranger)
  await own.page.context().close()
  return email
}
const signIn = {
  order: async (stranger) => {
    const email = await aMember(stranger)
    const { it, answers } = await openSignIn(stranger)
    await fillSignIn(it, email)
    await enter(it)
    await stays(it, answers)
  },
  lost: async (stranger) => {
    const email = await aMember(stranger)
    const { it, answers } = await openSignIn(stranger)
    await fillSignIn(it, email)
    const writes = await it.hold(write('POST', 'session'))
    await enter(it)
    await writes.asked(1)
    await writes.lose(0)
    await it.alert()
    await writes.stop()
    it.check('shown when it is lost', await box(it.page, 'E-mail').inputValue(), email)
    await enter(it)
    await stays(it, answers)
  },
}
const signInByToken = {
  order: async (stranger) => {
    const { it, answers } = await openSignIn(stranger)
    await it.page.getByRole('button', { name: 'Use a token instead' }).click()
    await box(it.page, 'Token').fill(it.input.token)
    await enter(it)
    await answers.asked(2)
    await answers.release(1)
    await stays(it, answers)
  },
}
const invitation = {
  order: async (stranger) => {
    const { link } = await aUser(stranger)
    const it = await stranger.stranger()
    const answers = await it.hold(asksSession)
    await it.page.goto(link)
    await box(it.page, 'Password').fill(password)
    await answers.asked(1)
    await enter(it)
    await stays(it, answers)
  },
}

const confirm = (page) => dialog(page).getByRole('button', { name: 'Rotate the key' })
const keyOf = async ({ ask }) => (await ask('GET', '/api/secrets')).key
const openSecurity = async (it) => {
  await it.open('/settings/security')
  await it.page.getByRole('button', { name: 'Rotate the key' }).click()
  await confirm(it.page).waitFor()
  await it.settled()
}
const security = {
  slow: async (it) => {
    const was = await keyOf(it)
    await openSecurity(it)
    const answers = await it.hold((method) => method === 'GET')
    await it.lookAgain()
    await answers.asked(1)
    await answers.stop()
    await it.settled()
    it.check('the dialog is there', await confirm(it.page).count(), 1)
    await confirm(it.page).click()
    await inTime(it, 'another key', async () => (await keyOf(it)) !== was, true)
  },
  lost: async (it) => {
    await openSecurity(it)
    const answers = await it.hold(write('POST', 'secrets/rotate'))
    await confirm(it.page).click()
    await answers.asked(1)
    await answers.lose(0)
    await it.alert()
    await answers.stop()
    await it.settled()
    await confirm(it.page).click()
    await dialog(it.page).waitFor({ state: 'hidden' })
  },
}

const file = (page) => box(page, 'Workspace file')
const showPlan = button('Show the plan')
const plans = /^PUT .*\/api\/workspace\?.*dryRun=true/
const fileOf = (slug, name) =>
  `sources:\n  - {slug: ${slug}, name: ${name}, type: server, writeKeys: [wk_${slug}_0000000000000000]}\n`
const openFile = async (it) => {
  await it.open('/settings/workspace')
  await file(it.page).waitFor()
  await it.settled()
}
const applies = async (it, slug, name) => {
  await it.page.getByRole('status').filter({ hasText: 'unchanged' }).waitFor()
  await it.page.getByRole('button', { name: 'Apply', exact: true }).click()
  await inTime(it, 'stored', async () => (await ofName('/api/sources')(it.ask, name)).map((s) => s.slug), [slug])
}
const workspace = {
  // A plan that comes when the file has been changed is no plan of it.
  slow: async (it) => {
    await openFile(it)
    await file(it.page).fill(fileOf('by-file-slow', 'First'))
    const answers = await it.hold(plans)
    await showPlan(it.page).click()
    await answers.asked(1)
    await file(it.page).fill(fileOf('by-file-slow', 'By file slow'))
    await answers.stop()
    await it.settled()
    it.check('file', await file(it.page).inputValue(), fileOf('by-file-slow', 'By file slow'))
    const apply = it.page.getByRole('button', { name: 'Apply', exact: true })
    it.check('what has no plan can be applied', await apply.isEnabled(), false)
    await showPlan(it.page).click()
    await applies(it, 'by-file-slow', 'By file slow')
  },
  lost: async (it) => {
    await openFile(it)
    await file(it.page).fill(fileOf('by-file-lost', 'By file lost'))
    const answers = await it.hold(plans)
    await showPlan(it.page).click()
    await answers.asked(1)
    await answers.lose(0)
    await it.alert()
    await answers.stop()
    it.check('file', await file(it.page).inputValue(), fileOf('by-file-lost', 'By file lost'))
    await showPlan(it.page).click()
    await applies(it, 'by-file-lost', 'By file lost')
  },
  order: async (it) => {
    await openFile(it)
    const answers = await it.hold(plans)
    await file(it.page).fill(fileOf('by-file-first', 'By file first'))
    await showPlan(it.page).click()
    await answers.asked(1)
    await file(it.page).fill(fileOf('by-file-order', 'By file order'))
    await showPlan(it.page).click()
    await answers.asked(2)
    await backwards(it, answers)
    await answers.stop()
    await it.settled()
    const said = await it.page.getByRole('status').filter({ hasText: 'unchanged' }).innerText()
    it.check('plan of the newer file', /first|order/.exec(said)?.[0], 'order')
    await applies(it, 'by-file-order', 'By file order')
  },
}

// The role of a user is a choice that is saved at once.
const roleOf = (it, email) => it.page.getByRole('combobox', { name: `Role of ${email}` })
const storedRole = async ({ ask }, email) => (await ask('GET', '/api/users')).find((u) => u.email === email).role
const openUsers = async (it) => {
  const { email } = await aUser(it)
  await it.open('/settings/users')
  await roleOf(it, email).waitFor()
  await it.settled()
  return email
}
const giveRole = async (it, email, role) => {
  await roleOf(it, email).click()
  await it.page.getByRole('option', { name: role, exact: true }).click()
  await it.drawn()
}
const roles = {
  slow: async (it) => {
    const email = await openUsers(it)
    const answers = await it.hold(write('PATCH', 'users/.*'))
    await giveRole(it, email, 'editor')
    await answers.asked(1)
    it.check('shown while it is saved', await roleOf(it, email).inputValue(), 'editor')
    await answers.stop()
    await inTime(it, 'stored', () => storedRole(it, email), 'editor')
    await it.settled()
    it.check('shown', await roleOf(it, email).inputValue(), 'editor')
  },
  lost: async (it) => {
    const email = await openUsers(it)
    const answers = await it.hold(write('PATCH', 'users/.*'))
    await giveRole(it, email, 'editor')
    await answers.asked(1)
    await answers.lose(0)
    await it.alert()
    await answers.stop()
    await it.settled()
    const alike = async () => (await roleOf(it, email).inputValue()) === (await storedRole(it, email))
    await inTime(it, 'shown as it is stored', alike, true)
    await giveRole(it, email, 'viewer')
    await inTime(it, 'stored', () => storedRole(it, email), 'viewer')
    await it.settled()
    it.check('shown at last', await roleOf(it, email).inputValue(), 'viewer')
  },
}

// A list that was asked for before something was made, and answered after that, has it nevertheless.
const tokens = {
  order: async (it) => {
    const answers = await it.hold(/^GET [^?]*\/api\/tokens$/)
    await it.open(token.at())
    await token.ready(it.page)
    await answers.asked(1)
    await token.fill(it.page, 'Listed')
    await token.save(it.page).press('Enter')
    await it.page.getByRole('button', { name: 'Done' }).press('Enter')
    await backwards(it, answers)
    await answers.stop()
    await it.settled()
    it.check('rows of the token', await it.page.getByRole('row', { name: /^Listed/ }).count(), 1)
  },
}

await tryForms([
  ...creating('new source', newSource),
  ...creating('new app', newApp),
  ...creating('add destination', addDestination),
  ...creating('source of a destination', destinationSource),
  ...creating('invite', invite),
  ...creating('token', token),
  ...creating('integration key', integrationKey),
  ...cases('list of tokens', tokens),
  ...cases('add preset', presetCases),
  ...cases('role of a user', roles),
  ...cases('your account', you),
  ...cases('sign in', signIn),
  ...cases('sign in by token', signInByToken),
  ...cases('link of an invitation', invitation),
  ...cases('security', security),
  ...cases('workspace file', workspace),
])
