import { Button, Group, Modal, NumberInput, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'

import type { Schemas } from '../../api/client'
import { type App, patchApp, patchSource, readApp, readSource, type Source } from '../../api/workspace'
import { bytes } from '../../lib/format'
import { Newest } from '../../lib/newest'
import { SaveState } from '../../parts/SaveState'
import { type Drafted, useDraft } from '../../parts/useDraft'
import { formOf, type RuleForm, ruleOf } from './retention'

const daysMax = 3650
const monthsMax = 84

type Flags = Schemas['SettingInfo'][]

/** What the server says where a rule says nothing, as the hint of a field. */
function byServer(flags: Flags, name: string, unit: string): string {
  const value = flags.find((f) => f.name === name)?.value ?? ''
  if (value === '' || value === '0') return 'as the server: no limit'
  return `as the server: ${name.endsWith('-bytes') ? bytes(Number(value)) : `${value} ${unit}`}`
}

const memberLabels: Record<keyof RuleForm, string> = {
  days: 'the days',
  size: 'the size',
  backlogHours: 'the hours of the backlog',
  backlogSize: 'the size of the backlog',
  whenFull: 'what happens when the backlog is full',
}

interface DialogProps<T extends object> {
  what: string
  draft: Drafted<T>
  label: (member: keyof T) => string
  children: ReactNode
}

/** A form in a dialog. It is reset whenever the dialog opens, and closes once everything is saved. */
function Dialog<T extends object>({ what, draft, label, children }: DialogProps<T>) {
  const [open, dialog] = useDisclosure(false)
  const [opened] = useState(() => new Newest())
  const begin = () => {
    opened.begin()
    draft.discard()
    dialog.open()
  }
  const save = async () => {
    const counts = opened.begin()
    if ((await draft.save()).all && counts()) dialog.close()
  }
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconPencil size={13} />}
        aria-label={`Change the retention of ${what}`}
        onClick={begin}
      >
        Change
      </Button>
      <Modal opened={open} onClose={dialog.close} title={`Retention of ${what}`} centered>
        <form className="stack" onSubmit={(e) => { e.preventDefault(); void save() }}>
          {children}
          <SaveState draft={draft} label={label} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close}>
              Cancel
            </Button>
            <Button type="submit" loading={draft.saving} disabled={draft.meanwhile.length > 0}>
              Save
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  )
}

/** Changes how long a source is kept. */
export function ChangeSource({ source: s, flags }: { source: Source; flags: Flags }) {
  const edited = useDraft<Source, RuleForm>({
    saved: s,
    members: (seen) => formOf(seen?.retention),
    write: (form, _, seen) => patchSource(s.slug, { retention: ruleOf(form) }, seen?.revision),
    read: () => readSource(s.slug),
    said: `The retention of ${s.name} is changed`,
  })
  const form = edited.values
  const number = (name: 'days' | 'size' | 'backlogHours' | 'backlogSize', label: string, flag: string, unit: string, max?: number) => (
    <NumberInput
      label={label}
      placeholder={byServer(flags, flag, unit)}
      value={form[name]}
      onChange={(v) => edited.set({ [name]: v === '' ? '' : Number(v) })}
      min={0}
      {...(max === undefined ? {} : { max })}
      allowDecimal={name.endsWith('ize')}
      decimalScale={3}
    />
  )
  return (
    <Dialog what={s.name} draft={edited} label={(member) => memberLabels[member]}>
      <div className="halves">
        {number('days', 'Keep events, in days', 'retention-days', 'days', daysMax)}
        {number('size', 'At most, in GB', 'retention-bytes', '')}
        {number('backlogHours', 'Backlog, in hours', 'backlog-hours', 'hours')}
        {number('backlogSize', 'Backlog, in GB', 'backlog-bytes', '')}
      </div>
      <Select
        label="When the backlog is full"
        data={[{ value: '', label: 'As the server: refuse new events' }, { value: 'refuse', label: 'Refuse new events, with 503' }, { value: 'discard', label: 'Discard the oldest, and count them so' }]}
        value={form.whenFull}
        onChange={(v) => edited.set({ whenFull: (v ?? '') as RuleForm['whenFull'] })}
        allowDeselect={false}
      />
      <p className="muted small">What is older or more than this allows is removed for good. What some mapping has not settled stays.</p>
    </Dialog>
  )
}

/** Changes how long what an app received is kept. */
export function ChangeApp({ app: a }: { app: App }) {
  const edited = useDraft<App, { months: number | '' }>({
    saved: a,
    members: (seen) => ({ months: seen?.retention?.months || '' }),
    write: ({ months }, _, seen) => patchApp(a.slug, { retention: months === '' ? {} : { months } }, seen?.revision),
    read: () => readApp(a.slug),
    said: `The retention of ${a.name} is changed`,
  })
  return (
    <Dialog what={a.name} draft={edited} label={() => 'the months'}>
      <NumberInput
        label="Keep what it received, in months"
        placeholder={`${monthsMax}, as long as it can be`}
        value={edited.values.months}
        onChange={(v) => edited.set({ months: v === '' ? '' : Number(v) })}
        min={1}
        max={monthsMax}
        allowDecimal={false}
        data-autofocus
      />
      <p className="muted small">What is older is removed for good: raw events, and all that is counted of them.</p>
    </Dialog>
  )
}
