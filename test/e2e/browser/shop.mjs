// A shop whose pages have the browser SDK, as a customer would put it there.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import snippet from '@segment/snippet'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const literal = (value) => JSON.stringify(value)?.replaceAll('<', '\\u003c')

// The forms in which a page has the SDK: what stands in the page, given Penstock's URL, the write key, and the options of load.
const forms = {
  // The standard snippet. Its host alone is another one, and so is the scheme over plain http.
  snippet: async ({ penstock, writeKey, options }) => {
    const text = snippet.max({ apiKey: writeKey, load: options ?? true, page: true })
    const cdn = 'https://cdn.segment.com'
    if (text.split(cdn).length !== 2) throw new Error('the snippet does not name its host once')
    return `<script>${text.replace(cdn, penstock)}</script>`
  },

  // The snippet of our guide, which anybody may paste.
  guide: async ({ penstock, writeKey, options }) => {
    const [, text] = /^```html\n(.*?)^```$/ms.exec(await readFile(here('../../../docs/guides/browser.md'), 'utf8'))
    const call = "('https://events.example.com', 'WRITE_KEY', {})"
    if (text.split(call).length !== 2) throw new Error(`the snippet of the guide does not end with ${call}`)
    return text.replace(call, `(${literal(penstock)}, ${literal(writeKey)}, ${literal(options ?? {})})`)
  },

  // The package from npm, bundled as an application would.
  npm: async ({ penstock, writeKey, options }) => {
    const contents = `import { AnalyticsBrowser } from '@segment/analytics-next'
      window.analytics = AnalyticsBrowser.load(${literal({ writeKey, cdnURL: penstock })}, ${literal(options)})
      analytics.page()`
    const { outputFiles } = await build({ stdin: { contents, resolveDir: here('.') }, bundle: true, minify: true, write: false })
    return `<script>${outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`
  },

  // The package's own build for a script tag, which finds its parts before load is called.
  umd: async ({ penstock, writeKey, options }) => `
    <script>window.analytics = { _cdn: ${literal(penstock)} }</script><script src="/umd.js"></script>
    <script>window.analytics = AnalyticsNext.AnalyticsBrowser.load(${literal({ writeKey, cdnURL: penstock })}, ${literal(options)}); analytics.page()</script>`,
}

// openShop serves the shop on this machine: / has the SDK in the given form, /bye has none.
export async function openShop({ form, ...options }) {
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Acme – größer</title><link rel="icon" href="data:,">'
  const pages = {
    '/': `${head}<script src="/calls.js"></script>${await forms[form](options)}<script>tellEarly()</script><a href="/?again" id="leave">Again</a>`,
    '/bye': `${head}<p>Bye`,
    '/calls.js': await readFile(here('calls.js'), 'utf8'),
    '/umd.js': await readFile(here('node_modules/@segment/analytics-next/dist/umd/index.js'), 'utf8'),
  }
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://shop').pathname
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html'
    response.writeHead(path in pages ? 200 : 404, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' })
    response.end(pages[path])
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    host: `127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }),
  }
}
