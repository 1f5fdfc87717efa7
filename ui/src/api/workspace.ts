import { useQuery } from '@tanstack/react-query'

import { client, type Schemas, unwrap } from './client'

export type Source = { slug: string; name: string; type: string; enabled: boolean; writeKeys: string[] }
export type Mapping = { id: string; name: string; action: string; enabled: boolean; trigger: string; fields: Record<string, unknown> }
export type Destination = { slug: string; name: string; source: string; type: string; enabled: boolean; settings: Record<string, unknown>; mappings: Mapping[] }
export type App = Schemas['App']

function useFile() {
  return useQuery({
    queryKey: ['workspace'],
    queryFn: async () => (await unwrap(client.GET('/api/workspace', { params: { query: { format: 'json' } } }))) as unknown as Schemas['File'],
  })
}

export function useSources() {
  const file = useFile()
  return { ...file, data: file.data && (file.data.sources ?? []).map((s) => ({ ...s, enabled: s.enabled ?? true, writeKeys: s.writeKeys ?? [] })) }
}

export function useDestinations() {
  const file = useFile()
  return { ...file, data: file.data && (file.data.destinations ?? []).map((d) => ({ ...d, enabled: d.enabled ?? true, mappings: (d.mappings ?? []).map((m) => ({ ...m, id: m.name, enabled: m.enabled ?? true })) })) as unknown as Destination[] }
}

export function useApps() {
  return useQuery({ queryKey: ['apps'], queryFn: async () => (await unwrap(client.GET('/api/apps'))).data })
}

export function useLedger(everyMillis = 2000) {
  return useQuery({ queryKey: ['ledger'], queryFn: () => unwrap(client.GET('/api/ledger')), refetchInterval: everyMillis })
}
