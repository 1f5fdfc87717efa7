import { type ReactNode, useEffect } from 'react'
import { Link } from 'react-router'

import styles from './Page.module.css'

interface Props {
  title: string
  crumbs?: { label: string; to: string }[]
  description?: ReactNode
  badge?: ReactNode
  actions?: ReactNode
  tabs?: ReactNode
  /** The page fills the window, and scrolls inside. */
  full?: boolean
  children: ReactNode
}

/** A page: where it stands, what it is called, what can be done here. */
export function Page({ title, crumbs = [], description, badge, actions, tabs, full = false, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Penstock`
  }, [title])
  return (
    <div className={full ? `${styles.page} ${styles.full}` : styles.page}>
      <header className={styles.header}>
        <div className={styles.names}>
          {crumbs.length > 0 && (
            <nav aria-label="Breadcrumb" className={styles.crumbs}>
              {crumbs.map((crumb) => (
                <span key={crumb.to}>
                  <Link to={crumb.to}>{crumb.label}</Link>
                  <span aria-hidden> / </span>
                </span>
              ))}
            </nav>
          )}
          <div className={styles.title}>
            <h1 className="clip">{title}</h1>
            {badge}
          </div>
          {description !== undefined && <p className={styles.description}>{description}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {tabs}
      <div className={styles.content}>{children}</div>
    </div>
  )
}
