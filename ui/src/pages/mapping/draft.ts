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

export function same(a: Draft, b: Draft): boolean {
  return JSON.stringify(sent(a)) === JSON.stringify(sent(b))
}

/** The type of event that a trigger plainly asks for; empty: none. */
export function typeWanted(trigger: string): string {
  return /^\s*type\s*=\s*"(track|identify|page|screen|group|alias)"/.exec(trigger)?.[1] ?? ''
}
