// What the receiving side is given before its pages are looked at.
const key = '00000000000000000000000000000001'
const together = 1000 // calls in a body
const at = 8 // requests at a time

// alone tells which calls come in a body of their own: those whose body is looked at.
const alone = (call) => call.context !== undefined

// receive sends a call to the receiving side, as a webhook does; or several in one body.
export async function receive({ url }, ...calls) {
  const sent = calls.map((call) => ({ timestamp: new Date().toISOString(), ...call }))
  const response = await fetch(`${url}/data/segmentio/${key}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent.length === 1 ? sent[0] : sent),
  })
  if (response.status !== 200) throw new Error(`POST /data/segmentio: ${response.status} ${await response.text()}`)
}

// receiveAll sends so many calls, each made of its number, in few requests, and returns when the Track calls among them are counted.
export async function receiveAll(input, count, call) {
  const calls = Array.from({ length: count }, (_, i) => call(i))
  const bodies = calls.filter(alone).map((c) => [c])
  const others = calls.filter((c) => !alone(c))
  for (let from = 0; from < others.length; from += together) bodies.push(others.slice(from, from + together))
  for (let from = 0; from < bodies.length; from += at) await Promise.all(bodies.slice(from, from + at).map((body) => receive(input, ...body)))
  const tracked = calls.filter((c) => c.type === 'track').length
  for (;;) {
    const response = await fetch(`${input.url}/api/apps/acme/track-events`, { headers: { Authorization: `Bearer ${input.token}` } })
    const { data } = await response.json()
    if (data.reduce((n, e) => n + e.events, 0) >= tracked) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const names = ['Invoice Paid', 'Report Exported', 'Member Invited']

// call is one of many: 1,000 of each name, of 100 visitors in 10 accounts; of Invoice Paid, a tenth names its account in context alone.
function call(i) {
  const account = `acme-${i % 10}`
  const ignored = i % 30 === 0
  return {
    type: 'track', event: names[i % 3], userId: `user-${i % 100}`, messageId: `seed-${i}`, ...(ignored ? { context: { groupId: account } } : {}),
    properties: { ...(ignored ? {} : { groupId: account }), plan: ['pro', 'free', 'team', 'pro'][Math.floor(i / 3) % 4], seats: i % 40 },
  }
}

// seed sends 3,000 Track Events, and who their visitors and accounts are; it returns when all of them are counted.
export async function seed(input) {
  const calls = [
    ...Array.from({ length: 100 }, (_, i) => ({ type: 'identify', userId: `user-${i}`, messageId: `identify-${i}`, traits: { email: `user-${i}@acme.example`, role: i % 5 === 0 ? 'admin' : 'member' } })),
    ...Array.from({ length: 10 }, (_, i) => ({ type: 'group', userId: `user-${i}`, groupId: `acme-${i}`, messageId: `group-${i}`, traits: { name: `Acme ${i}`, seats: 10 * i } })),
    ...Array.from({ length: 3000 }, (_, i) => call(i)),
  ]
  await receiveAll(input, calls.length, (i) => calls[i])
}
