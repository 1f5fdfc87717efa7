import { Combobox, InputBase, useCombobox } from '@mantine/core'
import { useState } from 'react'

import { entireEvent, type PathOption } from '../../lib/paths'
import styles from './Mapping.module.css'

interface Props {
  id: string
  label: string
  value: string
  onChange: (path: string) => void
  disabled: boolean
  paths: PathOption[]
  entire: boolean // the whole event suits
  shown: unknown // what lies at the value
}

const offered = 80

/** A place in the event: searched for in the test event, or written. */
export function PathPicker({ id, label, value, onChange, disabled, paths, entire, shown }: Props) {
  const combobox = useCombobox({ onDropdownClose: () => { combobox.resetSelectedOption(); setText(null) } })
  const [text, setText] = useState<string | null>(null) // while it is typed
  const name = value === entireEvent ? 'The entire event' : value
  const search = (text ?? '').toLowerCase()
  const all: PathOption[] = entire ? [{ path: entireEvent, preview: '', type: 'object' }, ...paths] : paths
  const found = all.filter((p) => search === '' || `${p.path === entireEvent ? 'the entire event $event' : ''} ${p.path} ${p.preview}`.toLowerCase().includes(search)).slice(0, offered)
  const own = (text ?? '').trim()
  const pick = (path: string) => {
    onChange(path)
    setText(null)
    combobox.closeDropdown()
  }
  return (
    <div>
      <Combobox store={combobox} onOptionSubmit={pick} withinPortal>
        <Combobox.Target>
          <InputBase
            id={id}
            disabled={disabled}
            value={text ?? name}
            placeholder="Search event variables"
            rightSection={<Combobox.Chevron />}
            rightSectionPointerEvents="none"
            onChange={(e) => {
              setText(e.currentTarget.value)
              combobox.openDropdown()
              combobox.updateSelectedOptionIndex()
            }}
            onClick={() => combobox.openDropdown()}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            styles={{ input: { fontFamily: value === entireEvent && text === null ? undefined : 'var(--mono)', fontSize: '0.8rem' } }}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options mah={300} style={{ overflowY: 'auto' }} aria-label={`Event variables for ${label}`}>
            {found.map((p) => (
              <Combobox.Option key={p.path} value={p.path}>
                <span className={styles.option}>
                  <span className={p.path === entireEvent ? '' : 'mono'}>{p.path === entireEvent ? 'The entire event' : p.path}</span>
                  <span className="muted clip">{p.path === entireEvent ? '$event, as it came' : p.preview}</span>
                </span>
              </Combobox.Option>
            ))}
            {own.startsWith('$') && !found.some((p) => p.path === own) && <Combobox.Option value={own}>Use the path {own}</Combobox.Option>}
            {found.length === 0 && !own.startsWith('$') && <Combobox.Empty>{paths.length === 0 ? 'Load a test event, and its variables are listed here' : 'Nothing is called so; a path begins with $.'}</Combobox.Empty>}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {value !== '' && value !== entireEvent && paths.length > 0 && (
        <p className={styles.fieldHint}>
          In the test event: {shown === undefined ? <em>nothing is there</em> : <code>{JSON.stringify(shown).slice(0, 90)}</code>}
        </p>
      )}
    </div>
  )
}
