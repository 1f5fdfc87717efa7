import { Link } from 'react-router'

import styles from './TabLinks.module.css'

/** Tabs that are pages of their own, each with its address. */
export function TabLinks({ label, active, tabs }: { label: string; active: string; tabs: { id: string; label: string; to: string; note?: string | number }[] }) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={tab.to} aria-current={tab.id === active ? 'page' : undefined} className={styles.tab}>
          {tab.label}
          {tab.note !== undefined && <span className={styles.note}>{tab.note}</span>}
        </Link>
      ))}
    </nav>
  )
}
