import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'

import { client, Problem, send, unwrap } from './client'

export type Via = 'segmentio' | 'track' | 'agent' | 'api'
export type Verdict = { code: string; message: string; mend: string; docs: string }
export type Totals = { events: number; visitors: number; accounts: number; withoutAccount: number }
export type TrackEvent = Totals & { name: string; firstSeen: string; lastSeen: string; series: number[]; verdicts: Record<string, number> }
export type Point = { at: string; events: number; visitors: number; accounts: number }
export type TrackEventDetail = {
  name: string; from: string; to: string; interval: 'day' | 'hour'; totals: Totals; previous: Totals; firstSeen: string; lastSeen: string
  series: Point[]; previousSeries: Point[]; verdicts: Record<string, number>
}
export type PropertyStats = { key: string; events: number; fill: number; types: Record<string, number>; cardinality: number; groupable: boolean; problem?: string }
export type BreakdownRow = { value: unknown; type: string; events: number; visitors: number; accounts: number; share: number }
export type TopVisitor = { id: string; anonymous: boolean; events: number; firstSeen: string; lastSeen: string }
export type TopAccount = { id: string; events: number; visitors: number; lastSeen: string }
export type ExploreGroup = { group: string; total: number; series: { at: string; value: number }[] }
export type Explored = { interval: string; from: string; to: string; groups: ExploreGroup[]; otherGroups: number }
export type VisitorRow = { id: string; anonymous: boolean; accounts: string[]; events: number; firstSeen: string; lastSeen: string; activeDays: number; frequency: '' | 'low' | 'medium' | 'high'; excluded: boolean; doNotProcess: boolean }
export type AccountRow = { id: string; parent?: string; visitors: number; events: number; firstSeen: string; lastSeen: string; excluded: boolean; doNotProcess: boolean }
export type MetadataField = { field: string; value: unknown; source: string; at: string; names?: string[] }
type Known = { trackEvents: { name: string; events: number; lastSeen: string }[]; activity: { day: string; events: number; calls: number }[]; metadata: Record<string, MetadataField[]> }
export type VisitorDetail = VisitorRow & Known & { aliases: { id: string; at: string }[]; mergedInto?: string }
export type AccountDetail = AccountRow & Known & { visitorsWithout: number }
export type HistoryRow = { group: string; field: string; value: unknown; source: string; at: string }
export type Exclusion = { kind: 'visitor' | 'account'; id: string; excluded: boolean; doNotProcess: boolean; at: string }
export type Received = {
  position: string; element: number; receivedAt: string; at: string; via: string; key?: string; webhookId?: string; remote?: string; type: string; event?: string; visitor?: string; account?: string
  messageId?: string; anonymousId?: string; ip?: string; userAgent?: string; url?: string; title?: string; properties?: unknown; counted: boolean; redrive?: number; excluded?: boolean; sender?: string; verdicts: Verdict[]
  of?: { position: string; element: number; via: string; webhookId?: string; remote?: string; receivedAt: string }
}
export type ReceivedRecord = { record: { at: string; via: string; key: string; body: unknown } & Record<string, unknown>; calls: Received[] }
export type DictionaryRow = { event: string; key: string; events: number; fill: number; types: Record<string, number>; cardinality: number; examples: unknown[]; problem?: string }
export type MetadataStats = { kind: string; group: string; field: string; names: string[]; types: Record<string, number>; holders: number; distinct: number; example: unknown; lastSeen: string; collisions: string[] }
export type VerdictCount = Verdict & { events: number; series: { day: string; events: number }[] }
export type Coverage = { name: string; events: number; withoutAccount: number; withoutVisitor: number; share: number }
export type IdShape = { kind: string; shape: string; ids: number; events: number; example: string }

/** What a query of an address may hold; what is empty is left out. */
export type Query = Record<string, string | number | boolean | string[] | undefined>

const againMillis = 15_000

/** The path of something of an app, with its query. */
export function appPath(app: string, parts: string[], query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one))
  }
  const path = `/api/apps/${[app, ...parts].map(encodeURIComponent).join('/')}`
  return search.size === 0 ? path : `${path}?${search}`
}

async function read<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await send(path, { signal })
  if (!response.ok) throw Problem.of(response.status, await response.json().catch(() => null))
  return (await response.json()) as T
}

/** Asks for something of an app; make tells the query anew each time, since most times end now. */
export function useOfApp<T>(app: string, parts: string[], make: () => Query = () => ({}), key: unknown = null, enabled = true) {
  return useQuery({
    queryKey: ['apps', app, ...parts, key],
    placeholderData: keepPreviousData,
    refetchInterval: againMillis,
    enabled,
    queryFn: async ({ signal }) => (await read<{ data: T }>(appPath(app, parts, make()), signal)).data,
  })
}

type Pages<T> = { data: T[]; next?: string; total?: number }
const pageSize = 100

/** Asks for a long list of an app, page by page as it is scrolled. */
export function useListOfApp<T>(app: string, parts: string[], make: () => Query, key: unknown) {
  return useInfiniteQuery({
    queryKey: ['apps', app, ...parts, 'list', key],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => read<Pages<T>>(appPath(app, parts, { ...make(), limit: pageSize, cursor: pageParam }), signal),
    getNextPageParam: (last) => last.next,
  })
}

export type List<T> = ReturnType<typeof useListOfApp<T>>

export function useApp(slug: string) {
  return useQuery({ queryKey: ['apps', slug], staleTime: againMillis, queryFn: async () => (await unwrap(client.GET('/api/apps/{app}', { params: { path: { app: slug } } }))).data })
}

/** Changes something of an app. */
export async function writeToApp(app: string, parts: string[], method: 'POST' | 'PUT', body: unknown): Promise<unknown> {
  const response = await send(appPath(app, parts), { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null)
  if (!response.ok) throw Problem.of(response.status, answer)
  return answer
}

/** Fetches a table as CSV, as whoever is signed in, and gives it to the browser to keep. */
export async function saveCsv(path: string, name: string): Promise<void> {
  const response = await send(path, { headers: { Accept: 'text/csv' } })
  if (!response.ok) throw Problem.of(response.status, await response.json().catch(() => null))
  keepFile(await response.blob(), name)
}

/** Gives a file to the browser to keep. */
export function keepFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
