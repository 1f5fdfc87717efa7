import { ActionIcon, Autocomplete, Button, NumberInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'

import { pathsOf } from '../../lib/paths'
import { Earlier } from '../../parts/states'
import {
  type Condition, changed, fieldLabels, firstCondition, type Form, type Group, isMember, operatorsOf, takes, typeLabels,
} from './conditions'
import styles from './Mapping.module.css'
import type { Trigger } from './useTrigger'

interface Props {
  text: string
  trigger: Trigger
  disabled: boolean
  event: unknown
  names: string[]
}

/** What is wrong with the text, where it is known. */
function wrongWith({ state, complete, read: r }: Trigger): string | undefined {
  if (state === 'unwritten' && !complete) return 'A condition above is not complete; the text is still as before'
  if (state === 'unwritten' || r === undefined || r.valid) return undefined
  const expected = r.error?.expected ? `; ${r.error.expected} could stand there` : ''
  return `At ${r.error?.pos ?? 0}: ${r.error?.message ?? 'not a trigger'}${expected}`
}

/** Which events are sent: conditions, and the same as a text. What is changed in one is at once in the other. */
export function TriggerEditor({ text, trigger: t, disabled, event, names }: Props) {
  const r = t.read
  return (
    <div className="stack">
      {t.form !== null ? (
        <Earlier when={t.state === 'unread'}>
          <Builder form={t.form} onChange={t.changeForm} disabled={disabled} event={event} names={names} />
        </Earlier>
      ) : r?.valid === true && r.formError !== undefined ? (
        <p className={styles.hint}>This trigger cannot be shown as conditions ({r.formError.message}). Change its text below.</p>
      ) : null}
      <Textarea
        label="As a text"
        value={text}
        onChange={(e) => t.changeText(e.currentTarget.value)}
        disabled={disabled}
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: '0.78rem' } }}
        error={wrongWith(t)}
      />
      {t.failed !== null && (
        <div role="alert" className={styles.warning}>
          The trigger could not be {t.state === 'unread' ? 'read' : 'written'}: {t.failed.message}{' '}
          <Button variant="default" size="compact-xs" onClick={t.again}>
            Try again
          </Button>
        </div>
      )}
      {(t.state === 'unwritten' ? [] : (r?.warnings ?? [])).map((w) => (
        <p key={w.code + w.pos} className={styles.warning}>
          {w.read} {w.instead !== '' && <>What was probably meant: <code>{w.instead}</code></>}
        </p>
      ))}
    </div>
  )
}

function Builder({ form, onChange, disabled, event, names }: { form: Form; onChange: (form: Form) => void; disabled: boolean; event: unknown; names: string[] }) {
  const setGroup = (at: number, group: Group | null) => onChange({ ...form, groups: form.groups.flatMap((g, i) => (i === at ? (group === null ? [] : [group]) : [g])) })
  return (
    <div className="stack tight">
      {form.groups.map((group, i) => (
        <div key={i}>
          {i > 0 && <Join value={form.join} onChange={(join) => onChange({ ...form, join })} disabled={disabled} label="Between the groups" />}
          <div className={styles.group}>
            {group.conditions.map((c, n) => (
              <div key={n}>
                {n > 0 && <Join value={group.join} onChange={(join) => setGroup(i, { ...group, join })} disabled={disabled} label="Between the conditions" />}
                <ConditionRow
                  condition={c}
                  disabled={disabled}
                  event={event}
                  names={names}
                  onChange={(next) => setGroup(i, { ...group, conditions: group.conditions.map((x, k) => (k === n ? next : x)) })}
                  onRemove={form.groups.length === 1 && group.conditions.length === 1 ? undefined : () => setGroup(i, group.conditions.length === 1 ? null : { ...group, conditions: group.conditions.filter((_, k) => k !== n) })}
                />
              </div>
            ))}
            {!disabled && (
              <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setGroup(i, { ...group, conditions: [...group.conditions, { field: 'event', operator: '=' }] })}>
                Add condition
              </Button>
            )}
          </div>
        </div>
      ))}
      {!disabled && (
        <div>
          <Button variant="default" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => onChange({ ...form, groups: [...form.groups, { join: 'and', conditions: [firstCondition] }] })}>
            Add group
          </Button>
        </div>
      )}
    </div>
  )
}

function Join({ value, onChange, disabled, label }: { value: string; onChange: (value: string) => void; disabled: boolean; label: string }) {
  return <SegmentedControl aria-label={label} className={styles.join} size="xs" value={value} disabled={disabled} onChange={onChange} data={[{ value: 'and', label: 'and' }, { value: 'or', label: 'or' }]} />
}

interface RowProps {
  condition: Condition
  onChange: (condition: Condition) => void
  onRemove: (() => void) | undefined
  disabled: boolean
  event: unknown
  names: string[]
}

function ConditionRow({ condition: c, onChange, onRemove, disabled, event, names }: RowProps) {
  const set = (change: Partial<Condition>) => onChange(changed(c, change))
  const members = isMember(c.field) ? pathsOf((event as Record<string, unknown> | undefined)?.[c.field]).map((p) => p.path.slice(2)) : []
  return (
    <div className={styles.condition}>
      <Select aria-label="Field" data={fieldLabels} value={c.field} onChange={(v) => v !== null && set({ field: v })} disabled={disabled} allowDeselect={false} />
      {isMember(c.field) && <Autocomplete aria-label="Name" placeholder="name, as in plan" data={members} value={c.name ?? ''} onChange={(name) => set({ name })} disabled={disabled} />}
      <Select aria-label="Operator" data={operatorsOf(c.field)} value={c.operator} onChange={(v) => v !== null && set({ operator: v })} disabled={disabled} allowDeselect={false} />
      <ConditionValue condition={c} set={set} disabled={disabled} names={names} />
      {onRemove !== undefined && !disabled && (
        <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label="Remove condition">
          <IconTrash size={15} />
        </ActionIcon>
      )}
    </div>
  )
}

function ConditionValue({ condition: c, set, disabled, names }: { condition: Condition; set: (change: Partial<Condition>) => void; disabled: boolean; names: string[] }) {
  const kind = takes(c.operator)
  if (kind === 'nothing') return null
  if (kind === 'number') return <NumberInput aria-label="Value" value={typeof c.value === 'number' ? c.value : ''} onChange={(v) => set({ value: v === '' ? undefined : Number(v) })} disabled={disabled} />
  if (c.field === 'type' && ['=', '!='].includes(c.operator)) return <Select aria-label="Value" data={typeLabels} value={String(c.value ?? '')} onChange={(v) => v !== null && set({ value: v })} disabled={disabled} allowDeselect={false} />
  const value = String(c.value ?? '')
  if (c.field === 'event') return <Autocomplete aria-label="Value" placeholder="Example Event Name" data={names} value={value} onChange={(v) => set({ value: v })} disabled={disabled} />
  return <TextInput aria-label="Value" value={value} onChange={(e) => set({ value: e.currentTarget.value })} disabled={disabled} />
}
