import { IconCheck } from '@tabler/icons-react'

import styles from './Catalog.module.css'

/** Where one is in what takes several steps. */
export function Steps({ names, at }: { names: string[]; at: number }) {
  return (
    <ol className={styles.steps} style={{ padding: 0, margin: '0 0 16px' }} aria-label="Steps">
      {names.map((name, i) => (
        <li key={name} aria-current={i === at ? 'step' : undefined} data-done={i < at || undefined}>
          <span className={styles.number}>{i < at ? <IconCheck size={12} /> : i + 1}</span>
          {name}
          {i < names.length - 1 && <span aria-hidden>›</span>}
        </li>
      ))}
    </ol>
  )
}
