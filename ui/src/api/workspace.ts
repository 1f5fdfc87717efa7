import { notifications } from '@mantine/notifications'
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { client, Problem, type Schemas, unwrap } from './client'

export type App = Schemas['App']
export type Source = Schemas['Source']
export type Definition = Schemas['Definition']
export type Action = Schemas['Action']
export type Field = Schemas['Field']
export type Preset = Schemas['Preset']
export type Fields = Record<string, unknown>
export type Mapping = Omit<Schemas['Mapping'], 'fields'> & { fields: Fields }
export type Destination = Omit<Schemas['Destination'], 'settings' | 'mappings'> & { settings: Fields; mappings: Mapping[] }

const freshMillis = 10_000

export function useSources() {
  return useQuery({ queryKey: ['sources'], staleTime: freshMillis, queryFn: async () => (await unwrap(client.GET('/api/sources'))).data })
}

export function useSource(slug: string) {
  return useQuery({ queryKey: ['sources', slug], staleTime: freshMillis, queryFn: () => readSource(slug) })
}

export function useDestinations() {
  return useQuery({ queryKey: ['destinations'], staleTime: freshMillis, queryFn: listDestinations })
}

export function useDestination(slug: string) {
  return useQuery({
    queryKey: ['destinations', slug],
    staleTime: freshMillis,
    queryFn: () => readDestination(slug),
  })
}

export function useApps() {
  return useQuery({ queryKey: ['apps'], staleTime: freshMillis, queryFn: async () => (await unwrap(client.GET('/api/apps'))).data })
}

export function useCatalog() {
  return useQuery({ queryKey: ['catalog'], staleTime: Infinity, queryFn: async () => (await unwrap(client.GET('/api/catalog'))).data })
}

export function useLedger(everyMillis = 2000) {
  return useQuery({ queryKey: ['ledger'], queryFn: () => unwrap(client.GET('/api/ledger')), refetchInterval: everyMillis })
}

/** A problem that leaves open what the server has now: no answer came, or somebody else was faster. */
function leavesOpen(problem: unknown): boolean {
  return !(problem instanceof Problem) || [0, 404, 409, 412].includes(problem.status)
}

/**
 * Reads again everything that the pages show. A first read that is still on its way is canceled: its answer may be
 * older than the change, and a second read would join it.
 */
function readAgain(queries: QueryClient): void {
  const first = queries.cancelQueries({ predicate: (query) => query.state.data === undefined })
  void first.then(() => queries.invalidateQueries())
}

/**
 * Changes something, says so, and reads again everything that may show it. It is done when the change is:
 * answers to the asking may be slow.
 */
export function useChange<Args, Result>(change: (args: Args) => Promise<Result>, said?: string | ((result: Result, args: Args) => string)) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (result, args) => {
      if (said !== undefined) notifications.show({ message: typeof said === 'string' ? said : said(result, args), color: 'green', autoClose: 3500 })
      readAgain(queries)
    },
    onError: (problem) => {
      if (leavesOpen(problem)) readAgain(queries)
    },
  })
}

/** Shows a problem where there is no room for it on the page. */
export function tellProblem(error: unknown): void {
  notifications.show({ title: error instanceof Problem ? error.title : 'Something went wrong', message: error instanceof Error ? error.message : String(error), color: 'red', autoClose: 8000 })
}

/** A change is made only while the thing is as it was seen, where a revision is given. */
export function seenAs(revision: number | undefined) {
  return revision === undefined ? {} : { header: { 'If-Match': String(revision) } }
}

export async function patchDestination(slug: string, body: Schemas['UpdateDestinationInputBody'], revision?: number) {
  const params = { path: { destination: slug }, ...seenAs(revision) }
  return (await unwrap(client.PATCH('/api/destinations/{destination}', { params, body }))).data as Destination
}

export async function listDestinations() {
  return (await unwrap(client.GET('/api/destinations'))).data as Destination[]
}

export async function readDestination(slug: string) {
  const params = { path: { destination: slug } }
  return (await unwrap(client.GET('/api/destinations/{destination}', { params }))).data as Destination
}

type MappingChange = Schemas['MappingChange']
const aMapping = '/api/destinations/{destination}/mappings/{mapping}'

export async function patchMapping(destination: string, mapping: string, body: MappingChange, revision?: number) {
  const params = { path: { destination, mapping }, ...seenAs(revision) }
  return (await unwrap(client.PATCH(aMapping, { params, body }))).data as Mapping
}

export async function createMapping(destination: string, body: unknown) {
  const params = { path: { destination } }
  const answer = client.POST('/api/destinations/{destination}/mappings', { params, body: body as never })
  return (await unwrap(answer)).data as Mapping
}

export async function readMapping(destination: string, mapping: string) {
  return (await unwrap(client.GET(aMapping, { params: { path: { destination, mapping } } }))).data as Mapping
}

export async function patchSource(source: string, body: Schemas['UpdateSourceInputBody'], revision?: number) {
  const params = { path: { source }, ...seenAs(revision) }
  return (await unwrap(client.PATCH('/api/sources/{source}', { params, body }))).data
}

export async function readSource(source: string) {
  return (await unwrap(client.GET('/api/sources/{source}', { params: { path: { source } } }))).data
}

export async function patchApp(app: string, body: Schemas['AppFields'], revision?: number) {
  return (await unwrap(client.PATCH('/api/apps/{app}', { params: { path: { app }, ...seenAs(revision) }, body }))).data
}

export async function readApp(app: string) {
  return (await unwrap(client.GET('/api/apps/{app}', { params: { path: { app } } }))).data
}
