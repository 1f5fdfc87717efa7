import { inspect } from '../harness/browser/axe.mjs'
import { drive } from '../harness/browser/drive.mjs'
import { receive, seed } from './seed.mjs'
import { signIn, track } from './steps.mjs'

// The pages that have most to show where much was received, and the settings that TestPages does not visit.
const pages = {
  'app-new': '/apps/new', app: '/apps/acme', received: '/apps/acme/received', event: '/apps/acme/events/Invoice%20Paid?property=plan', explore: '/apps/acme/explore?event=Invoice%20Paid&by=property%3Aplan', table: '/apps/acme/explore?by=event&chart=table',
  visitors: '/apps/acme/visitors', visitor: '/apps/acme/visitors/user-33', account: '/apps/acme/accounts/acme-3', metadata: '/apps/acme/dictionary?of=metadata', quality: '/apps/acme/quality', 'app-settings': '/apps/acme/settings',
  you: '/settings/you', keys: '/settings/keys', retention: '/settings/retention', security: '/settings/security',
}

await drive(async ({ input, newPage, screenshot }) => {
  await seed(input)
  await receive(input, { type: 'track', event: 'Invoice Paid', userId: 'undefined', messageId: 'placeholder', properties: { 'not a key': 1 } })
  await track(input, 'wk_website_000000000000000000001', { event: 'Astray', userId: '1', groupId: 'a', messageId: 'astray' })
  const found = []
  let looked = 0
  const lookAt = async (look) => {
    const page = await newPage(look)
    await signIn(page, input)
    for (const [name, path] of Object.entries(pages)) {
      const where = `${name} at ${look.viewport.width}, ${look.colorScheme}`
      await page.goto(input.url + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForFunction(() => document.querySelector('main [aria-busy=true], main .bone') === null && document.querySelector('[data-going]') === null)
      for (const violation of await inspect(page)) found.push(`${where}: ${violation}`)
      if (await page.evaluate(() => document.querySelector('main').scrollWidth > document.querySelector('main').clientWidth + 1)) found.push(`${where}: it is wider than the window`)
      if ((await page.getByRole('alert').count()) > 0) found.push(`${where}: ${await page.getByRole('alert').first().innerText()}`)
      await screenshot(page, `${name}-${look.viewport.width}-${look.colorScheme}`)
      looked++
    }
  }
  await Promise.all(input.looks.map(lookAt)) // side by side: pages wait for answers, too
  return { found, looked }
})
