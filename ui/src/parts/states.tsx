import { Button } from '@mantine/core'
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { Problem } from '../api/client'
import styles from './states.module.css'

/** What went wrong, and what to do: the API's own words. */
export function ProblemBox({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : new Problem(0, 'Something went wrong on this page', error instanceof Error ? error.message : String(error))
  return (
    <div className={styles.problem} role="alert">
      <IconAlertTriangle size={18} stroke={1.8} aria-hidden />
      <div className="grow">
        <strong>{problem.title}</strong>
        {problem.message !== problem.title && <p>{problem.message}</p>}
        {problem.details.length > 0 && (
          <ul>
            {problem.details.map((d, i) => (
              <li key={i}>
                {d.location !== undefined && d.location !== '' && <code>{d.location}</code>} {d.message}
              </li>
            ))}
          </ul>
        )}
      </div>
      {retry !== undefined && (
        <Button variant="default" size="compact-xs" leftSection={<IconRefresh size={13} />} onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Nothing is here yet, and what to do next. */
export function Empty({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {icon !== undefined && <div className={styles.icon}>{icon}</div>}
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  )
}

/** Keeps the room of lines that are still to come. */
export function Bones({ rows = 4, height = 18, pad = true }: { rows?: number; height?: number; pad?: boolean }) {
  return (
    <div className={pad ? styles.bones : styles.bare} role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="bone" style={{ height, width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  )
}

/** What answers a question before the present one is marked so. */
export function Earlier({ when, children }: { when: boolean; children: ReactNode }) {
  return (
    <div className={styles.earlier} aria-busy={when || undefined}>
      {children}
    </div>
  )
}

/** Shows what a query found; until then bones, and a problem where it failed. */
export function Loaded<T>({ query, children, bones }: { query: UseQueryResult<T>; children: (data: T) => ReactNode; bones?: ReactNode }) {
  if (query.data !== undefined) return <Earlier when={query.isPlaceholderData}>{children(query.data)}</Earlier>
  if (query.error !== null) return <ProblemBox error={query.error} retry={() => void query.refetch()} />
  return bones ?? <Bones />
}
