// The calls that a page of the shop makes, and what of each must be in the log. Loaded before the SDK.

// told is what the SDK was told: the members of each event, as JSON. Its traits and the properties of a page may be more than that.
const told = []

// tell makes a call with a messageId of its own, and notes it.
function tell(event, call) {
  const messageId = `shop-${performance.timeOrigin}-${told.length}`
  told.push(JSON.stringify({ messageId, ...event }))
  return call({ messageId })
}

const track = (event, properties, options, more) =>
  tell({ type: 'track', event, properties, ...more }, (id) => analytics.track(event, properties, { ...options, ...id }))

const deep = (levels) => {
  let value = { leaf: true, nil: null, none: [] }
  for (let i = 0; i < levels; i++) value = i % 3 === 2 ? [value, i] : { [`k${i}`]: value }
  return value
}

const hard = {
  'no properties': {},
  unicode: { emoji: '👨‍👩‍👧‍👦🇸🇪', ключ: 'значение', 数字: 'größer', rtl: 'שלום', combining: 'e\u0301', separators: 'a\u2028b\u2029c' },
  'control characters': { nul: 'a\u0000b', bell: '\u0007', lines: 'a\r\n\tb', quotes: '"\\/', html: '<b>&amp;</b><\/script>' },
  'lone surrogates': { high: 'a\ud800b', low: '\udfff' },
  numbers: { zero: 0, negative: -0.5, small: 5e-324, large: Number.MAX_VALUE, beyond: 2 ** 53 + 2, further: 2 ** 63, decimal: 0.1 + 0.2, exponent: 1e21 },
  'null and empty': { nil: null, text: '', list: [], object: {}, nested: { nil: null, list: [null, '', {}, []] } },
  names: { '': 'empty', ' ': 'blank', 'a.b.c': 'dots', 'a[0]': 'brackets', $ref: '$', constructor: 'c', '"': 'quote', ['x'.repeat(1000)]: 1 },
  'names of the API': { type: 'x', userId: 'y', context: { ip: 'z' }, messageId: 'm', timestamp: 't', batch: [], writeKey: 'not mine' },
  'a date': { at: new Date(0), list: [new Date(1e12)] },
  'deep 100': { d: deep(100) },
  'wide 1000': Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`property ${i}`, i])),
  'big 25 KB': { text: 'größer 数字 '.repeat(1400) },
}

// tellEarly makes calls before the SDK is there.
function tellEarly() {
  track('Early', { early: true })
  tell({ type: 'identify', userId: 'üser-用户-🙂', traits: { email: 'ü@example.com' } }, (id) => analytics.identify('üser-用户-🙂', { email: 'ü@example.com' }, id))
}

// tellAll makes every kind of call.
function tellAll() {
  for (const [name, properties] of Object.entries(hard)) track(name, properties)
  track('Köp — 購入 <b>"x"</b>', { groupId: 'account' })
  track('Historic', { a: 1 }, { timestamp: new Date('2012-12-02T00:30:12.984Z') }, { timestamp: '2012-12-02T00:30:12.984Z' })
  track('Another', { a: 1 }, { anonymousId: 'another browser' }, { anonymousId: 'another browser' })
  track('Context', {}, { context: { groupId: 'in context', nested: deep(5) } }, { context: { groupId: 'in context', nested: deep(5) } })
  track('Switched off', {}, { integrations: { All: false, 'Webhooks (Actions)': true } }, { integrations: { All: false, 'Webhooks (Actions)': true } })
  const traits = { nested: deep(20), nil: null, list: [1, 'a', {}], größe: '数字' }
  tell({ type: 'identify', userId: 'user-1', traits }, (id) => analytics.identify('user-1', traits, id))
  tell({ type: 'group', groupId: 'gröup', traits: { name: 'Acme', employees: 7 }, userId: 'user-1' }, (id) => analytics.group('gröup', { name: 'Acme', employees: 7 }, id))
  const page = { extra: 'ü', nested: deep(5) }
  tell({ type: 'page', category: 'Docs', name: 'Stärt', properties: page, userId: 'user-1' }, (id) => analytics.page('Docs', 'Stärt', page, id))
  tell({ type: 'screen', name: 'Home', properties: { a: [] } }, (id) => analytics.screen('Home', { a: [] }, id))
  // The SDK takes the userId of an alias from whom it knows.
  tell({ type: 'alias', previousId: 'vörher' }, (id) => analytics.alias('new id', 'vörher', id))
  tellMany(30)
}

// tellMany makes plain calls, and is done when the SDK has them all in hand.
async function tellMany(count) {
  await Promise.all(Array.from({ length: count }, (_, i) => track(`Event ${i % 7}`, { i, price: i / 7, text: 'größer – 数字' })))
}

// clickAway follows a link that is tracked: the SDK sends the call, and then leaves the page.
async function clickAway() {
  const link = document.getElementById('leave')
  await tell({ type: 'track', event: 'Left', properties: { to: 'again' } }, (id) => analytics.trackLink(link, 'Left', { to: 'again' }, id))
  link.click()
}

// leave goes away when the SDK has so many calls in hand.
async function leave(count) {
  await tellMany(count)
  setTimeout(() => { location.href = '/bye' })
}

// leaveSending goes away in the moment in which the SDK sends the last of so many calls.
function leaveSending(count) {
  const send = window.fetch
  let left = count
  window.fetch = (...request) => {
    const answer = send(...request)
    if (--left === 0) location.href = '/bye'
    return answer
  }
  tellMany(count)
}

// tellTooMany makes calls while their source has sent more than it may: a batch of any size is let in, and what comes
// in the seconds after it is not. A busy machine may let them pass before a call is made: then there is another batch,
// and there are more calls, until one was refused.
async function tellTooMany(count, penstock, writeKey) {
  const send = window.fetch
  let refused = 0
  window.fetch = async (...request) => {
    const answer = await send(...request)
    if (answer.status === 429) refused++
    return answer
  }
  for (let round = 0; refused === 0; round++) {
    const many = (_, i) => ({ type: 'track', userId: 'u', event: 'Many', messageId: `many-${round}-${i}` })
    const body = JSON.stringify({ writeKey, batch: Array.from({ length: 120 }, many) })
    const answer = await send(`${penstock}/v1/b`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body })
    if (!answer.ok && answer.status !== 429) throw new Error(`the batch was answered ${answer.status}`)
    await tellMany(count)
  }
}
