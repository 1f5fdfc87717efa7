import { useEffect, useRef } from 'react'
import { type To, useNavigate } from 'react-router'

/** Leads on once something is done; whoever has gone elsewhere meanwhile stays there. */
export function useGo(): (to: To) => void {
  const navigate = useNavigate()
  const here = useRef(false)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  return (to) => {
    if (here.current) void navigate(to)
  }
}
