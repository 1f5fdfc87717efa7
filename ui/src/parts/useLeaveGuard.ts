import { useEffect } from 'react'
import { useBlocker } from 'react-router'

/** Asks before changes are lost. */
export function useLeaveGuard(dirty: boolean) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname)
  useEffect(() => {
    if (blocker.state !== 'blocked') return
    if (window.confirm('There are changes that are not saved. Leave them?')) blocker.proceed()
    else blocker.reset()
  }, [blocker])
}
