import { useQuery } from '@tanstack/react-query'

import { client, type Schemas, send, unwrap } from '../api/client'
import { queries } from '../api/queries'
import { currentToken, setToken } from '../api/session'

export type Role = 'viewer' | 'editor' | 'owner'

export type Session = { state: 'asking' } | { state: 'out'; setup: boolean; error: unknown } | { state: 'in'; kind: string; name: string; email: string | undefined; role: Role; canChange: boolean; isOwner: boolean }

const sessionQuery = { queryKey: ['session'], staleTime: 60_000, retry: 1, queryFn: async () => (await unwrap(client.GET('/api/session'))).data }

/** Asks who is signed in before anything is drawn: while the first page is being loaded. */
export function askSession(): void {
  void queries.prefetchQuery(sessionQuery)
}

/** Who is signed in. */
export function useSession(): Session {
  const session = useQuery(sessionQuery)
  if (session.data === undefined) return session.error !== null ? { state: 'out', setup: false, error: session.error } : { state: 'asking' }
  const { principal } = session.data
  if (!session.data.signedIn || principal === undefined) return { state: 'out', setup: session.data.setup, error: null }
  const role = principal.role as Role
  return { state: 'in', kind: principal.kind, name: principal.name, email: session.data.email, role, canChange: role !== 'viewer', isOwner: role === 'owner' }
}

/** Whether whoever is signed in may change anything. */
export function useCanChange(): boolean {
  const session = useSession()
  return session.state === 'in' && session.canChange
}

/** Whether whoever is signed in is an owner. */
export function useIsOwner(): boolean {
  const session = useSession()
  return session.state === 'in' && session.isOwner
}

/**
 * Puts another session in the place of the one that was: nothing that was asked for is kept. An answer that is still on
 * its way says who was signed in before; it is not waited for any longer.
 */
export async function entered(session: Schemas['Session']): Promise<void> {
  await queries.cancelQueries({ queryKey: ['session'] })
  queries.setQueryData(['session'], session)
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
}

/** Tries a token, and keeps it in this tab. */
export async function enterByToken(token: string): Promise<boolean> {
  setToken(token)
  let session: Schemas['Session'] | undefined
  try {
    session = (await client.GET('/api/session')).data?.data
  } finally {
    if (session?.signedIn !== true) setToken(null) // also when no answer comes: it is not known to be one
  }
  if (session?.signedIn !== true) return false
  await entered(session)
  return true
}

export async function signOut(): Promise<void> {
  if (currentToken() === null) await send('/api/session', { method: 'DELETE' }).catch(() => undefined)
  setToken(null)
  window.location.assign('/') // nothing that was asked for is kept
}
