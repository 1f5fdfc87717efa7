// Has a page of another origin call Penstock without an SDK, and returns what the page can see of the answers.
// Input: { penstock, writeKey, api, token, source, want }; want is how many events must be in the log before the page sends more than it may.
import { drive } from '../../harness/browser/drive.mjs'
import { openShop } from './shop.mjs'

await drive(async ({ input, newPage, until }) => {
  const shop = await openShop({ form: 'snippet', ...input })
  try {
    const page = await newPage()
    await page.goto(`${shop.url}/bye`)
    const seen = await page.evaluate(ask, input)
    await page.evaluate(beaconsAtLeave, input)
    await page.goto(`${shop.url}/bye?next`)
    await until('the events are in the log', async () => (await logged(input)) >= input.want)
    const { limited, ...over } = await page.evaluate(askTooMuch, input)
    return { ...seen, ...over, limited, host: shop.host }
  } finally {
    await shop.close()
  }
})

// ask runs in the page.
async function ask({ penstock, writeKey }) {
  const headers = { Authorization: `Basic ${btoa(`${writeKey}:`)}`, 'Content-Type': 'text/plain', 'X-Retry-Count': '2' }
  const see = async (answer) => ({ status: answer.status, body: await answer.text() })
  const post = (path, body) => fetch(penstock + path, { method: 'POST', credentials: 'include', headers, body }).then(see)
  const image = (query) => new Promise((resolve, reject) => {
    const img = new Image()
    img.onload = () => resolve({ width: img.naturalWidth, height: img.naturalHeight })
    img.onerror = () => reject(new Error(`no image: ${query}`))
    img.src = `${penstock}/v1/pixel/${query}`
  })
  const event = { writeKey, userId: 'mail', event: 'Mail Opened', messageId: 'pixel-1', properties: { subject: 'Grüße' } }
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(event))))
  return {
    taken: await post('/v1/t', '{"userId":"u","event":"Fetched","messageId":"fetch-1"}'),
    refused: await post('/v1/t', '{"userId":"u"}'),
    unknownPath: await fetch(`${penstock}/v1/nowhere`).then(see),
    settings: await fetch(`${penstock}/v1/projects/${writeKey}/settings`).then(see),
    unknownKey: await fetch(`${penstock}/v1/projects/nobody/settings`).then(see),
    pixel: await image(`track?data=${encodeURIComponent(base64)}`),
    dotted: await image(`page?userId=mail&name=AMP&messageId=pixel-2&context.page.url=${encodeURIComponent('https://example.com/ö')}&writeKey=${writeKey}`),
    refusedPixel: await image('track?userId=mail&writeKey=nobody'),
  }
}

// beaconsAtLeave runs in the page, and sends when it is left: as plain text, which needs no preflight, and as JSON, which does.
function beaconsAtLeave({ penstock, writeKey }) {
  addEventListener('pagehide', () => {
    for (const [type, id] of [['text/plain', 'beacon-1'], ['application/json', 'beacon-2']]) {
      const body = JSON.stringify({ writeKey, batch: [{ type: 'track', userId: 'u', event: 'Left', messageId: id }] })
      navigator.sendBeacon(`${penstock}/v1/b`, new Blob([body], { type }))
    }
  })
}

// askTooMuch runs in the page: a batch of what its source may send in minutes, and then one event more, which comes
// before they are over on any machine.
async function askTooMuch({ penstock, writeKey }) {
  const event = (i) => ({ type: 'track', userId: 'u', event: 'Many', messageId: `many-${i}` })
  const post = (path, body) => fetch(penstock + path, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: JSON.stringify({ writeKey, ...body }) })
  const large = await post('/v1/b', { batch: Array.from({ length: 2500 }, (_, i) => event(i)) })
  const more = await post('/v1/t', event(2500))
  return {
    large: { status: large.status },
    limited: { status: more.status, retryAfter: more.headers.get('Retry-After'), reset: more.headers.get('X-RateLimit-Reset'), body: await more.text() },
  }
}

async function logged({ api, token, source }) {
  const answer = await fetch(`${api}/api/sources/${source}/events?limit=10000`, { headers: { Authorization: `Bearer ${token}` } })
  return (await answer.text()).split('\n').filter((line) => line && JSON.parse(line).event).length
}
