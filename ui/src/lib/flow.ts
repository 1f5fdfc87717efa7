import type * as workspace from '../api/workspace'

type App = Pick<workspace.App, 'slug' | 'name' | 'key'>
type Source = Pick<workspace.Source, 'slug' | 'name' | 'type' | 'enabled'>
type Mapping = Pick<workspace.Mapping, 'id' | 'name' | 'enabled' | 'trigger' | 'fields'>
type Destination = Pick<workspace.Destination, 'slug' | 'name' | 'source' | 'enabled'> & { mappings: Mapping[] }

export type Outcomes = { accepted: number; delivered: number; filtered: number; duplicate: number; discarded: number; lost: number; retrying: number; parked: number; pending: number }
export type LedgerRow = Outcomes & { destination: string; mapping: string }

export const outcomeNames = ['delivered', 'filtered', 'duplicate', 'pending', 'retrying', 'parked', 'discarded', 'lost'] as const

/** Adds up rows of the ledger. */
export function total(rows: LedgerRow[]): Outcomes {
  const sum: Outcomes = { accepted: 0, delivered: 0, filtered: 0, duplicate: 0, discarded: 0, lost: 0, retrying: 0, parked: 0, pending: 0 }
  for (const row of rows) for (const key of Object.keys(sum) as (keyof Outcomes)[]) sum[key] += row[key]
  return sum
}

/** The ledger's promise: everything that was accepted has exactly one outcome. */
export function balances(o: Outcomes): boolean {
  return o.accepted === outcomeNames.reduce((sum, name) => sum + o[name], 0)
}

export type Health = 'ok' | 'warn' | 'bad' | 'idle'

/** How a mapping does: what it is owed and cannot give away makes it ill. */
export function healthOf(o: Outcomes | undefined, on: boolean): Health {
  if (!on) return 'idle'
  if (o === undefined) return 'ok'
  if (o.lost > 0 || o.parked > 0) return 'bad'
  return o.retrying > 0 || o.discarded > 0 ? 'warn' : 'ok'
}

/** Where a mapping's requests go: an app of this server, or a host. */
export function receiverOf(fields: Record<string, unknown>, apps: App[]): { id: string; label: string; app?: App } {
  const url = fields['url']
  if (typeof url !== 'string' || url === '') return { id: 'unknown', label: 'URL from the event' }
  const key = /\/data\/segmentio\/([^/?#]+)/.exec(url)?.[1]
  const own = url.startsWith('${PENSTOCK_URL}') || url.startsWith(globalThis.location?.origin ?? '\0')
  const app = own ? apps.find((a) => a.key.replaceAll('-', '') === key?.replaceAll('-', '')) : undefined
  if (app !== undefined) return { id: `app:${app.slug}`, label: app.name, app }
  const host = /^https?:\/\/([^/?#]+)/.exec(url)?.[1]
  return { id: `host:${host ?? url}`, label: host ?? (own ? 'this server' : url) }
}

export interface Lane {
  source: Source
  destination?: Destination
  mapping?: Mapping
  receiver?: ReturnType<typeof receiverOf>
  row?: LedgerRow
  on: boolean
  health: Health
}

/** One lane for each mapping, in the order of the map; a source, or a destination, that leads nowhere has a lane of its own. */
export function lanes(sources: Source[], destinations: Destination[], apps: App[], rows: LedgerRow[]): Lane[] {
  const out: Lane[] = []
  for (const source of sources) {
    const own = destinations.filter((d) => d.source === source.slug)
    if (own.length === 0) out.push({ source, on: source.enabled, health: 'idle' })
    for (const destination of own) {
      const on = source.enabled && destination.enabled
      if (destination.mappings.length === 0) out.push({ source, destination, on, health: 'idle' })
      for (const mapping of destination.mappings) {
        const row = rows.find((r) => r.destination === destination.slug && r.mapping === mapping.name)
        const flows = on && mapping.enabled
        const lane: Lane = { source, destination, mapping, receiver: receiverOf(mapping.fields, apps), on: flows, health: healthOf(row, flows) }
        if (row !== undefined) lane.row = row
        out.push(lane)
      }
    }
  }
  return out
}
