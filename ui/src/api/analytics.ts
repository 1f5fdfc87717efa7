import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'

import { pagesOf, type Rows } from '../lib/rows'
import { Problem, type Schemas, send } from './client'
import { keepOf } from './queries'
import { readApp } from './workspace'

export type Verdict = Schemas['VerdictText']
export type TrackEvent = Schemas['TrackEvent']
export type Point = Schemas['Point']
export type TrackEventDetail = Schemas['TrackEventDetail']
export type PropertyStats = Schemas['Property']
export type BreakdownRow = Schemas['PropertyValue']
export type TopVisitor = Schemas['TopVisitor']
export type TopAccount = Schemas['TopAccount']
export type ExploreGroup = Schemas['ExploredGroup']
export type Explored = Schemas['Explored']
export type VisitorRow = Schemas['VisitorRow']
export type AccountRow = Schemas['AccountRow']
export type VisitorDetail = Schemas['Visitor']
export type AccountDetail = Schemas['Account']
export type HistoryRow = Schemas['HistoryEntry']
export type Exclusion = Schemas['Exclusion']
export type Received = Schemas['Received']
export type ReceivedRecord = Omit<Schemas['ReceivedBody'], 'record'> & { record: { body: unknown } }
export type DictionaryRow = Schemas['PropertyEntry']
export type MetadataStats = Schemas['MetadataEntry']
export type VerdictCount = Schemas['VerdictSeries']
export type Coverage = Schemas['Coverage']
export type IdShape = Schemas['IDShape']

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
    placeholderData: keepOf(['apps', app, ...parts]),
    refetchInterval: againMillis,
    enabled,
    queryFn: async ({ signal }) => (await read<{ data: T }>(appPath(app, parts, make()), signal)).data,
  })
}

type Part<T> = { data: T[]; next?: string; total?: number }
const pageSize = 100

/** The question that the data which is shown answers, while the answer to a newer one is on its way. */
export function useAnswered<Q>(question: Q, query: { data: unknown; isPlaceholderData: boolean }): Q {
  const [answered, setAnswered] = useState(question)
  const now = query.data !== undefined && query.isPlaceholderData ? answered : question
  if (now !== answered) setAnswered(now)
  return now
}

/** Asks for a long list of an app, page by page as it is scrolled. */
export function useListOfApp<T>(app: string, parts: string[], make: () => Query, key: unknown) {
  return useInfiniteQuery({
    queryKey: ['apps', app, ...parts, 'list', key],
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => read<Part<T>>(appPath(app, parts, { ...make(), limit: pageSize, cursor: pageParam }), signal),
    getNextPageParam: (last) => last.next,
  })
}

/** Asks for a table of an app whose rows have numbers: its first page, which knows how many rows there are, and the pages that are looked at. */
export function useTableOfApp<T>(app: string, parts: string[], make: () => Query, key: unknown) {
  const asked = JSON.stringify(key)
  const page = (n: number) => ({
    queryKey: ['apps', app, ...parts, 'table', asked, n],
    staleTime: againMillis,
    queryFn: ({ signal }: { signal: AbortSignal }) => read<Part<T>>(appPath(app, parts, { ...make(), limit: pageSize, offset: n * pageSize }), signal),
  })
  const [looked, setLooked] = useState({ asked, pages: [] as number[] })
  const first = useQuery({ ...page(0), placeholderData: keepPreviousData })
  const pages = looked.asked === asked && !first.isPlaceholderData ? looked.pages : []
  const others = useQueries({ queries: pages.map(page) })
  const held = new Map([[0, first.data?.data], ...pages.map((n, i) => [n, others[i]?.data?.data] as const)] as const)
  const rows: Rows<T> = { length: first.data?.total ?? first.data?.data.length ?? 0, at: (i) => held.get(Math.floor(i / pageSize))?.[i % pageSize] }
  const look = useCallback(
    (from: number, to: number) => {
      const pages = pagesOf(from, to, pageSize)
      setLooked((was) => (was.asked === asked && was.pages.join() === pages.join() ? was : { asked, pages }))
    },
    [asked],
  )
  return { first, rows, look, asked, problem: first.error ?? others.find((p) => p.error !== null)?.error ?? null, again: () => [first, ...others].forEach((p) => p.error !== null && void p.refetch()) }
}

export type Table<T> = ReturnType<typeof useTableOfApp<T>>

export function useApp(slug: string) {
  return useQuery({ queryKey: ['apps', slug], staleTime: againMillis, queryFn: () => readApp(slug) })
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
