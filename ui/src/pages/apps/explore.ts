import type { Query } from '../../api/analytics'
import { spanQuery } from '../../lib/days'

/** What the explorer asks, all of which stands in its address. */
export interface Explore {
  events: string[]
  measure: string
  by: string
  filters: Filter[]
  interval: string
  span: string
  limit: string
  chart: string
}

export interface Filter {
  field: string
  op: string
  value: string
}

export const measures = [
  { value: 'events', label: 'Events' },
  { value: 'visitors', label: 'Visitors' },
  { value: 'accounts', label: 'Accounts' },
  { value: 'eventsPerVisitor', label: 'Events per visitor' },
]

export const intervals = [
  { value: 'hour', label: 'Hour' },
  { value: 'day', label: 'Day' },
  { value: 'week', label: 'Week' },
  { value: 'month', label: 'Month' },
  { value: 'total', label: 'Total' },
]

export const operators = [
  { value: 'is', label: 'is' },
  { value: 'not', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'gt', label: 'is more than' },
  { value: 'lt', label: 'is less than' },
  { value: 'set', label: 'is set' },
  { value: 'unset', label: 'is not set' },
]

/** Whether an operator compares with a value. */
export function takesValue(op: string): boolean {
  return op !== 'set' && op !== 'unset'
}

const plain = { measure: 'events', by: '', interval: 'day', span: '30d', limit: '10', chart: 'line' }

/** Reads what is asked from the query of an address. */
export function readExplore(query: URLSearchParams): Explore {
  const one = (key: keyof typeof plain) => query.get(key) ?? plain[key]
  return {
    events: query.getAll('event'), filters: query.getAll('filter').map(readFilter).filter((f) => f !== null),
    measure: one('measure'), by: one('by'), interval: one('interval'), span: one('span'), limit: one('limit'), chart: one('chart'),
  }
}

/** Writes what is asked into the query of an address; what goes without saying is left out. */
export function writeExplore(e: Explore): URLSearchParams {
  const query = new URLSearchParams()
  for (const event of e.events) query.append('event', event)
  for (const f of e.filters) query.append('filter', writeFilter(f))
  for (const key of Object.keys(plain) as (keyof typeof plain)[]) if (e[key] !== plain[key]) query.set(key, e[key])
  return query
}

/** What the server is asked; a filter that is not filled in yet is left out. */
export function exploreQuery(e: Explore, now: number): Query {
  return {
    event: e.events, measure: e.measure, groupBy: e.by, interval: e.interval, limit: Number(e.limit) || 10,
    filter: e.filters.filter((f) => f.field !== '' && (f.value !== '' || !takesValue(f.op))).map(writeFilter), ...spanQuery(e.span, now),
  }
}

/** FIELD:OP:VALUE; a field may hold a colon itself (property:plan), and so may a value. */
function writeFilter(f: Filter): string {
  return takesValue(f.op) ? `${f.field}:${f.op}:${f.value}` : `${f.field}:${f.op}`
}

function readFilter(text: string): Filter | null {
  const m = /^(.*?):(is|not|contains|gt|lt|set|unset)(?::(.*))?$/s.exec(text)
  return m === null ? null : { field: m[1] ?? '', op: m[2] ?? 'is', value: m[3] ?? '' }
}

/** A field as people read it. */
export function fieldLabel(field: string): string {
  const at = field.indexOf(':')
  if (at < 0) return { event: 'Track Event', account: 'Account', visitor: 'Visitor', via: 'By way of', '': 'nothing' }[field] ?? field
  return field.slice(at + 1)
}
