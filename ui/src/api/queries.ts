import { QueryClient, type QueryKey } from '@tanstack/react-query'

/** A problem that asking again does not fix. */
function isFinal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status
  return typeof status === 'number' && status >= 400 && status < 500
}

/**
 * The server may be this machine: whether a browser believes to be online says nothing about it, and nothing waits
 * for that.
 */
const networkMode = 'always'

/** What the pages have asked for. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode,
      staleTime: 2000,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      retry: (count, error) => count < 3 && !isFinal(error),
    },
    mutations: { networkMode },
  },
})

/**
 * Keeps the answer to the question before, marked as such, while the next one about the same thing is on its way;
 * about another thing, none is kept.
 */
export function keepOf(thing: QueryKey) {
  const same = JSON.stringify(thing)
  return <T>(previous: T | undefined, before?: { queryKey: QueryKey }): T | undefined =>
    JSON.stringify(before?.queryKey.slice(0, thing.length)) === same ? previous : undefined
}
