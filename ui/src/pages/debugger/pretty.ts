/** The parts of an event that a call of an SDK would have been given. */
interface Call {
  type?: string
  event?: string
  name?: string
  category?: string
  userId?: string
  anonymousId?: string
  groupId?: string
  previousId?: string
  properties?: Record<string, unknown>
  traits?: Record<string, unknown>
  integrations?: Record<string, unknown>
  context?: { library?: { name?: string } }
}

/** The call that made an event, in the language of the library that sent it; an event that came by HTTP is a request. */
export function prettyCall(event: Call, url: string): { language: string; text: string } {
  const library = event.context?.library?.name ?? ''
  if (library === 'analytics.js') return { language: 'JavaScript', text: browser(event) }
  if (/node/.test(library)) return { language: 'Node.js', text: `analytics.${verb(event)}(${js(told(event), 0)})` }
  if (/^analytics-go$/.test(library)) return { language: 'Go', text: golang(event) }
  if (/python/.test(library)) return { language: 'Python', text: `analytics.${verb(event)}(${keywords(event, ' = ')})` }
  if (/ruby/.test(library)) return { language: 'Ruby', text: `analytics.${verb(event)}(${keywords(event, ': ')})` }
  if (/swift|ios/.test(library)) return { language: 'Swift', text: swift(event) }
  if (/kotlin|android/.test(library)) return { language: 'Kotlin', text: swift(event).replaceAll(/\b(name|properties|userId|traits|groupId|title|newId): /g, '$1 = ') }
  return { language: 'HTTP', text: `POST ${url}/v1/${verb(event)}\nContent-Type: application/json\n\n${JSON.stringify(told(event), null, 2)}` }
}

function verb(event: Call): string {
  return ['track', 'identify', 'page', 'screen', 'group', 'alias'].includes(event.type ?? '') ? (event.type ?? '') : 'track'
}

/** What was said in the call, in the order in which people write it. */
function told(event: Call): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of ['userId', 'anonymousId', 'previousId', 'groupId', 'event', 'category', 'name', 'properties', 'traits', 'integrations'] as const) {
    const value = event[key]
    if (value === undefined || value === null) continue
    if (key === 'integrations' && Object.keys(value as object).length === 0) continue
    if (key === 'anonymousId' && event.userId !== undefined && event.userId !== '') continue
    out[key] = value
  }
  return out
}

function browser(event: Call): string {
  const call = (...args: unknown[]) => `analytics.${verb(event)}(${args.filter((a) => a !== undefined).map((a) => js(a, 0)).join(', ')})`
  const some = (value: Record<string, unknown> | undefined) => (value !== undefined && Object.keys(value).length > 0 ? value : undefined)
  switch (event.type) {
    case 'identify':
      return call(event.userId || undefined, some(event.traits))
    case 'group':
      return call(event.groupId, some(event.traits))
    case 'alias':
      return call(event.userId, event.previousId)
    case 'page':
    case 'screen':
      return call(event.category, event.name, some(event.properties))
    default:
      return call(event.event, some(event.properties))
  }
}

const bare = /^[A-Za-z_$][\w$]*$/

function js(value: unknown, depth: number): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined'
  const pad = '  '.repeat(depth + 1)
  const entries = Array.isArray(value) ? value.map((v) => js(v, depth + 1)) : Object.entries(value).map(([k, v]) => `${bare.test(k) ? k : js(k, 0)}: ${js(v, depth + 1)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return entries.length === 0 ? open + close : `${open}\n${pad}${entries.join(`,\n${pad}`)}\n${'  '.repeat(depth)}${close}`
}

const goTypes: Record<string, string> = { track: 'Track', identify: 'Identify', page: 'Page', screen: 'Screen', group: 'Group', alias: 'Alias' }
const goNames: Record<string, string> = { userId: 'UserId', anonymousId: 'AnonymousId', previousId: 'PreviousId', groupId: 'GroupId', event: 'Event', name: 'Name', category: 'Category', properties: 'Properties', traits: 'Traits', integrations: 'Integrations' }

function golang(event: Call): string {
  const lines = Object.entries(told(event)).map(([k, v]) => `  ${goNames[k] ?? k}: ${typeof v === 'object' ? `analytics.${goNames[k] ?? k}${goMap(v as Record<string, unknown>, 1)}` : JSON.stringify(v)},`)
  return `client.Enqueue(analytics.${goTypes[verb(event)] ?? 'Track'}{\n${lines.join('\n')}\n})`
}

function goMap(value: Record<string, unknown>, depth: number): string {
  const pad = '  '.repeat(depth + 1)
  const lines = Object.entries(value).map(([k, v]) => `${pad}${JSON.stringify(k)}: ${goValue(v, depth + 1)},`)
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`
}

function goValue(value: unknown, depth: number): string {
  if (value === null) return 'nil'
  if (Array.isArray(value)) return `[]any{${value.map((v) => goValue(v, depth)).join(', ')}}`
  if (typeof value === 'object') return `map[string]any${goMap(value as Record<string, unknown>, depth)}`
  return JSON.stringify(value)
}

function keywords(event: Call, is: string): string {
  const snake = (key: string) => key.replace(/[A-Z]/g, (c) => '_' + c.toLowerCase())
  const lines = Object.entries(told(event)).map(([k, v]) => `  ${snake(k)}${is}${JSON.stringify(v, null, 2).replaceAll('\n', '\n  ')}`)
  return lines.length === 0 ? '' : `\n${lines.join(',\n')}\n`
}

function swift(event: Call): string {
  const arg = (name: string, value: unknown) => (value === undefined ? '' : `${name}: ${JSON.stringify(value)}`)
  const args = {
    track: [arg('name', event.event), arg('properties', event.properties)],
    identify: [arg('userId', event.userId), arg('traits', event.traits)],
    group: [arg('groupId', event.groupId), arg('traits', event.traits)],
    alias: [arg('newId', event.userId)],
  }[event.type ?? ''] ?? [arg('title', event.name), arg('properties', event.properties)]
  return `analytics.${verb(event)}(${args.filter((a) => a !== '').join(', ')})`
}
