import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core'

import type { Field, Fields } from '../../api/workspace'

/** The settings of a destination, as its definition has them. */
export function SettingsFields({ fields, values, onChange, disabled = false }: { fields: Field[]; values: Fields; onChange: (values: Fields) => void; disabled?: boolean }) {
  const shown = fields.filter((f) => f.hidden !== true)
  if (shown.length === 0) return <p className="muted small">It needs no settings.</p>
  return (
    <div className="stack">
      {shown.map((f) => {
        const value = values[f.key]
        const set = (next: unknown) => onChange({ ...values, [f.key]: next })
        const common = { label: f.label, description: f.description, required: f.required === true, disabled }
        if ((f.choices ?? []).length > 0) return <Select key={f.key} {...common} data={(f.choices ?? []).map((c) => ({ value: c.value, label: c.label }))} value={typeof value === 'string' ? value : null} onChange={set} />
        if (f.type === 'password') return <PasswordInput key={f.key} {...common} value={String(value ?? '')} placeholder="not set" autoComplete="off" onChange={(e) => set(e.currentTarget.value)} />
        if (f.type === 'boolean') return <Switch key={f.key} label={f.label} description={f.description} disabled={disabled} checked={value === true} onChange={(e) => set(e.currentTarget.checked)} />
        if (f.type === 'number') return <NumberInput key={f.key} {...common} value={typeof value === 'number' ? value : ''} onChange={(v) => set(v === '' ? null : Number(v))} />
        if (f.type === 'object') return <Textarea key={f.key} {...common} autosize minRows={3} value={value === undefined ? '' : JSON.stringify(value)} onChange={(e) => set(e.currentTarget.value)} />
        return <TextInput key={f.key} {...common} value={String(value ?? '')} onChange={(e) => set(e.currentTarget.value)} />
      })}
    </div>
  )
}

/** What of the settings is sent: nothing that is empty and was never there. */
export function settingsToSend(values: Fields, before: Fields): Fields {
  const out: Fields = {}
  for (const [key, value] of Object.entries(values)) {
    if (value === before[key]) continue
    out[key] = value === '' ? null : value
  }
  return out
}
