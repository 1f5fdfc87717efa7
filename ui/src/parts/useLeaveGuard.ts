import { useEffect, useRef } from 'react'
import { useBlocker } from 'react-router'

/** Asks before changes are lost; what it returns is called where they are no longer wanted. */
export function useLeaveGuard(dirty: boolean): () => void {
  const open = useRef(false)
  const blocker = useBlocker(
    ({ currentLocation: here, nextLocation: next }) => dirty && !open.current && here.pathname !== next.pathname,
  )
  useEffect(() => {
    if (blocker.state !== 'blocked') return
    if (window.confirm('There are changes that are not saved. Leave them?')) blocker.proceed()
    else blocker.reset()
  }, [blocker])
  return () => {
    open.current = true
  }
}
