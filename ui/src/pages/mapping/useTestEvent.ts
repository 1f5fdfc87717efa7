import { useQuery } from '@tanstack/react-query'

import { client, unwrap } from '../../api/client'
import { type AnyEvent, recentEvents } from '../../api/history'

/** The test event: the one that was chosen, or the one that is named, or the newest of the source, of the type that is wanted. */
export function useTestEvent(source: string, named: string, type: string, chosen: AnyEvent | null): AnyEvent | null {
  const found = useQuery({
    queryKey: ['testEvent', source, named],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      if (named !== '') return (await unwrap(client.GET('/api/events/{messageId}', { params: { path: { messageId: named } }, signal }))).data.arrivals[0]?.event as AnyEvent | undefined ?? null
      return (await recentEvents(source, 1, type === '' ? {} : { type }, signal))[0] ?? null
    },
  })
  return chosen ?? found.data ?? null
}
