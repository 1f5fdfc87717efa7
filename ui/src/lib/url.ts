import { useCallback, useEffect, useState } from 'react'
import { useLocation, useNavigate, useNavigationType } from 'react-router'

import { type Arrival, arrive, ask, begin, type Read } from './question'

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

/**
 * What a page asks, of which its address is a copy that can be shared. It is changed at once, from the newest one; the
 * router, which may draw a page with an older address, follows.
 */
export function useQuestion<Q>(read: Read<Q>, write: (question: Q, query: URLSearchParams) => URLSearchParams) {
  const location = useLocation()
  const type = useNavigationType()
  const navigate = useNavigate()
  // Back and forward lead to an address that the page has written, too: there it is gone to.
  const copy = type === 'REPLACE' && (location.state as { copy?: boolean } | null)?.copy === true
  const arrival: Arrival = { key: location.key, search: location.search, copy }
  const [held, setHeld] = useState(() => begin(arrival, read))
  const asked = arrive(held, arrival, read)
  if (asked !== held) setHeld(asked)
  useEffect(() => {
    if (!asked.own) return
    const query = write(asked.question, new URLSearchParams(location.search))
    void navigate({ search: `?${query}` }, { replace: true, state: { copy: true } })
  }, [asked.question]) // eslint-disable-line react-hooks/exhaustive-deps
  const change = useCallback((change: (now: Q) => Q) => setHeld((now) => ask(now, change)), [])
  return [asked.question, change] as const
}

/** A page's state in its address, where each value that goes without saying is left out. */
export function useUrlState<D extends Defaults>(defaults: D) {
  type State = { [K in keyof D]: string }
  const [state, change] = useQuestion<State>(
    (query) => readState(query, defaults),
    (now, query) => writeState(query, defaults, now),
  )
  const set = useCallback((changes: Partial<State>) => change((now) => ({ ...now, ...changes })), [change])
  return [state, set] as const
}
