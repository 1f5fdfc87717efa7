import { QueryClient } from '@tanstack/react-query'

/** A problem that asking again does not mend. */
function isFinal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status
  return typeof status === 'number' && status >= 400 && status < 500
}

/** What the pages have asked for. */
export const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 2000, refetchOnWindowFocus: true, retry: (count, error) => count < 3 && !isFinal(error) } },
})
