import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

import styles from './states.module.css'
import { ProblemBox } from './states'
import type { Drafted } from './useDraft'

interface Props<T extends object> {
  draft: Pick<Drafted<T>, 'meanwhile' | 'keepMine' | 'loadTheirs' | 'error'>
  /** The members in the words of the form. */
  label: (member: keyof T) => string
}

/**
 * What stands between a form and its save: what somebody else has changed, or why the last save failed; nothing where
 * nothing does.
 */
export function SaveState<T extends object>({ draft, label }: Props<T>) {
  if (draft.meanwhile.length === 0) return draft.error === null ? null : <ProblemBox error={draft.error} />
  return (
    <div className={styles.meanwhile} role="alert">
      <p className="grow">
        <strong>Somebody else changed {draft.meanwhile.map(label).join(', ')} meanwhile.</strong> The form shows yours,
        which is not saved.
      </p>
      <Button variant="default" size="compact-sm" onClick={draft.loadTheirs}>
        Load theirs
      </Button>
      <Button variant="default" size="compact-sm" onClick={draft.keepMine}>
        Keep mine
      </Button>
    </div>
  )
}

/** Keeps a form as it was sent while something is made of it: there is no later state of it that could be saved. */
export function Held({ held, children }: { held: boolean; children: ReactNode }) {
  return (
    <fieldset disabled={held} className={styles.held}>
      {children}
    </fieldset>
  )
}
