import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

import { SaveState } from '../../parts/SaveState'
import type { Drafted } from '../../parts/useDraft'
import styles from './Mapping.module.css'

interface Props<T extends object> {
  draft: Drafted<T>
  isNew: boolean
  dirty: boolean
  label: (member: keyof T) => string
  /** Why it cannot be saved as it is shown; empty: it can. */
  blocked: string
  onSave: () => void
  /** What is said where there is nothing else to say. */
  children?: ReactNode
}

/** The foot of an editor: whether everything is saved, and what can be done about it. */
export function SaveBar<T extends object>({ draft, isNew, dirty, label, blocked, onSave, children }: Props<T>) {
  const quiet = draft.meanwhile.length === 0 && draft.error === null
  const open = dirty && !isNew ? 'There are changes that are not saved.' : ''
  const said = dirty && blocked !== '' ? `${open} ${blocked}` : (children ?? (open || 'Everything is saved.'))
  return (
    <div className={styles.bar} data-save-bar>
      <div className={styles.barInside}>
        {quiet ? (
          <span className="muted small grow">{said}</span>
        ) : (
          <div className="grow"><SaveState draft={draft} label={label} /></div>
        )}
        {dirty && !isNew && (
          <Button variant="default" onClick={draft.discard}>
            Discard changes
          </Button>
        )}
        <Button
          loading={draft.saving}
          disabled={blocked !== '' || !(isNew || draft.canSave)}
          title={blocked || undefined}
          onClick={onSave}
        >
          Save
        </Button>
      </div>
    </div>
  )
}
