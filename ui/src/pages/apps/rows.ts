import type { Received } from '../../api/analytics'

/** What a received call is called in addresses, and by the stream. */
export function idOf(r: { position: string; element: number }): string {
  return `${r.position}.${r.element}`
}

/** The place on the log of what idOf has named. */
export function positionOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')))
}

/** The most new rows that are drawn before the list is asked for anew. */
export const newMax = 2000

/** Puts what came in front of what is there, newest first, each once. */
export function inFront(rows: Received[], came: Received[]): Received[] {
  const seen = new Set(rows.map(idOf))
  const fresh: Received[] = []
  for (const r of came) {
    const id = idOf(r)
    if (seen.has(id)) continue
    seen.add(id)
    fresh.push(r)
  }
  return fresh.length === 0 ? rows : [...fresh.reverse(), ...rows]
}
