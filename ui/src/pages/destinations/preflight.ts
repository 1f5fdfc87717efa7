import { receiverOf } from '../../lib/flow'

interface Mapping {
  name: string
  enabled: boolean
  trigger: string
  fields: Record<string, unknown>
}

interface Destination {
  slug: string
  name: string
  source: string
  enabled: boolean
  mappings: Mapping[]
}

export interface Finding {
  code: string
  tone: 'warn' | 'bad'
  text: string
  mend: string
}

const tracks = /type\s*=\s*"track"/

/** What is known to go wrong with a destination like this, found in how it is set up. */
export function preflight(d: Destination, all: Destination[], sourceOn: boolean): Finding[] {
  const found: Finding[] = []
  const add = (code: string, tone: Finding['tone'], text: string, mend: string) => found.push({ code, tone, text, mend })
  const on = d.mappings.filter((m) => m.enabled)
  if (d.mappings.length === 0) add('no mapping', 'warn', 'It has no mapping, and sends nothing.', 'Add a mapping: it says which events are sent, and as what.')
  else if (d.enabled && on.length === 0) add('mappings off', 'warn', 'The destination is on, and all of its mappings are off: nothing is sent.', 'Turn a mapping on.')
  else if (!d.enabled && on.length > 0) add('destination off', 'warn', 'A mapping is on, and the destination is off: nothing is sent.', 'Turn the destination on, above.')
  if (d.enabled && !sourceOn) add('source off', 'warn', 'Its source is off: nothing comes in that could be sent.', 'Turn the source on, in its settings.')
  for (const m of on) {
    if (m.fields['enable_batching'] === true) add('batching', 'warn', `${m.name} sends batches: the receiver gets lists. Pendo takes events one by one.`, 'Turn off “Batch events” in the mapping.')
    const url = m.fields['url']
    if (typeof url === 'string' && /YOUR|API_KEY|<|>/.test(url)) add('placeholder', 'bad', `The URL of ${m.name} holds a placeholder.`, 'Put the API key of the app at its end.')
  }
  if (d.enabled) found.push(...twins(d, on, all))
  return found
}

/** Other mappings that would deliver the same Track Events to the same receiver. */
function twins(d: Destination, on: Mapping[], all: Destination[]): Finding[] {
  const found: Finding[] = []
  for (const mine of on.filter((m) => tracks.test(m.trigger))) {
    for (const other of all.filter((o) => o.enabled && o.source === d.source)) {
      for (const theirs of other.mappings.filter((m) => m.enabled && tracks.test(m.trigger))) {
        if (other.slug === d.slug && theirs.name === mine.name) continue
        const receiver = receiverOf(mine.fields, []).label
        if (typeof theirs.fields['url'] !== 'string' || theirs.fields['url'] !== mine.fields['url']) continue
        found.push({ code: 'twice', tone: 'bad', text: `${other.name} / ${theirs.name} sends the same Track Events to ${receiver} as ${mine.name}: each would arrive twice.`, mend: 'Turn one of the two off.' })
      }
    }
  }
  return found
}
