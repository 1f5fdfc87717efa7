/** What was seen of one event name in a sample. */
export interface SeenName {
  type: string
  name: string
  events: number
  withAccount: number // with a groupId that counts
  contextOnly: number // with a groupId in context alone
  properties: SeenProperty[]
}

export interface SeenProperty {
  key: string
  events: number
  types: string[]
  example: string
}

interface SampleEvent {
  type?: unknown
  event?: unknown
  name?: unknown
  groupId?: unknown
  properties?: unknown
  traits?: unknown
  context?: { groupId?: unknown } | null
}

const exampleMax = 40

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** Learns the event names of a sample, with their properties, the most frequent first. */
export function learn(events: SampleEvent[]): SeenName[] {
  const names = new Map<string, SeenName & { byKey: Map<string, SeenProperty> }>()
  for (const e of events) {
    const type = String(e.type ?? '')
    const name = String(e.event ?? e.name ?? '')
    const id = `${type}\n${name}`
    let seen = names.get(id)
    if (seen === undefined) names.set(id, (seen = { type, name, events: 0, withAccount: 0, contextOnly: 0, properties: [], byKey: new Map() }))
    const data = (e.properties ?? e.traits ?? {}) as Record<string, unknown>
    seen.events++
    if (e.groupId || data['groupId']) seen.withAccount++
    else if (e.context?.groupId) seen.contextOnly++
    for (const [key, value] of Object.entries(data)) {
      let property = seen.byKey.get(key)
      if (property === undefined) seen.byKey.set(key, (property = { key, events: 0, types: [], example: '' }))
      property.events++
      if (!property.types.includes(typeOf(value))) property.types.push(typeOf(value))
      if (property.example === '') property.example = JSON.stringify(value).slice(0, exampleMax)
    }
  }
  return [...names.values()]
    .map(({ byKey, ...seen }) => ({ ...seen, properties: [...byKey.values()].sort((a, b) => b.events - a.events || a.key.localeCompare(b.key)) }))
    .sort((a, b) => b.events - a.events || a.name.localeCompare(b.name))
}
