import type { Message } from '../../api/sse'

export type Side = 'client' | 'server' | 'mobile'

/** A line of the debugger: what is needed to list it. The whole is read from its text when it is opened. */
export interface Entry {
  kind: 'event' | 'rejected' | 'lost'
  position: string
  receivedAt: string
  source: string
  type: string
  name: string
  user: string
  account: string
  side: Side
  messageId: string
  library: string
  duplicate: boolean
  notes: number
  text: string // the message as it came
}

interface SeenEvent {
  type?: unknown
  event?: unknown
  name?: unknown
  userId?: unknown
  anonymousId?: unknown
  groupId?: unknown
  messageId?: unknown
  properties?: { groupId?: unknown } | null
  context?: { groupId?: unknown; library?: { name?: unknown; version?: unknown } | null } | null
}

export interface Rejected {
  code?: string
  message?: string
  excerpt?: string
  method?: string
  path?: string
  remote?: string
  agent?: string
  count?: number
  index?: number
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** Where an event was made, by the library that sent it. */
export function sideOf(library: string): Side {
  if (/ios|swift|android|kotlin|react-native|flutter|xamarin|unity/i.test(library)) return 'mobile'
  return library === 'analytics.js' ? 'client' : 'server'
}

export interface Note {
  code: string
  text: string
}

/** What is worth knowing about an event before it is delivered: what this integration is known to go wrong by. */
export function notesOf(event: SeenEvent): Note[] {
  const notes: Note[] = []
  if (event.type !== 'track') return notes
  if (text(event.userId) === '') notes.push({ code: 'no userId', text: 'There is no userId, and so no Visitor ID. Pass userId at the top level of the call.' })
  if (text(event.groupId) === '' && text(event.properties?.groupId) === '') {
    if (text(event.context?.groupId) !== '') notes.push({ code: 'groupId only in context', text: 'groupId is only in context, where Pendo does not look. Move it into properties.' })
    else notes.push({ code: 'no groupId', text: 'There is no groupId, and so no Account ID. Pass it at the top level, or in properties.' })
  }
  return notes
}

/** Makes a line of a message of the tail. */
export function entryOf(message: Message): Entry {
  const line = JSON.parse(message.data) as { receivedAt?: string; source?: string; duplicateOf?: unknown; event?: SeenEvent; rejected?: Rejected; lost?: number }
  const base = {
    position: message.id, receivedAt: line.receivedAt ?? '', source: line.source ?? '', duplicate: line.duplicateOf !== undefined, text: message.data,
    user: '', account: '', messageId: '', library: '', notes: 0, side: 'server' as Side,
  }
  if (message.event === 'rejected') {
    const r = line.rejected ?? {}
    return { ...base, kind: 'rejected', type: 'rejected', name: r.message ?? r.code ?? '' }
  }
  if (message.event === 'lost') return { ...base, kind: 'lost', type: 'lost', name: `${line.lost ?? 0} lines cannot be read` }
  const e = line.event ?? {}
  const library = text(e.context?.library?.name)
  return {
    ...base, kind: 'event', type: text(e.type), name: text(e.event) || text(e.name), user: text(e.userId) || text(e.anonymousId),
    account: text(e.groupId) || text(e.properties?.groupId), messageId: text(e.messageId), library: library === 'unknown' ? '' : `${library} ${text(e.context?.library?.version)}`.trim(),
    side: sideOf(library), notes: notesOf(e).length,
  }
}

/** What the debugger shows of what it has. */
export interface Filter {
  side: string
  show: string // all, rejected, notes
}

export function matches(entry: Entry, filter: Filter): boolean {
  if (filter.show === 'rejected' && entry.kind !== 'rejected') return false
  if (filter.show === 'notes' && entry.notes === 0) return false
  return filter.side === '' || (entry.kind === 'event' && entry.side === filter.side)
}
