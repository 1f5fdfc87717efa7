// Makes calls with Rudder's Node SDK, and prints each as a line of JSON.
// Usage: node send-rudder.mjs HOST WRITE_KEY COUNT
import Analytics from '@rudderstack/rudder-sdk-node'
import { calls, say } from './calls.mjs'

const [host, writeKey, count] = process.argv.slice(2)
const analytics = new Analytics(writeKey, { dataPlaneUrl: host, flushAt: 20, flushInterval: 500, maxQueueSize: 100_000_000 })
const sent = []
for (const [type, message] of calls('rudder', Number(count))) {
  say(type, message)
  sent.push(
    new Promise((resolve) =>
      analytics[type](message, (failure) => {
        if (failure) {
          console.error('the SDK reports:', failure)
          process.exitCode = 1
        }
        resolve()
      }),
    ),
  )
}
await analytics.flush()
await Promise.all(sent)
