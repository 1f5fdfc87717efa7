import { Autocomplete, Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMemo, useState } from 'react'

import { Problem } from '../../api/client'
import type { AnyEvent } from '../../api/history'
import styles from '../mapping/Mapping.module.css'
import { comparison, fieldsOf, joined, operators } from './condition'

interface Props {
  condition: string
  onChange: (condition: string) => void
  disabled: boolean
  event: AnyEvent
  error: unknown
}

/** What is wrong with the condition, where a problem is about it. */
function wrongWith(error: unknown): string | undefined {
  return error instanceof Problem ? error.details.find((d) => d.location === 'body.if')?.message : undefined
}

/** Which events a filter is for: a statement, with help from the fields of the test event. */
export function ConditionEditor({ condition, onChange, disabled, event, error }: Props) {
  const every = condition.trim() === 'all'
  const [kept, setKept] = useState(every ? '' : condition) // while every event is meant
  return (
    <div className="stack">
      <SegmentedControl
        aria-label="Events"
        value={every ? 'all' : 'some'}
        disabled={disabled}
        style={{ alignSelf: 'flex-start' }}
        data={[{ value: 'some', label: 'Events where' }, { value: 'all', label: 'Every event' }]}
        onChange={(mode) => {
          if (mode === 'all') setKept(condition)
          onChange(mode === 'all' ? 'all' : kept)
        }}
      />
      {!every && (
        <>
          <Textarea
            label="Condition"
            value={condition}
            onChange={(e) => onChange(e.currentTarget.value)}
            disabled={disabled}
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            placeholder='contains(properties.email, "@acme.com")'
            styles={{ input: { fontFamily: 'var(--mono)', fontSize: '0.78rem' } }}
            error={condition.trim() === '' ? 'Write a condition, or add a comparison below' : wrongWith(error)}
          />
          {!disabled && <Add event={event} onAdd={(more) => onChange(joined(condition, more))} />}
          <p className="muted tiny">
            A statement of the Filter Query Language: <code>and</code>, <code>or</code>, <code>!</code>, <code>=</code>, <code>in</code>, and functions such as <code>contains</code>, <code>match</code>, <code>length</code>, <code>lowercase</code>. What is missing is <code>null</code>.
          </p>
        </>
      )}
    </div>
  )
}

/** One more comparison, put together from a field of the event. */
function Add({ event, onAdd }: { event: AnyEvent; onAdd: (comparison: string) => void }) {
  const fields = useMemo(() => [...new Map(fieldsOf(event).map((f) => [f.path, f])).values()], [event])
  const [path, setPath] = useState('')
  const [operator, setOperator] = useState('=')
  const [value, setValue] = useState('')
  const there = fields.find((f) => f.path === path)?.value
  const alone = operator === 'exists' || operator === 'missing'
  return (
    <div className={styles.group}>
      <div className={styles.condition}>
        <Autocomplete aria-label="Field" placeholder="properties.plan" data={fields.map((f) => f.path)} limit={60} value={path} onChange={setPath} />
        <Select aria-label="Operator" data={operators} value={operator} onChange={(v) => v !== null && setOperator(v)} allowDeselect={false} />
        {!alone && <TextInput aria-label="Value" placeholder={there === undefined || there === null || typeof there === 'object' ? 'Value' : `as in ${String(there).slice(0, 40)}`} value={value} onChange={(e) => setValue(e.currentTarget.value)} />}
      </div>
      <Button variant="default" size="compact-xs" leftSection={<IconPlus size={13} />} disabled={path.trim() === ''} onClick={() => { onAdd(comparison(path.trim(), operator, value, there)); setValue('') }}>
        Add to the condition
      </Button>
    </div>
  )
}
