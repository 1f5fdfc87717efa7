import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

/** What a page remembers in its address, with the values that go without saying. */
export type Defaults = Record<string, string>

/** Reads a page's state from the query of an address. */
export function readState<D extends Defaults>(query: URLSearchParams, defaults: D): { [K in keyof D]: string } {
  const out = { ...defaults } as { [K in keyof D]: string }
  for (const key of Object.keys(defaults) as (keyof D & string)[]) {
    const value = query.get(key)
    if (value !== null) out[key] = value
  }
  return out
}

/** Writes changes into a query; what goes without saying is left out, and what is not ours stays. */
export function writeState<D extends Defaults>(query: URLSearchParams, defaults: D, changes: Partial<{ [K in keyof D]: string }>): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const [key, value] of Object.entries(changes) as [string, string | undefined][]) {
    if (value === undefined || value === defaults[key]) next.delete(key)
    else next.set(key, value)
  }
  return next
}

/** A page's state in its address, so that it can be shared. */
export function useUrlState<D extends Defaults>(defaults: D) {
  const [query, setQuery] = useSearchParams()
  const state = useMemo(() => readState(query, defaults), [query, defaults])
  const set = useCallback(
    (changes: Partial<{ [K in keyof D]: string }>) => {
      // What the page was last drawn with may be older than the address, when two changes follow each other.
      setQuery(() => writeState(new URLSearchParams(window.location.search), defaults, changes), { replace: true })
    },
    [setQuery, defaults],
  )
  return [state, set] as const
}
