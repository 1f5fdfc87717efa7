// The calls that send-segment.mjs and send-rudder.mjs make: first those that a server may get wrong, then many plain ones of all types.

const deep = (levels) => {
  let value = { leaf: true, nil: null, none: [] }
  for (let i = 0; i < levels; i++) value = i % 3 === 2 ? [value, i] : { [`k${i}`]: value }
  return value
}

const wide = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`property ${i}`, i]))

const properties = {
  'no properties': {},
  unicode: { emoji: '👨‍👩‍👧‍👦🇸🇪', ключ: 'значение', 数字: 'größer', rtl: 'שלום', combining: 'e\u0301', separators: 'a\u2028b\u2029c' },
  'control characters': { nul: 'a\u0000b', bell: '\u0007', lines: 'a\r\n\tb', quotes: '"\\/', html: '<b>&amp;</b>' },
  'lone surrogates': { high: 'a\ud800b', low: '\udfff' },
  numbers: { zero: 0, negative: -0.5, small: 5e-324, large: 1.7976931348623157e308, beyond: 2 ** 53 + 2, further: 2 ** 63, decimal: 0.1 + 0.2, exponent: 1e21 },
  'null and empty': { nil: null, text: '', list: [], object: {}, nested: { nil: null, list: [null, '', {}, []] } },
  'names of properties': { '': 'empty', ' ': 'blank', 'a.b.c': 'dots', 'a[0]': 'brackets', $ref: '$', constructor: 'c', toString: 't', '"': 'quote', ['x'.repeat(1000)]: 1 },
  'names of the API': { type: 'x', userId: 'y', context: { ip: 'z' }, messageId: 'm', timestamp: 't', batch: [], writeKey: 'not mine' },
  'a date': { at: new Date(0), list: [new Date(1e12)] },
  'deep 60': { d: deep(60) },
  'deep 1000': { d: deep(1000) },
  'wide 1000': wide(1000),
  'big 30 KB': { text: 'größer 数字 '.repeat(1500) },
}

// Rudder's SDK leaves such a property out before it sends.
const ownPrototype = JSON.parse('{"__proto__": {"polluted": true}, "x": 1}')

function* hard() {
  for (const [name, value] of Object.entries(properties)) yield ['track', { userId: 'u-hard', event: name, properties: value }]
  yield ['track', { userId: 'üser-用户-🙂', event: 'Köp — 購入 <b>"x"</b>', properties: { groupId: 'account' } }]
  yield ['track', { anonymousId: 'anonymous alone', event: 'Anonymous', properties: { a: 1 } }]
  yield ['track', { userId: 'u', anonymousId: 'a', event: 'Historic', timestamp: new Date('2012-12-02T00:30:12.984Z'), properties: {} }]
  yield ['track', { userId: 'u', event: 'Future', timestamp: new Date('2099-01-01T00:00:00Z'), properties: {} }]
  yield ['track', { userId: 'u', event: 'Switched off', integrations: { All: false, 'Webhooks (Actions)': true, Other: { nested: { deep: [1] } } }, properties: {} }]
  yield ['track', { userId: 'u', event: 'Context', context: { ip: '203.0.113.9', groupId: 'in context', locale: 'sv-SE', campaign: {}, empty: null, 'ü': [1, 2] }, properties: {} }]
  yield ['identify', { userId: 'u', traits: { email: 'ü@example.com', nested: deep(20), nil: null, list: [1, 'a', {}] } }]
  yield ['group', { userId: 'u', groupId: 'gröup', traits: { name: 'Acme', employees: 7, nil: null } }]
  yield ['page', { userId: 'u', category: 'Docs', name: 'Stärt', properties: { path: '/', title: '題', category: 'Docs' } }] // Segment's SDK puts the category there by itself
  yield ['page', { userId: 'u', properties: { path: '/no-name' } }]
  yield ['screen', { anonymousId: 'a', category: 'c', name: 'Home', properties: { a: [] } }]
  yield ['alias', { userId: 'u', previousId: 'vörher' }]
}

const mixture = ['track', 'identify', 'track', 'group', 'track', 'page', 'track', 'screen', 'track', 'alias']

function plain(type, i) {
  const userId = `user-${i % 250}`
  switch (type) {
    case 'track':
      return { userId, event: `Event ${i % 7}`, properties: { groupId: `account-${i % 20}`, i, price: i / 7, text: 'größer – 数字' } }
    case 'identify':
      return { userId, traits: { email: `${userId}@example.com`, plan: 'pro', i } }
    case 'group':
      return { userId, groupId: `account-${i % 20}`, traits: { i } }
    case 'page':
      return { userId, name: 'Docs', properties: { path: '/docs', i } }
    case 'screen':
      return { anonymousId: `device-${i % 40}`, name: 'Home', properties: { i } }
    case 'alias':
      return { userId, previousId: `device-${i % 40}` }
  }
}

// calls yields [type, message] so often, each with a messageId of its own.
export function* calls(prefix, count) {
  let i = 0
  if (prefix === 'segment') yield ['track', { userId: 'u-hard', event: 'own prototype', properties: ownPrototype, messageId: `${prefix}-${i++}` }]
  for (const [type, message] of hard()) {
    if (i === count) return
    yield [type, { ...message, messageId: `${prefix}-${i++}` }]
  }
  while (i < count) {
    const type = mixture[i % mixture.length]
    yield [type, { ...plain(type, i), messageId: `${prefix}-${i++}` }]
  }
}

// say prints a call: what the log must hold.
export function say(type, message) {
  process.stdout.write(JSON.stringify({ type, ...message }) + '\n')
}
