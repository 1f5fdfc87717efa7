import { Button, Group, Modal, NumberInput, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'

import { client, type Schemas, unwrap } from '../../api/client'
import { type App, type Source, useChange } from '../../api/workspace'
import { bytes } from '../../lib/format'
import { ProblemBox } from '../../parts/states'
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

function Dialog({ what, error, busy, onSave, onOpen, children }: { what: string; error: unknown; busy: boolean; onSave: (done: () => void) => void; onOpen: () => void; children: ReactNode }) {
  const [open, dialog] = useDisclosure(false)
  return (
    <>
      <Button variant="default" size="compact-xs" leftSection={<IconPencil size={13} />} aria-label={`Change the retention of ${what}`} onClick={() => { onOpen(); dialog.open() }}>
        Change
      </Button>
      <Modal opened={open} onClose={dialog.close} title={`Retention of ${what}`} centered>
        <form className="stack" onSubmit={(e) => { e.preventDefault(); onSave(dialog.close) }}>
          {children}
          {error !== null && <ProblemBox error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
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
  const [form, setForm] = useState<RuleForm>(() => formOf(s.retention))
  const save = useChange(() => unwrap(client.PATCH('/api/sources/{source}', { params: { path: { source: s.slug }, header: { 'If-Match': String(s.revision) } }, body: { retention: ruleOf(form) } })), `The retention of ${s.name} is changed`)
  const number = (name: 'days' | 'size' | 'backlogHours' | 'backlogSize', label: string, flag: string, unit: string, max?: number) => (
    <NumberInput label={label} placeholder={byServer(flags, flag, unit)} value={form[name]} onChange={(v) => setForm((f) => ({ ...f, [name]: v === '' ? '' : Number(v) }))} min={0} {...(max === undefined ? {} : { max })} allowDecimal={name.endsWith('ize')} decimalScale={3} />
  )
  return (
    <Dialog what={s.name} error={save.error} busy={save.isPending} onOpen={() => { save.reset(); setForm(formOf(s.retention)) }} onSave={(done) => save.mutate(undefined, { onSuccess: done })}>
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
        onChange={(v) => setForm((f) => ({ ...f, whenFull: (v ?? '') as RuleForm['whenFull'] }))}
        allowDeselect={false}
      />
      <p className="muted small">What is older or more than this allows is removed for good. What some mapping has not settled stays.</p>
    </Dialog>
  )
}

/** Changes how long what an app received is kept. */
export function ChangeApp({ app: a }: { app: App }) {
  const [months, setMonths] = useState<number | ''>(a.retention?.months || '')
  const save = useChange(() => unwrap(client.PATCH('/api/apps/{app}', { params: { path: { app: a.slug }, header: { 'If-Match': String(a.revision) } }, body: { retention: months === '' ? {} : { months } } })), `The retention of ${a.name} is changed`)
  return (
    <Dialog what={a.name} error={save.error} busy={save.isPending} onOpen={() => { save.reset(); setMonths(a.retention?.months || '') }} onSave={(done) => save.mutate(undefined, { onSuccess: done })}>
      <NumberInput label="Keep what it received, in months" placeholder={`${monthsMax}, as long as it can be`} value={months} onChange={(v) => setMonths(v === '' ? '' : Number(v))} min={1} max={monthsMax} allowDecimal={false} data-autofocus />
      <p className="muted small">What is older is removed for good: raw events, and all that is counted of them.</p>
    </Dialog>
  )
}
