import { useEffect, useRef } from 'react'
import { Link } from 'react-router'

import styles from './TabLinks.module.css'

/** Tabs that are pages of their own, each with its address. Where there is not room for all, the open one is in sight. */
export function TabLinks({ label, active, tabs }: { label: string; active: string; tabs: { id: string; label: string; to: string; note?: string | number }[] }) {
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    const all = nav.current
    if (all === null) return
    const show = () => {
      const open = all.querySelector<HTMLElement>('[aria-current]')
      if (open !== null) all.scrollLeft = open.offsetLeft - (all.offsetLeft + (all.clientWidth - open.offsetWidth) / 2)
    }
    const resized = new ResizeObserver(show) // it tells of the first size, too
    resized.observe(all)
    return () => resized.disconnect()
  }, [active])
  return (
    <nav ref={nav} aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={tab.to} aria-current={tab.id === active ? 'page' : undefined} className={styles.tab}>
          {tab.label}
          {tab.note !== undefined && <span className={styles.note}>{tab.note}</span>}
        </Link>
      ))}
    </nav>
  )
}
