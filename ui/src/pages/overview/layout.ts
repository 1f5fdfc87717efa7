import type { Lane } from '../../lib/flow'

export interface Place {
  id: string
  y: number // of the middle
  lanes: Lane[]
}

export interface Layout {
  sources: Place[]
  mappings: Place[]
  destinations: Place[]
  receivers: Place[]
  height: number
}

export const rowHeight = 64
const padding = 14

/** Places what the map shows: lanes stand under each other, and each thing in the middle of the lanes that it has. */
export function layout(lanes: Lane[]): Layout {
  const ys = new Map(lanes.map((lane, i) => [lane, padding + rowHeight * (i + 0.5)]))
  const group = (idOf: (lane: Lane) => string | undefined): Place[] => {
    const places = new Map<string, Lane[]>()
    for (const lane of lanes) {
      const id = idOf(lane)
      if (id !== undefined) places.set(id, [...(places.get(id) ?? []), lane])
    }
    return apart([...places].map(([id, own]) => ({ id, lanes: own, y: own.reduce((sum, l) => sum + (ys.get(l) ?? 0), 0) / own.length })))
  }
  const out = {
    sources: group((l) => l.source.slug),
    mappings: group((l) => l.mapping && l.destination && `${l.destination.slug}/${l.mapping.name}`),
    destinations: group((l) => l.destination?.slug),
    receivers: group((l) => l.receiver?.id),
  }
  const bottom = Math.max(0, ...Object.values(out).flatMap((places) => places.map((p) => p.y)))
  return { ...out, height: bottom + rowHeight / 2 + padding }
}

/** Moves places down where they would stand on each other. */
function apart(places: Place[]): Place[] {
  places.sort((a, b) => a.y - b.y)
  let free = 0
  for (const place of places) {
    place.y = Math.max(place.y, free)
    free = place.y + rowHeight
  }
  return places
}
