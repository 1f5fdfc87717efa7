import { useSyncExternalStore } from 'react'

const key = 'penstock.token'
const listeners = new Set<() => void>()
let token = read()

function read(): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null // no storage: signed in until the page is left
  }
}

/** The token of this tab; null: nobody is signed in. */
export function currentToken(): string | null {
  return token
}

export function setToken(next: string | null): void {
  token = next
  try {
    if (next === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, next)
  } catch {
    // no storage
  }
  for (const listener of listeners) listener()
}

export function useToken(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => token,
  )
}
