import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core'

import type { Field, Fields } from '../../api/workspace'
import { withChosen } from '../../lib/options'

interface Props {
  fields: Field[]
  values: Fields
  onChange: (key: string, value: unknown) => void
  disabled?: boolean
}

/** The settings of a destination, as its definition has them. */
export function SettingsFields({ fields, values, onChange, disabled = false }: Props) {
  const shown = fields.filter((f) => f.hidden !== true)
  if (shown.length === 0) return <p className="muted small">It needs no settings.</p>
  return (
    <div className="stack">
      {shown.map((f) => {
        const value = values[f.key]
        const set = (next: unknown) => onChange(f.key, next)
        const common = { label: f.label, description: f.description, required: f.required === true, disabled }
        const text = typeof value === 'string' ? value : ''
        const choices = f.choices ?? []
        if (choices.length > 0) {
          return <Select key={f.key} {...common} data={withChosen(choices, text)} value={text || null} onChange={set} />
        }
        if (f.type === 'password') return <PasswordInput key={f.key} {...common} value={String(value ?? '')} placeholder="not set" autoComplete="off" onChange={(e) => set(e.currentTarget.value)} />
        if (f.type === 'boolean') return <Switch key={f.key} label={f.label} description={f.description} disabled={disabled} checked={value === true} onChange={(e) => set(e.currentTarget.checked)} />
        if (f.type === 'number') return <NumberInput key={f.key} {...common} value={typeof value === 'number' ? value : ''} onChange={(v) => set(v === '' ? null : Number(v))} />
        if (f.type === 'object') return <Textarea key={f.key} {...common} autosize minRows={3} value={value === undefined ? '' : JSON.stringify(value)} onChange={(e) => set(e.currentTarget.value)} />
        return <TextInput key={f.key} {...common} value={String(value ?? '')} onChange={(e) => set(e.currentTarget.value)} />
      })}
    </div>
  )
}

const ofSetting = 'settings.'

/** The settings as members of a form, beside its own. */
export function settingMembers(settings: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [ofSetting + key, value]))
}

/** The settings among the members of a form. */
export function settingsAmong(members: Record<string, unknown>): Fields {
  const among = Object.entries(members).filter(([key]) => key.startsWith(ofSetting))
  return Object.fromEntries(among.map(([key, value]) => [key.slice(ofSetting.length), value]))
}

/** Settings as they are sent: what is empty is taken away. */
export function settingsToSend(settings: Fields): Fields {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, value === '' ? null : value]))
}

/** A member as it would be saved: what is empty is not there. */
export function plainSetting(value: unknown): unknown {
  return value === '' || value === null ? undefined : value
}
