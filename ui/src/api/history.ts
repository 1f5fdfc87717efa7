import { useQuery } from '@tanstack/react-query'

import { chartSpan } from '../lib/chart'
import { rangeMillis, stepOf } from '../lib/range'
import { client, Problem, send, unwrap } from './client'
import { keepOf } from './queries'
import { MessageReader } from './sse'

const againMillis = 5000

/** What a source received in the last time, by step. */
export function useVolume(source: string, range: string) {
  return useQuery({
    queryKey: ['volume', source, range],
    refetchInterval: againMillis,
    placeholderData: keepOf(['volume', source]),
    queryFn: async () => {
      const step = stepOf(range)
      const span = chartSpan(rangeMillis(range), step, Date.now())
      const query = { since: new Date(span.since).toISOString(), until: new Date(span.until).toISOString(), step }
      return { ...(await unwrap(client.GET('/api/sources/{source}/volume', { params: { path: { source }, query } }))).data, ...span }
    },
  })
}

/** What became of a destination's events in the last time, by step; of one of its mappings, if that is named. */
export function useDeliveries(destination: string, range: string, mapping = '') {
  return useQuery({
    queryKey: ['deliveries', destination, mapping, range],
    refetchInterval: againMillis,
    placeholderData: keepOf(['deliveries', destination]),
    queryFn: async () => {
      const step = stepOf(range)
      const span = chartSpan(rangeMillis(range), step, Date.now())
      const query = { since: new Date(span.since).toISOString(), until: new Date(span.until).toISOString(), step, ...(mapping !== '' && { mapping }) }
      return { ...(await unwrap(client.GET('/api/destinations/{destination}/deliveries', { params: { path: { destination }, query } }))).data, ...span }
    },
  })
}

export type AnyEvent = Record<string, unknown> & { messageId?: string; type?: string; event?: string; name?: string }

/** The last events of a source, the newest first. */
export async function recentEvents(source: string, last: number, filter: Record<string, string> = {}, signal?: AbortSignal): Promise<AnyEvent[]> {
  const query = new URLSearchParams({ source, last: String(last), follow: 'false', ...filter })
  const response = await send(`/api/tail?${query}`, signal ? { signal } : {})
  if (!response.ok) throw Problem.of(response.status, await response.json().catch(() => null))
  return new MessageReader()
    .push(await response.text())
    .filter((m) => m.event === 'event')
    .map((m) => (JSON.parse(m.data) as { event: AnyEvent }).event)
    .reverse()
}

/** A sample of the last events of a source. */
export function useSample(source: string, last: number) {
  return useQuery({ queryKey: ['sample', source, last], staleTime: 15_000, queryFn: ({ signal }) => recentEvents(source, last, {}, signal) })
}
