// Sends mixed calls with the real SDK and prints what it sent, as one JSON object.
// Usage: node send.mjs HOST WRITE_KEY COUNT
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, count] = process.argv.slice(2)
// A busy machine may be slow to answer; that is not what is tested, and a call that is sent again for it would be counted.
const analytics = new Analytics({ host, writeKey, flushAt: 50, flushInterval: 1000, httpRequestTimeout: 300_000 })
const failures = []
analytics.on('error', (failure) => failures.push(failure))
let taken = 0 // calls in requests that were answered 200
analytics.on('http_response', ({ status, body }) => {
  if (status === 200) taken += JSON.parse(body).batch.length
})

const sent = { track: 0, identify: 0, group: 0, page: 0, screen: 0, alias: 0 }
const firsts = {}

// Ten calls in a row make the mixture: six of them are track.
const mixture = ['track', 'track', 'identify', 'track', 'group', 'track', 'page', 'track', 'other', 'track']

function make(type, i) {
  const userId = `user-${i % 250}`
  const account = `account-${i % 20}`
  switch (type) {
    case 'track':
      return { userId, event: `Event ${i % 7}`, properties: { groupId: account, i, price: 19.9, text: 'größer – 数字' } }
    case 'identify':
      return { userId, traits: { email: `${userId}@example.com`, plan: 'pro' } }
    case 'group':
      return { userId, groupId: account, traits: { name: account } }
    case 'page':
      return { userId, name: 'Docs', properties: { path: '/docs' } }
    case 'screen':
      return { anonymousId: `device-${i % 40}`, name: 'Home' }
    case 'alias':
      return { userId, previousId: `device-${i % 40}` }
  }
}

for (let i = 0; i < Number(count); i++) {
  const mixed = mixture[i % mixture.length]
  const type = mixed !== 'other' ? mixed : i % 20 < 10 ? 'screen' : 'alias'
  const messageId = `e2e-${type}-${i}`
  analytics[type]({ ...make(type, i), messageId })
  sent[type]++
  firsts[type] ??= messageId
}
await analytics.closeAndFlush({ timeout: 300_000 }) // the default is 75 s, after which it drops the rest

if (failures.length > 0) {
  console.error(`the SDK reports ${failures.length} failures, the first:`, failures[0])
  process.exitCode = 1
}
if (taken !== Number(count)) {
  console.error(`${taken} of ${count} calls were answered 200`)
  process.exitCode = 1
}
console.log(JSON.stringify({ sent, firsts }))
