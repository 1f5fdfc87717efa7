// Opens many connections, and stands still for so long that the server closes them before a request was sent.
// Usage: node stall.mjs URL MILLISECONDS [again]. It prints how many requests were made, how many were answered, and
// how many failed. With again, they are made as by the programs that drive a browser.
import { setImmediate, setTimeout } from 'node:timers/promises'

const [url, milliseconds, again] = process.argv.slice(2)
if (again !== undefined) await import('../browser/again.mjs')
let answered = 0
let failed = 0
const made = Array.from({ length: 200 }, () => fetch(url).then(() => answered++, () => failed++))
await setImmediate()
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(milliseconds))
await Promise.race([Promise.all(made), setTimeout(60_000)])
console.log(JSON.stringify({ made: made.length, answered, failed }))
process.exit()
