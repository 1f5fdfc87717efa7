import { Button, Checkbox, Textarea } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { Problem, type Schemas, send } from '../../api/client'
import { useChange } from '../../api/workspace'
import { plural } from '../../lib/format'
import { Code } from '../../parts/Json'
import { Card, Pill, type Tone } from '../../parts/small'
import { Loaded, ProblemBox } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import styles from '../destinations/Destination.module.css'
import { SettingsFrame } from './SettingsFrame'

const tones: Record<string, Tone> = { create: 'ok', update: 'accent', delete: 'bad' }

async function put(text: string, query: Record<string, string>): Promise<Schemas['Plan']> {
  const response = await send(`/api/workspace?${new URLSearchParams(query)}`, { method: 'PUT', body: text, headers: { 'Content-Type': 'application/yaml' } })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw Problem.of(response.status, body)
  return (body as { data: Schemas['Plan'] }).data
}

/** The workspace as a file: taken away, and applied with the plan shown first. */
export function WorkspaceFile() {
  const can = useCanChange()
  const file = useQuery({
    queryKey: ['workspaceFile'],
    queryFn: async () => {
      const response = await send('/api/workspace?format=yaml')
      if (!response.ok) throw Problem.of(response.status, await response.json().catch(() => null))
      return response.text()
    },
  })
  const [text, setText] = useState('')
  const [prune, setPrune] = useState(false)
  const query = { ...(prune ? { prune: 'true' } : {}) }
  const plan = useMutation({ mutationFn: () => put(text, { ...query, dryRun: 'true' }) })
  const apply = useChange(() => put(text, query), 'The workspace is as the file says')
  const edit = (next: string) => {
    setText(next)
    plan.reset()
    apply.reset()
  }
  return (
    <SettingsFrame active="workspace">
      <div className="halves">
        <Card title="Export" aside={<Button variant="default" size="compact-xs" leftSection={<IconDownload size={13} />} component="a" href={`data:application/yaml;charset=utf-8,${encodeURIComponent(file.data ?? '')}`} download="workspace.yaml">Download</Button>}>
          <Loaded query={file}>{(yaml) => <Code text={yaml} label="workspace" max={560} />}</Loaded>
        </Card>
        <Card title="Apply">
          <div className="stack">
            <Textarea label="Workspace file" description="YAML or JSON. Secrets that are masked stay as they are; what the file does not name is left alone." value={text} onChange={(e) => edit(e.currentTarget.value)} autosize minRows={10} maxRows={24} spellCheck={false} disabled={!can} styles={{ input: { fontFamily: 'var(--mono)', fontSize: '0.76rem' } }} />
            <Checkbox label="Remove what the file does not name" checked={prune} onChange={(e) => { setPrune(e.currentTarget.checked); plan.reset() }} disabled={!can} size="sm" />
            <div className="row">
              <Button variant="default" loading={plan.isPending} disabled={!can || text.trim() === ''} onClick={() => plan.mutate()}>Show the plan</Button>
              <Button loading={apply.isPending} disabled={!can || plan.data === undefined || plan.data.changes.length === 0} onClick={() => apply.mutate(undefined, { onSuccess: () => plan.reset() })}>Apply</Button>
            </div>
            {(plan.error ?? apply.error) !== null && <ProblemBox error={plan.error ?? apply.error} />}
            {plan.data !== undefined && <PlanView plan={plan.data} />}
          </div>
        </Card>
      </div>
    </SettingsFrame>
  )
}

function PlanView({ plan }: { plan: Schemas['Plan'] }) {
  if (plan.changes.length === 0) return <p className={styles.well}>Nothing would change: {plural(plan.unchanged, 'thing')} as the file says.</p>
  return (
    <div className="stack tight" role="status">
      <p className="small"><strong>{plural(plan.changes.length, 'change')}</strong>, {plan.unchanged} unchanged</p>
      <ul className="list card">
        {plan.changes.map((c, i) => (
          <li key={i} className="item" style={{ alignItems: 'flex-start' }}>
            <Pill tone={tones[c.op] ?? 'idle'}>{c.op}</Pill>
            <span className="grow small">
              <span className="muted">{c.kind}</span> <strong>{c.name}</strong>
              {(c.fields ?? []).map((f) => <code key={f.path} style={{ display: 'block' }}>{f.path}: {JSON.stringify(f.before)} → {JSON.stringify(f.after)}</code>)}
            </span>
          </li>
        ))}
      </ul>
      {(plan.impact ?? []).map((i) => <p key={i.destination + i.mapping} className="small"><strong>{i.destination} / {i.mapping}</strong>: {i.text}</p>)}
      {(plan.warnings ?? []).map((w, i) => <p key={i} className="small" style={{ color: 'var(--warn)' }}>{w.path}: {w.message}</p>)}
    </div>
  )
}
