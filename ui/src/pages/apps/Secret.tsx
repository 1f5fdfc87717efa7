import type { ReactNode } from 'react'

import { CopyField } from '../../parts/small'
import styles from './apps.module.css'

/** A secret that is shown once. */
export function Secret({ value, label, children }: { value: string; label: string; children: ReactNode }) {
  return (
    <div className={styles.secret} role="status">
      <CopyField value={value} label={label} />
      <p className="small">{children}</p>
    </div>
  )
}
