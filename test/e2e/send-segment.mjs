// Makes calls with Segment's Node SDK, and prints each as a line of JSON.
// Usage: node send-segment.mjs HOST WRITE_KEY COUNT
import { Analytics } from '@segment/analytics-node'
import { calls, say } from './calls.mjs'

const [host, writeKey, count] = process.argv.slice(2)
// A busy machine may be slow to answer; that is not what is tested, and a call that is sent again for it would be counted.
const analytics = new Analytics({ host, writeKey, flushAt: 20, flushInterval: 500, httpRequestTimeout: 300_000 })
analytics.on('error', (failure) => {
  console.error('the SDK reports:', failure)
  process.exitCode = 1
})
for (const [type, message] of calls('segment', Number(count))) {
  analytics[type](message)
  say(type, message)
}
await analytics.closeAndFlush({ timeout: 300_000 }) // the default is 75 s, after which it drops the rest
