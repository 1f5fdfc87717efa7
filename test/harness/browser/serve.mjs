// Starts Chromium for the tests of a process, which connect to it: see sharedBrowser in ../browser.go. The first line
// of the standard output is where it listens. It is closed when the standard input ends, and so it does not outlive
// the tests, however these end.
import { chromium } from 'playwright-core'

// How long a step may take, in ms: as long as the harness waits for anything.
const patience = 300_000

// Nothing but this machine has an address, so that a request to anybody else is noticed and goes nowhere; Chromium
// keeps to itself too.
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--ignore-certificate-errors',
  '--js-flags=--no-opt --no-maglev', // no page lives long enough to be worth an optimizing compiler's CPU time
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
]

const [executablePath] = process.argv.slice(2)
const server = await chromium.launchServer({ executablePath, args: flags, host: '127.0.0.1', timeout: patience })
console.log(server.wsEndpoint())
for await (const _ of process.stdin); // nothing is said, but its end
await server.close()
