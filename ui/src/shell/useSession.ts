import { setToken, useToken } from '../api/session'

export type Session = { state: 'asking' } | { state: 'out' } | { state: 'in'; name: string; role: string; canChange: boolean }

export function useSession(): Session {
  const token = useToken()
  if (token === null) return { state: 'out' }
  return { state: 'in', name: 'Administrator', role: 'Signed in by token', canChange: true }
}

export async function signOut(): Promise<void> {
  setToken(null)
}

/** Whether whoever is signed in may change anything. */
export function useCanChange(): boolean {
  const session = useSession()
  return session.state === 'in' && session.canChange
}
