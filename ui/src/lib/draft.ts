import { differences } from './changes'

/** A member that the user has changed: what it is now, and what the server had when the change began. */
export interface Edit<V> {
  mine: V
  from: V
  /** What was sent of it with no answer: the server may have it, and then nobody else has changed it. */
  sent?: { value: V }
}

/** What the user has changed of a form, member by member; what is not here follows the server. */
export type Edits<T> = { [K in keyof T]?: Edit<T[K]> }

/** A value as it would be saved, so that what comes to the same is no change. */
export type Plain = (value: unknown) => unknown

const asItIs: Plain = (value) => value

/** A secret as the server shows it: what it is cannot be told. */
function isMasked(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('••••')
}

function alike(a: unknown, b: unknown): boolean {
  return differences(a, b).length === 0
}

function keysOf<T>(edits: Edits<T>): (keyof T)[] {
  return Object.keys(edits) as (keyof T)[]
}

type AnyEdit<T> = Edit<T[keyof T]>

/** Keeps the edits that are wanted, each as it is to be. */
function mapped<T>(edits: Edits<T>, change: (edit: AnyEdit<T>, key: keyof T) => AnyEdit<T> | undefined): Edits<T> {
  const out: Edits<T> = {}
  for (const key of keysOf(edits)) {
    const edit = edits[key]
    const next = edit && change(edit, key)
    if (next !== undefined) out[key] = next
  }
  return out
}

/** What the form shows: the newest that the server has, and over it what the user has changed. */
export function overlay<T extends object>(saved: T, edits: Edits<T>): T {
  const out = { ...saved }
  for (const key of keysOf(edits)) {
    const edit = edits[key]
    if (edit !== undefined) out[key] = edit.mine
  }
  return out
}

/** The edits after the user has changed members; one that is again as the server has it is no edit. */
export function touch<T extends object>(edits: Edits<T>, saved: T, changes: Partial<T>): Edits<T> {
  const out = { ...edits }
  for (const key of Object.keys(changes) as (keyof T)[]) {
    const mine = changes[key] as T[keyof T]
    const before = edits[key]
    if (alike(mine, saved[key])) delete out[key]
    else out[key] = before === undefined ? { mine, from: saved[key] } : { ...before, mine }
  }
  return out
}

/** The edits once the user has begun with a member that is still as the server has it: it no longer follows. */
export function hold<T extends object>(edits: Edits<T>, saved: T, member: keyof T): Edits<T> {
  return member in edits ? edits : { ...edits, [member]: { mine: saved[member], from: saved[member] } }
}

/** What a save would change. */
export function unsaved<T extends object>(edits: Edits<T>, saved: T, plain: Plain = asItIs): Partial<T> {
  const out: Partial<T> = {}
  for (const key of keysOf(edits)) {
    const edit = edits[key]
    if (edit !== undefined && !alike(plain(edit.mine), plain(saved[key]))) out[key] = edit.mine
  }
  return out
}

/** The members that the user has changed one way and somebody else another, since the user began. */
export function contested<T extends object>(edits: Edits<T>, saved: T, plain: Plain = asItIs): (keyof T)[] {
  const open = unsaved(edits, saved, plain)
  const isOurs = (edit: AnyEdit<T>, now: unknown) => {
    if (edit.sent !== undefined && isMasked(now)) return true // a secret that was sent cannot be compared
    const known = [edit.from, ...(edit.sent === undefined ? [] : [edit.sent.value])]
    return known.some((value) => alike(plain(value), now))
  }
  return keysOf(edits).filter((key) => {
    const edit = edits[key]
    return edit !== undefined && key in open && !isOurs(edit, plain(saved[key]))
  })
}

/** The edits once the user has seen what somebody else made of them, and stays with them. */
export function keepMine<T extends object>(edits: Edits<T>, saved: T): Edits<T> {
  return mapped(edits, ({ mine }, key) => ({ mine, from: saved[key] }))
}

/** The edits without those that somebody else has changed another way. */
export function loadTheirs<T extends object>(edits: Edits<T>, saved: T, plain: Plain = asItIs): Edits<T> {
  const theirs = contested(edits, saved, plain)
  return mapped(edits, (edit, key) => (theirs.includes(key) ? undefined : edit))
}

/** The edits once they were sent, and no answer came. */
export function unanswered<T extends object>(edits: Edits<T>, sent: Partial<T>): Edits<T> {
  return mapped(edits, (edit, key) => (key in sent ? { ...edit, sent: { value: sent[key] as T[keyof T] } } : edit))
}

/** The edits after a save: what still equals what was sent is no longer an edit; what was changed since remains one. */
export function afterSave<T extends object>(edits: Edits<T>, sent: Partial<T>, saved: T): Edits<T> {
  return mapped(edits, (edit, key) => {
    if (!(key in sent)) return edit
    return alike(edit.mine, sent[key]) ? undefined : { mine: edit.mine, from: saved[key] }
  })
}

/** The newer of two answers about the same thing, in whichever order they came. */
export function newer<R extends { revision: number }>(a: R | undefined, b: R | undefined): R | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return b.revision >= a.revision ? b : a
}
