/** How a field of a mapping is filled in. */
export type Mode = 'literal' | 'path' | 'template' | 'object' | 'json'

export const modeLabels: Record<Mode, string> = { literal: 'Value', path: 'Event variable', template: 'Template', object: 'Edit object', json: 'JSON' }

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function only(value: Record<string, unknown>): string | undefined {
  const keys = Object.keys(value)
  return keys.length === 1 ? keys[0] : undefined
}

/** The mode that shows a value; whatever has none of its own is shown as JSON. */
export function modeOf(value: unknown, type: string): Mode {
  if (value === undefined || value === null) return type === 'object' ? 'object' : 'literal'
  if (isRecord(value)) {
    const key = only(value)
    if (key === '@path' && typeof value['@path'] === 'string') return 'path'
    if (key === '@template' && typeof value['@template'] === 'string') return 'template'
    if (Object.keys(value).some((k) => k.startsWith('@'))) return 'json'
    const flat = Object.values(value).every((v) => !isRecord(v) || typeof v['@path'] === 'string' || typeof v['@template'] === 'string')
    return flat && !Object.values(value).some(Array.isArray) ? 'object' : 'json'
  }
  return Array.isArray(value) ? 'json' : 'literal'
}

/** The modes that a field of a type offers. */
export function modesOf(type: string): Mode[] {
  return type === 'object' ? ['path', 'object', 'json'] : ['literal', 'path', 'template', 'json']
}

/** A value to begin with in a mode, keeping what can be kept. */
export function startOf(mode: Mode, value: unknown, type: string): unknown {
  const text = textOf(value)
  switch (mode) {
    case 'path':
      return { '@path': text.startsWith('$') ? text : type === 'object' ? '$.' : '' }
    case 'template':
      return { '@template': text.startsWith('$.') ? `{{${text.slice(2)}}}` : text }
    case 'object':
      return isRecord(value) && !Object.keys(value).some((k) => k.startsWith('@')) ? value : {}
    case 'literal':
      return type === 'string' ? text.replace(/^\$\..*/, '') : undefined
    case 'json':
      return value ?? null
  }
}

/** The text that a person would read in a value. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isRecord(value)) {
    if (typeof value['@path'] === 'string') return value['@path']
    if (typeof value['@template'] === 'string') return value['@template']
  }
  return ''
}

/** A text of a row of an object: a path where it begins with "$.", a template where it has {{ }}, else itself. */
export function readText(text: string): unknown {
  if (/^\$\.?/.test(text) && !text.includes(' ')) return { '@path': text }
  return /\{\{.+\}\}/.test(text) ? { '@template': text } : text
}

interface FieldLike {
  key: string
  default?: unknown
  hidden?: boolean
}

/** What a new mapping begins with: the defaults of the definition. */
export function defaultsOf(fields: FieldLike[]): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const f of fields) if (f.default !== undefined && f.default !== null) out[f.key] = f.default
  return out
}

/** The fields as they are sent: without what is empty. */
export function cleaned(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined && v !== null && v !== '' && !(isRecord(v) && v['@path'] === '')))
}
