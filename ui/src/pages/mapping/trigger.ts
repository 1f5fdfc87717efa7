import type { Form } from './conditions'

/** The conditions of a trigger, and the text that they were read from or written as. */
export interface Conditions {
  form: Form | null // null: the text is no trigger, or none that conditions can say
  beside: string | null
  /** They were changed since, and are still to be written. */
  newer: boolean
}

export const unread: Conditions = { form: null, beside: null, newer: false }

/**
 * What is to be done so that text and conditions say the same: nothing, the text is read, or the conditions are
 * written.
 */
export function standing(c: Conditions, text: string): 'agreed' | 'unread' | 'unwritten' {
  return c.newer ? 'unwritten' : c.beside === text ? 'agreed' : 'unread'
}

export function formChanged(c: Conditions, form: Form): Conditions {
  return { ...c, form, newer: true }
}

/** The user has changed the text: it counts from now on, also over conditions that were still to be written. */
export function textChanged(c: Conditions): Conditions {
  return c.newer ? { ...c, beside: null, newer: false } : c
}

/** A text was read; it counts if that is the text that is still to be read. */
export function afterReading(c: Conditions, text: string, read: { text: string; form: Form | null }): Conditions {
  return standing(c, text) === 'unread' && read.text === text ? { form: read.form, beside: text, newer: false } : c
}

/** Conditions were written as a text; it counts if they are those that are still to be written. */
export function afterWriting(c: Conditions, written: { form: Form; text: string }): Conditions {
  return c.newer && c.form === written.form ? { form: c.form, beside: written.text, newer: false } : c
}
