import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

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
  return useQuery({ queryKey: ['sources', slug], staleTime: freshMillis, queryFn: async () => (await unwrap(client.GET('/api/sources/{source}', { params: { path: { source: slug } } }))).data })
}

export function useDestinations() {
  return useQuery({ queryKey: ['destinations'], staleTime: freshMillis, queryFn: async () => (await unwrap(client.GET('/api/destinations'))).data as Destination[] })
}

export function useDestination(slug: string) {
  return useQuery({
    queryKey: ['destinations', slug],
    staleTime: freshMillis,
    queryFn: async () => (await unwrap(client.GET('/api/destinations/{destination}', { params: { path: { destination: slug } } }))).data as Destination,
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

/** Changes something, then has everything that may show it asked for anew, and says so. */
export function useChange<Args, Result>(change: (args: Args) => Promise<Result>, said?: string | ((result: Result, args: Args) => string)) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: async (result, args) => {
      if (said !== undefined) notifications.show({ message: typeof said === 'string' ? said : said(result, args), color: 'green', autoClose: 3500 })
      await queries.invalidateQueries()
    },
  })
}

/** Shows a problem where there is no room for it on the page. */
export function tellProblem(error: unknown): void {
  notifications.show({ title: error instanceof Problem ? error.title : 'Something went wrong', message: error instanceof Error ? error.message : String(error), color: 'red', autoClose: 8000 })
}

export function patchDestination(slug: string, body: Schemas['UpdateDestinationInputBody']) {
  return unwrap(client.PATCH('/api/destinations/{destination}', { params: { path: { destination: slug } }, body }))
}

export function patchMapping(destination: string, mapping: string, body: Schemas['MappingChange'], revision?: number) {
  return unwrap(client.PATCH('/api/destinations/{destination}/mappings/{mapping}', { params: { path: { destination, mapping }, ...(revision === undefined ? {} : { header: { 'If-Match': String(revision) } }) }, body }))
}
