import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'

import { Problem, send } from './client'

/** The receiving side's answers. */

export interface Totals { events: number; visitors: number; accounts: number; withoutAccount: number }
export interface TrackEvent { name: string; events: number; visitors: number; accounts: number; firstSeen: string; lastSeen: string; withoutAccount: number; series: number[]; verdicts: Record<string, number> }
export interface SeriesPoint { at: string; events: number; visitors: number; accounts: number }
export interface TrackEventDetail { name: string; from: string; to: string; interval: string; totals: Totals; previous: Totals; firstSeen: string; lastSeen: string; series: SeriesPoint[]; previousSeries: SeriesPoint[]; verdicts: Record<string, number> }
export interface PropertyStats { key: string; events: number; fill: number; types: Record<string, number>; cardinality: number; groupable: boolean; problem?: string }
export interface BreakdownRow { value: string | null; type: string; events: number; visitors: number; accounts: number; share: number }
export interface TopVisitor { id: string; anonymous: boolean; events: number; firstSeen: string; lastSeen: string }
export interface TopAccount { id: string; events: number; visitors: number; lastSeen: string }
export interface Exploration { interval: string; from: string; to: string; groups: { group: string; total: number; series: { at: string; value: number }[] }[]; otherGroups: number }
export interface VisitorRow { id: string; anonymous: boolean; accounts: string[]; events: number; firstSeen: string; lastSeen: string; activeDays: number; frequency: string; excluded: boolean; doNotProcess: boolean }
export interface MetadataField { field: string; value: unknown; source: string; at: string; names?: string[] }
export interface PersonDetail { trackEvents: { name: string; events: number; lastSeen: string }[]; activity: { day: string; events: number; calls: number }[]; metadata: Record<string, MetadataField[]> }
export type VisitorDetail = VisitorRow & PersonDetail & { aliases: { id: string; at: string }[]; mergedInto?: string }
export interface AccountRow { id: string; parent?: string; visitors: number; events: number; firstSeen: string; lastSeen: string; excluded: boolean; doNotProcess: boolean }
export type AccountDetail = AccountRow & PersonDetail & { visitorsWithout: number }
export interface VerdictNote { code: string; message: string; mend?: string; docs?: string }
export interface Received { position: string; element: number; receivedAt: string; at: string; via: string; key: string; type: string; event?: string; visitor?: string; account?: string; messageId?: string; properties?: unknown; counted: boolean; verdicts: VerdictNote[]; url?: string; remote?: string }
export interface DictionaryProperty { event: string; key: string; events: number; fill: number; types: Record<string, number>; cardinality: number; examples: string[]; problem?: string }
export interface DictionaryField { kind: string; group: string; field: string; names: string[]; types: Record<string, number>; holders: number; distinct: number; example: unknown; lastSeen: string; collisions: string[] }
export interface QualityVerdict extends VerdictNote { events: number; series: { day: string; events: number }[] }
export interface Coverage { name: string; events: number; withoutAccount: number; withoutVisitor: number; share: number }

export type Query = Record<string, string | string[] | number | undefined>

/** The address of an answer of the receiving side. */
export function analyticsUrl(app: string, path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) value.forEach((v) => search.append(key, v))
    else if (value !== undefined && value !== '') search.set(key, String(value))
  }
  const text = search.toString()
  return `/api/apps/${encodeURIComponent(app)}/${path}${text === '' ? '' : `?${text}`}`
}

async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await send(url, signal ? { signal } : {})
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw Problem.of(response.status, body)
  return body as T
}

const againMillis = 10_000

/** One answer of the receiving side. */
export function useAnalytics<T>(app: string, path: string, query: Query = {}, options: { enabled?: boolean; every?: number } = {}) {
  const url = analyticsUrl(app, path, query)
  return useQuery({ queryKey: ['analytics', url], enabled: options.enabled ?? true, refetchInterval: options.every ?? againMillis, placeholderData: keepPreviousData, queryFn: async ({ signal }) => (await ask<{ data: T }>(url, signal)).data })
}

interface Listed<T> {
  data: T[]
  next?: string
  total?: number
}

/** A list of the receiving side, page by page. */
export function useAnalyticsList<T>(app: string, path: string, query: Query = {}, every: number | false = againMillis) {
  const key = analyticsUrl(app, path, query)
  return useInfiniteQuery({
    queryKey: ['analyticsList', key],
    initialPageParam: '',
    placeholderData: keepPreviousData,
    refetchInterval: (q) => ((q.state.data?.pages.length ?? 0) <= 1 ? every : false),
    queryFn: ({ pageParam, signal }) => ask<Listed<T>>(analyticsUrl(app, path, { ...query, cursor: pageParam }), signal),
    getNextPageParam: (last: Listed<T>) => last.next,
  })
}

/** Takes a table away as CSV. */
export async function downloadCsv(app: string, path: string, query: Query, name: string): Promise<void> {
  const response = await send(analyticsUrl(app, path, { ...query, format: 'csv' }))
  if (!response.ok) throw Problem.of(response.status, await response.json().catch(() => null))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = `${name}.csv`
  link.click()
  URL.revokeObjectURL(link.href)
}
