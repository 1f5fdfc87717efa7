import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

import { CopyField } from '../../parts/small'

/** What is shown once, and never again: a link, a token, a key. */
export function ShownOnce({ value, label, children, onDone }: { value: string; label: string; children: ReactNode; onDone: () => void }) {
  return (
    <div className="stack">
      <p className="small">{children}</p>
      <CopyField value={value} label={label} />
      <Button onClick={onDone}>Done</Button>
    </div>
  )
}
