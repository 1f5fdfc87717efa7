import { Tooltip } from '@mantine/core'

import type { Verdict } from '../../api/analytics'
import { Pill, type Tone } from '../../parts/small'

const vias: Record<string, { label: string; title: string }> = {
  segmentio: { label: 'segmentio', title: 'Sent to /data/segmentio, as the Webhooks (Actions) mapping of the article does' },
  track: { label: 'track', title: 'Sent to /data/track by a server' },
  agent: { label: 'agent', title: 'Sent by the agent in a browser' },
  api: { label: 'api', title: 'Set by the public API' },
}

/** The way by which something came. */
export function ViaTag({ via }: { via: string }) {
  const known = vias[via]
  const tag = <span className="tag">{known?.label ?? via}</span>
  return known === undefined ? tag : <Tooltip label={known.title}>{tag}</Tooltip>
}

export const viaNames = Object.keys(vias)

const lost = new Set(['no_visitor', 'no_event_name', 'not_an_event', 'unreadable', 'signature_wrong', 'signature_missing', 'unknown_key', 'wrong_region', 'too_old', 'before_name', 'name_budget', 'properties_too_large', 'browser_secret'])
const harmless = new Set(['duplicate', 'ignored_type', 'switched_off', 'batched', 'old_key'])

/** How bad a verdict is: what is lost by it, what only wants a look, what is as it should be. */
export function verdictTone(code: string): Tone {
  return lost.has(code) ? 'bad' : harmless.has(code) ? 'idle' : 'warn'
}

/** The code of a verdict as words. */
export function verdictLabel(code: string): string {
  return code.replaceAll('_', ' ')
}

export function VerdictPill({ verdict }: { verdict: Verdict | string }) {
  const code = typeof verdict === 'string' ? verdict : verdict.code
  return (
    <Pill tone={verdictTone(code)} {...(typeof verdict === 'string' ? {} : { title: verdict.message })}>
      {verdictLabel(code)}
    </Pill>
  )
}

export const problemWords: Record<string, { label: string; title: string }> = {
  bad_property_key: { label: 'bad name', title: 'Pendo does not show it: names have at most 32 letters, digits and underscores, no digit first.' },
  high_cardinality: { label: 'many values', title: 'Nearly every event has a value of its own: grouping by it tells little.' },
  mixed_types: { label: 'mixed types', title: 'It comes as more than one type, such as "25" and 25: these are different values.' },
}

export function PropertyProblem({ problem }: { problem: string }) {
  const words = problemWords[problem]
  return (
    <Pill tone="warn" {...(words === undefined ? {} : { title: words.title })}>
      {words?.label ?? problem}
    </Pill>
  )
}

/** A value of a property as people read it. */
export function valueLabel(value: unknown): string {
  if (value === null || value === undefined) return 'not set'
  if (typeof value !== 'string') return JSON.stringify(value)
  return value === '' ? '(empty text)' : value
}

/** The types of a property, the most frequent first: string 90%, number 10%. */
export function typesLabel(types: Record<string, number>): string {
  const all = Object.entries(types).sort((a, b) => b[1] - a[1])
  const sum = all.reduce((n, [, v]) => n + v, 0)
  return all.length === 1 ? (all[0]?.[0] ?? '') : all.map(([t, n]) => `${t} ${Math.max(1, Math.round((n / sum) * 100))}%`).join(', ')
}
