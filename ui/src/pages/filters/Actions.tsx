import { ActionIcon, Autocomplete, Button, NumberInput, Select, TagsInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMemo } from 'react'

import type { AnyEvent } from '../../api/history'
import styles from '../mapping/Mapping.module.css'
import { fieldsOf, objectsOf } from './condition'
import { type DraftAction, type Kind, kinds, type Members, newAction } from './draft'

interface Props {
  actions: DraftAction[]
  onChange: (actions: DraftAction[]) => void
  disabled: boolean
  event: AnyEvent
}

const actionsMax = 20

/** What a filter does with the events that meet its condition. */
export function Actions({ actions, onChange, disabled, event }: Props) {
  const set = (at: number, change: Partial<DraftAction>) => onChange(actions.map((a, i) => (i === at ? { ...a, ...change } : a)))
  return (
    <div className="stack tight">
      {actions.map((a, i) => (
        <div key={i} className={styles.group}>
          <div className="row" style={{ alignItems: 'flex-start' }}>
            <Select className="grow" aria-label="Action" data={kinds.map(({ value, label }) => ({ value, label }))} value={a.kind} onChange={(v) => v !== null && set(i, { kind: v as Kind })} disabled={disabled} allowDeselect={false} description={kinds.find((k) => k.value === a.kind)?.hint} inputWrapperOrder={['input', 'description']} />
            {actions.length > 1 && !disabled && (
              <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => onChange(actions.filter((_, k) => k !== i))} aria-label="Remove action">
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </div>
          {a.kind === 'SAMPLE' && <Sample action={a} onChange={(change) => set(i, change)} disabled={disabled} event={event} />}
          {(a.kind === 'DROP_PROPERTIES' || a.kind === 'ALLOW_PROPERTIES') && <MembersOf members={a.members} onChange={(members) => set(i, { members })} disabled={disabled} event={event} />}
        </div>
      ))}
      {!disabled && actions.length < actionsMax && (
        <div>
          <Button variant="default" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => onChange([...actions, newAction('DROP_PROPERTIES')])}>
            Add action
          </Button>
        </div>
      )}
    </div>
  )
}

function Sample({ action: a, onChange, disabled, event }: { action: DraftAction; onChange: (change: Partial<DraftAction>) => void; disabled: boolean; event: AnyEvent }) {
  const paths = useMemo(() => [...new Set(fieldsOf(event).map((f) => f.path))], [event])
  return (
    <div className={styles.condition}>
      <NumberInput label="Delivered, in percent" value={a.percent} onChange={(v) => onChange({ percent: Number(v) || 0 })} min={0} max={100} decimalScale={4} disabled={disabled} />
      <Autocomplete label="Together by" description="Events that have the same there are delivered or not together" placeholder="each by its messageId" data={paths} limit={60} value={a.path} onChange={(path) => onChange({ path })} disabled={disabled} inputWrapperOrder={['label', 'input', 'description']} />
    </div>
  )
}

function MembersOf({ members, onChange, disabled, event }: { members: Members[]; onChange: (members: Members[]) => void; disabled: boolean; event: AnyEvent }) {
  const objects = useMemo(() => objectsOf(event), [event])
  const places = [...new Set(['properties', 'context', 'traits', ...objects.map((o) => o.path)])]
  const set = (at: number, change: Partial<Members>) => onChange(members.map((m, i) => (i === at ? { ...m, ...change } : m)))
  return (
    <div className="stack tight">
      {members.map((m, i) => (
        <div key={i} className={styles.pair}>
          <Autocomplete aria-label="In the object" placeholder="the event itself" data={places} value={m.path} onChange={(path) => set(i, { path })} disabled={disabled} />
          <TagsInput aria-label="Properties" placeholder={m.names.length === 0 ? 'Names of properties' : ''} data={objects.find((o) => o.path === m.path)?.names ?? (m.path === '' ? ['properties', 'context', 'traits'] : [])} value={m.names} onChange={(names) => set(i, { names })} disabled={disabled} acceptValueOnBlur />
          {members.length > 1 && !disabled ? (
            <ActionIcon variant="subtle" color="gray" onClick={() => onChange(members.filter((_, k) => k !== i))} aria-label="Remove object">
              <IconTrash size={15} />
            </ActionIcon>
          ) : <span />}
        </div>
      ))}
      {!disabled && (
        <div>
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => onChange([...members, { path: 'context', names: [] }])}>
            Another object
          </Button>
        </div>
      )}
    </div>
  )
}
