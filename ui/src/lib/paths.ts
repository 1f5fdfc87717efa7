/** A place in an event that a mapping can take a value from. */
export interface PathOption {
  path: string // as @path has it
  preview: string
  type: string
}

const previewMax = 60
const depthMax = 8
const countMax = 600

/** The path that stands for the event as it came. */
export const entireEvent = '$.'

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** Lists the paths of an event in its own order: objects before what they hold. Keys that no path can name are left out. */
export function pathsOf(event: unknown): PathOption[] {
  const out: PathOption[] = []
  const walk = (value: unknown, path: string, depth: number) => {
    if (out.length >= countMax) return
    if (path !== '$') {
      const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
      out.push({ path, type: typeOf(value), preview: text.length > previewMax ? text.slice(0, previewMax) + '…' : text })
    }
    if (depth === 0 || value === null || typeof value !== 'object') return
    if (Array.isArray(value)) value.slice(0, 3).forEach((v, i) => walk(v, `${path}[${i}]`, depth - 1))
    else for (const [key, v] of Object.entries(value)) if (nameable(key)) walk(v, `${path}.${key}`, depth - 1)
  }
  walk(event, '$', depthMax)
  return out
}

/** A key that holds a dot, a bracket or a quote is cut apart by the paths of mappings. */
function nameable(key: string): boolean {
  return key !== '' && !/[.[\]'"]/.test(key)
}

/** What lies at a path of an event, as a mapping finds it; undefined: nothing. */
export function valueAt(event: unknown, path: string): unknown {
  let value = event
  for (const step of path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? []) {
    if (!value) return value
    value = typeof value === 'object' ? (value as Record<string, unknown>)[step] : undefined
  }
  return value
}
