import { useEffect } from 'react'
import { useNavigate } from 'react-router'

const goes: Record<string, { to: string; label: string }> = {
  o: { to: '/', label: 'Overview' },
  w: { to: '/where', label: 'Where is my event?' },
  s: { to: '/sources', label: 'Sources' },
  d: { to: '/destinations', label: 'Destinations' },
  c: { to: '/catalog', label: 'Catalog' },
  a: { to: '/apps', label: 'Apps' },
}

const goMillis = 1200 // between g and the second key

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

/** Listens to the keys that work everywhere, and lists them. */
export function useShortcuts(showKeys: () => void): { keys: string; label: string }[] {
  const navigate = useNavigate()
  useEffect(() => {
    let wentAt = 0
    const onKey = (e: KeyboardEvent) => {
      if (e.metaKey || e.ctrlKey || e.altKey || isTyping(e.target)) return
      const go = goes[e.key]
      if (e.key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]')
        if (search === null) void navigate('/where')
        else {
          search.focus()
          search.select()
        }
        e.preventDefault()
      } else if (e.key === '?') showKeys()
      else if (e.key === 'g') wentAt = e.timeStamp
      else if (go !== undefined && e.timeStamp - wentAt < goMillis) void navigate(go.to)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate, showKeys])
  return [
    { keys: '/', label: 'Search on this page, or for an event' },
    { keys: '?', label: 'This list' },
    ...Object.entries(goes).map(([key, { label }]) => ({ keys: `g ${key}`, label })),
  ]
}
