// Steps that several journeys have in common.

// signIn enters by the token, as whoever has just installed Penstock does.
export async function signIn(page, { url, token }) {
  await page.goto(url)
  await page.getByLabel(/^Token/).fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

// follow goes to a place by the main navigation.
export const follow = (page, name) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click()

// track sends a Track Event as a server does.
export async function track({ url }, writeKey, event) {
  const response = await fetch(`${url}/v1/track`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...event, writeKey }) })
  if (response.status !== 200) throw new Error(`POST /v1/track: ${response.status} ${await response.text()}`)
}

export const example = { event: 'Example Event Name', userId: '123', groupId: 'account', properties: { exampleKeyName: 'exampleValue' } }

// addSource makes a source by hand, and returns its write key as the page shows it.
export async function addSource(page, name) {
  await follow(page, 'Sources')
  await page.getByRole('link', { name: 'Add source' }).first().click()
  await page.getByRole('radio', { name: /JavaScript/ }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create source' }).click()
  await page.getByText('Send a first event').waitFor()
  return (await page.locator('dd code').first().textContent()).trim()
}

// choose picks an option of a select.
export async function choose(page, label, option) {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

// summary opens the journey of an event by its messageId, and returns the summary once it says what is waited for.
export async function summary(page, messageId, wanted) {
  await follow(page, 'Where is my event?')
  await page.getByRole('searchbox').fill(messageId)
  await page.getByRole('region', { name: 'Events, the newest first' }).getByRole('button', { name: new RegExp(messageId) }).click()
  const said = page.getByRole('region', { name: 'Summary' }).getByRole('heading')
  await said.filter({ hasText: wanted }).waitFor()
  return (await said.textContent()).trim()
}
