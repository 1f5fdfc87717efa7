import { ActionIcon, Button, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'

import type { Field } from '../../api/workspace'
import { withChosen } from '../../lib/options'
import { type PathOption, valueAt } from '../../lib/paths'
import { useSpelling } from '../../parts/useSpelling'
import { modeLabels, modeOf, modesOf, type Mode, readText, startOf, textOf } from './field'
import styles from './Mapping.module.css'
import { PathPicker } from './PathPicker'

interface Props {
  field: Field
  value: unknown
  onChange: (value: unknown) => void
  disabled: boolean
  event: unknown
  paths: PathOption[]
}

/** One field of a mapping, in the mode that suits its value. */
export function FieldEditor({ field, value, onChange, disabled, event, paths }: Props) {
  const [raw, setRaw] = useState(false) // every value can be shown as JSON; otherwise the value says how it is shown
  const mode = raw ? 'json' : modeOf(value, field.type)
  const id = `field-${field.key}`
  const fixed = (field.choices ?? []).length > 0 || field.type === 'boolean' || field.type === 'number'
  return (
    <div className={styles.field}>
      <div className={styles.fieldHead}>
        <label htmlFor={id}>
          {field.label}
          {field.required === true && <span className={styles.required}> *</span>}
        </label>
        {!disabled && (!fixed || mode !== 'literal') && (
          <Select
            aria-label={`How ${field.label} is filled in`}
            size="xs"
            w={136}
            data={modesOf(field.type).map((m) => ({ value: m, label: m === 'path' && field.type === 'object' ? 'Select object' : modeLabels[m] }))}
            value={mode}
            allowDeselect={false}
            onChange={(next) => {
              if (next === null) return
              setRaw(next === 'json')
              onChange(startOf(next as Mode, value, field.type))
            }}
          />
        )}
        {!disabled && fixed && mode === 'literal' && field.ofApp !== true && (
          <Button variant="subtle" size="compact-xs" onClick={() => onChange({ '@path': '' })}>
            Use an event variable
          </Button>
        )}
      </div>
      <Input id={id} field={field} mode={mode} value={value} onChange={onChange} disabled={disabled} event={event} paths={paths} />
      {field.description !== '' && <p className={styles.fieldHint}>{field.description}</p>}
    </div>
  )
}

function Input({ id, field, mode, value, onChange, disabled, event, paths }: Props & { id: string; mode: Mode }) {
  switch (mode) {
    case 'path':
      return <PathPicker id={id} label={field.label} value={textOf(value)} onChange={(path) => onChange({ '@path': path })} disabled={disabled} paths={paths} entire={field.type === 'object'} shown={textOf(value) === '' ? undefined : valueAt(event, textOf(value))} />
    case 'template':
      return <TextInput id={id} value={textOf(value)} onChange={(e) => onChange({ '@template': e.currentTarget.value })} disabled={disabled} placeholder="https://example.com/{{properties.region}}" styles={{ input: { fontFamily: 'var(--mono)' } }} />
    case 'object':
      return <ObjectRows label={field.label} value={(value ?? {}) as Record<string, unknown>} onChange={onChange} disabled={disabled} />
    case 'json':
      return <RawValue id={id} value={value} onChange={onChange} disabled={disabled} />
    case 'literal':
      return <Literal id={id} field={field} value={value} onChange={onChange} disabled={disabled} />
  }
}

function Literal({ id, field, value, onChange, disabled }: { id: string; field: Field; value: unknown; onChange: (value: unknown) => void; disabled: boolean }) {
  if ((field.choices ?? []).length > 0) {
    const chosen = typeof value === 'string' ? value : ''
    return (
      <Select
        id={id}
        data={withChosen(field.choices ?? [], chosen)}
        value={chosen || null}
        onChange={(v) => onChange(v ?? undefined)}
        disabled={disabled}
        placeholder="Choose"
        allowDeselect={field.required !== true}
      />
    )
  }
  if (field.type === 'boolean') return <Select id={id} data={[{ value: 'true', label: 'Yes' }, { value: 'false', label: 'No' }]} value={value === undefined || value === null ? null : String(value)} onChange={(v) => onChange(v === null ? undefined : v === 'true')} disabled={disabled} placeholder="Choose" allowDeselect={false} />
  if (field.type === 'number') return <NumberInput id={id} value={typeof value === 'number' ? value : ''} onChange={(v) => onChange(v === '' ? undefined : Number(v))} disabled={disabled} />
  if (field.multiple === true) return <TagsInput id={id} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} disabled={disabled} />
  return <TextInput id={id} value={textOf(value)} onChange={(e) => onChange(e.currentTarget.value)} disabled={disabled} placeholder={field.format === 'uri' ? 'https://' : ''} styles={field.format === 'uri' ? { input: { fontFamily: 'var(--mono)', fontSize: '0.8rem' } } : {}} />
}

function rowsOf(object: Record<string, unknown>): { key: string; text: string }[] {
  return Object.entries(object).map(([key, v]) => ({ key, text: textOf(v) }))
}

function ObjectRows({ label, value, onChange, disabled }: { label: string; value: Record<string, unknown>; onChange: (value: unknown) => void; disabled: boolean }) {
  const [rows, spell] = useSpelling(value, rowsOf)
  const show = (next: typeof rows) => {
    const object = Object.fromEntries(next.filter((r) => r.key !== '').map((r) => [r.key, readText(r.text)]))
    spell(next, object, next.every((r) => r.key !== ''))
    return object
  }
  const set = (next: typeof rows) => {
    const object = show(next)
    onChange(Object.keys(object).length === 0 ? undefined : object)
  }
  return (
    <div className="stack tight" role="group" aria-label={label}>
      {rows.map((row, i) => (
        <div key={i} className={styles.pair}>
          <TextInput aria-label="Key" placeholder="key" value={row.key} disabled={disabled} onChange={(e) => set(rows.map((r, k) => (k === i ? { ...r, key: e.currentTarget.value } : r)))} />
          <TextInput aria-label="Value" placeholder="text, $.path, or {{template}}" value={row.text} disabled={disabled} onChange={(e) => set(rows.map((r, k) => (k === i ? { ...r, text: e.currentTarget.value } : r)))} />
          {!disabled && (
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${row.key || 'row'}`} onClick={() => set(rows.filter((_, k) => k !== i))}>
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </div>
      ))}
      {rows.length === 0 && <span className="muted small">Left blank.</span>}
      {!disabled && (
        <div>
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconPlus size={13} />}
            onClick={() => show([...rows, { key: '', text: '' }])}
          >
            Add a key
          </Button>
        </div>
      )}
    </div>
  )
}

function RawValue({ id, value, onChange, disabled }: { id: string; value: unknown; onChange: (value: unknown) => void; disabled: boolean }) {
  const [text, spell] = useSpelling<unknown, string>(value ?? null, (value) => JSON.stringify(value, null, 2))
  const [wrong, setWrong] = useState('')
  return (
    <Textarea
      id={id}
      value={text}
      autosize
      minRows={2}
      maxRows={14}
      disabled={disabled}
      spellCheck={false}
      error={wrong || undefined}
      styles={{ input: { fontFamily: 'var(--mono)', fontSize: '0.78rem' } }}
      onChange={(e) => {
        try {
          const next: unknown = JSON.parse(e.currentTarget.value)
          spell(e.currentTarget.value, next)
          onChange(next)
          setWrong('')
        } catch (error) {
          spell(e.currentTarget.value, value ?? null, false)
          setWrong(`Not JSON yet: ${error instanceof Error ? error.message : ''}`)
        }
      }}
    />
  )
}
