// Opens many connections, and stands still for so long that the server closes them before a request was sent.
// Usage: node stall.mjs URL MILLISECONDS. It prints how many requests were made, and how many got an answer or failed.
import { setImmediate, setTimeout } from 'node:timers/promises'

const [url, milliseconds] = process.argv.slice(2)
let settled = 0
const made = Array.from({ length: 200 }, () => fetch(url).catch(() => {}).then(() => settled++))
await setImmediate()
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(milliseconds))
await Promise.race([Promise.all(made), setTimeout(60_000)])
console.log(JSON.stringify({ made: made.length, settled }))
process.exit()
