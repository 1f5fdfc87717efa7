import type { Schemas } from '../../api/client'

export type Filter = Schemas['Filter']
export type Action = Schemas['RuleAction']
export type Kind = Action['type']

/** The members of one object that an action takes out, or leaves. */
export interface Members {
  path: string
  names: string[]
}

/** An action while it is changed: what its kind does not use is kept, so that going back loses nothing. */
export interface DraftAction {
  kind: Kind
  percent: number // of the events, 0 to 100
  path: string
  members: Members[]
}

/** A filter while it is changed. */
export interface Draft {
  name: string
  description: string
  condition: string
  actions: DraftAction[]
}

export const kinds: { value: Kind; label: string; hint: string }[] = [
  { value: 'DROP', label: 'Drop the event', hint: 'It is not delivered.' },
  { value: 'SAMPLE', label: 'Deliver a part of the events', hint: 'The same event is always decided alike.' },
  { value: 'DROP_PROPERTIES', label: 'Take properties out', hint: 'Trigger and fields do not see them.' },
  { value: 'ALLOW_PROPERTIES', label: 'Leave only these properties', hint: 'Everything else in the object is taken out.' },
]

export function newAction(kind: Kind): DraftAction {
  return { kind, percent: 10, path: '', members: [{ path: 'properties', names: [] }] }
}

export function newDraft(): Draft {
  return { name: '', description: '', condition: 'type = "track"', actions: [newAction('DROP')] }
}

export function draftOf(f: Filter): Draft {
  return {
    name: f.name,
    description: f.description ?? '',
    condition: f.if,
    actions: f.actions.map((a) => ({
      ...newAction(a.type),
      ...(a.percent === undefined ? {} : { percent: Math.round(a.percent * 1e6) / 1e4 }),
      path: a.path ?? '',
      ...(a.fields === undefined ? {} : { members: Object.entries(a.fields).map(([path, names]) => ({ path, names: [...(names ?? [])] })) }),
    })),
  }
}

/** An action as it is saved. */
function actionOf(a: DraftAction): Action {
  if (a.kind === 'DROP') return { type: a.kind }
  if (a.kind === 'SAMPLE') return { type: a.kind, percent: Math.round(a.percent * 1e4) / 1e6, ...(a.path.trim() === '' ? {} : { path: a.path.trim() }) }
  const fields: Record<string, string[]> = {}
  for (const m of a.members) if (m.names.length > 0 || a.kind === 'ALLOW_PROPERTIES') fields[m.path.trim()] = [...(fields[m.path.trim()] ?? []), ...m.names]
  return { type: a.kind, fields }
}

/** The draft as it is tried and saved. */
export function sent(d: Draft) {
  return { name: d.name.trim(), description: d.description.trim(), if: d.condition.trim(), actions: d.actions.map(actionOf) }
}

/** A member as it would be saved. */
export function plainMember(value: unknown): unknown {
  return Array.isArray(value) ? (value as DraftAction[]).map(actionOf) : String(value).trim()
}

/** The members in the words of the editor. */
export const memberLabels: Record<keyof Draft, string> = {
  name: 'the name',
  description: 'the description',
  condition: 'the condition',
  actions: 'the actions',
}

/** What an action does, in a few words. */
export function actionText(a: Action): string {
  const members = Object.entries(a.fields ?? {}).map(([path, names]) => (path === '' ? (names ?? []).join(', ') : `${path}: ${(names ?? []).join(', ')}`)).join('; ')
  switch (a.type) {
    case 'DROP':
      return 'drops the event'
    case 'SAMPLE':
      return `delivers ${Math.round((a.percent ?? 0) * 1e6) / 1e4} %${a.path === undefined || a.path === '' ? '' : `, by ${a.path}`}`
    case 'DROP_PROPERTIES':
      return `takes out ${members}`
    case 'ALLOW_PROPERTIES':
      return `leaves only ${members}`
  }
}
