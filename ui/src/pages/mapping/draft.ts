import type { Action, Fields, Mapping } from '../../api/workspace'
import { cleaned, defaultsOf } from './field'

/** A mapping while it is changed. */
export interface Draft {
  name: string
  action: string
  trigger: string
  fields: Fields
}

export function draftOf(mapping: Mapping): Draft {
  return { name: mapping.name, action: mapping.action, trigger: mapping.trigger, fields: mapping.fields }
}

/** A new mapping begins with the action's defaults. */
export function draftFrom(action: Action): Draft {
  return { name: action.name, action: action.slug, trigger: action.defaultTrigger ?? 'type = "track"', fields: defaultsOf(action.fields ?? []) }
}

/** The draft as it is tried and saved. */
export function sent(draft: Draft): Draft {
  return { ...draft, name: draft.name.trim(), fields: cleaned(draft.fields) }
}

/** A draft as members that are changed one by one: those of the mapping, and each field under fields. */
export type Members = Record<string, unknown>

const ofField = 'fields.'

export function membersOf({ fields, ...own }: Draft): Members {
  return { ...own, ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [ofField + key, value])) }
}

export function draftOfMembers(members: Members): Draft {
  const own = (key: string) => String(members[key])
  const fields = Object.entries(members).filter(([key]) => key.startsWith(ofField))
  return {
    name: own('name'),
    action: own('action'),
    trigger: own('trigger'),
    fields: Object.fromEntries(fields.map(([key, value]) => [key.slice(ofField.length), value])),
  }
}

/** What changes when fields take the place of others. */
export function fieldChanges(before: Fields, after: Fields): Members {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return Object.fromEntries([...keys].map((key) => [ofField + key, after[key]]))
}

/** A member in the words of the editor. */
export function memberLabel(member: string, action: Action): string {
  const key = member.startsWith(ofField) ? member.slice(ofField.length) : undefined
  return key === undefined ? `the ${member}` : (action.fields?.find((f) => f.key === key)?.label ?? key)
}

/** A member as it would be saved: what is empty is not there. */
export function plainMember(value: unknown): unknown {
  return cleaned({ value: typeof value === 'string' && value.trim() === '' ? '' : value })['value']
}

/** The type of event that a trigger plainly asks for; empty: none. */
export function typeWanted(trigger: string): string {
  return /^\s*type\s*=\s*"(track|identify|page|screen|group|alias)"/.exec(trigger)?.[1] ?? ''
}
