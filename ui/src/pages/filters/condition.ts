/** A place in an event, as the conditions of filters name it, and what lies there. */
export interface Field {
  path: string
  value: unknown
}

const depthMax = 6
const countMax = 400
const plain = /[A-Za-z0-9_$-]/

/** A name of a path: other characters than letters, digits, _, - and $ need a backslash. */
function escaped(name: string): string {
  return [...name].map((c) => (plain.test(c) ? c : `\\${c}`)).join('')
}

/** Lists the places of an event that hold a value, in its own order. */
export function fieldsOf(event: unknown): Field[] {
  const out: Field[] = []
  const walk = (value: unknown, path: string, depth: number) => {
    if (out.length >= countMax) return
    if (value === null || typeof value !== 'object' || Array.isArray(value)) out.push({ path, value })
    else if (depth > 0) for (const [name, v] of Object.entries(value)) if (name !== '') walk(v, path === '' ? escaped(name) : `${path}.${escaped(name)}`, depth - 1)
  }
  if (event !== null && typeof event === 'object') walk(event, '', depthMax)
  return out
}

/** Lists the objects whose members an action can take out, with the names of these. */
export function objectsOf(event: Record<string, unknown>): { path: string; names: string[] }[] {
  const out: { path: string; names: string[] }[] = []
  const walk = (value: unknown, path: string, depth: number) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || out.length >= countMax) return
    out.push({ path, names: Object.keys(value) })
    if (depth > 0) for (const [name, v] of Object.entries(value)) if (!name.includes('.')) walk(v, `${path}.${name}`, depth - 1)
  }
  for (const name of ['properties', 'context', 'traits']) walk(event[name], name, depthMax)
  return out
}

export const operators = [
  { value: '=', label: 'is' },
  { value: '!=', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'match', label: 'matches a pattern' },
  { value: '>', label: 'is greater than' },
  { value: '<', label: 'is less than' },
  { value: 'exists', label: 'is there' },
  { value: 'missing', label: 'is missing' },
]

/** A value as it was typed, as a literal: of the kind that lies there, where it can be one. */
function literal(typed: string, there: unknown): string {
  if (typeof there === 'number' && typed.trim() !== '' && !Number.isNaN(Number(typed))) return String(Number(typed))
  if (typeof there === 'boolean' && ['true', 'false'].includes(typed.trim())) return typed.trim()
  return JSON.stringify(typed)
}

/** One comparison as a text. */
export function comparison(path: string, operator: string, typed: string, there: unknown): string {
  switch (operator) {
    case 'exists':
      return `${path} != null`
    case 'missing':
      return `${path} = null`
    case 'contains':
    case 'match':
      return `${operator}(${path}, ${JSON.stringify(typed)})`
    case '>':
    case '<':
      return `${path} ${operator} ${Number(typed) || 0}`
    default:
      return `${path} ${operator} ${literal(typed, there)}`
  }
}

/** A condition with one more comparison, both of which must hold. */
export function joined(condition: string, more: string): string {
  const before = condition.trim()
  if (before === '' || before === 'all') return more
  return /\bor\b/.test(before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '')) ? `(${before}) and ${more}` : `${before} and ${more}`
}

/** The places that are in an event and no longer in what is left of it; of an object that is gone, the object alone. */
export function takenOut(before: unknown, after: unknown, path = ''): string[] {
  if (before === null || typeof before !== 'object' || Array.isArray(before)) return []
  const left = (after ?? {}) as Record<string, unknown>
  return Object.entries(before).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`
    return name in left ? takenOut(value, left[name], at) : [at]
  })
}
