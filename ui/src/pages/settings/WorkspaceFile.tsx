import { Button, Checkbox, FileButton, Textarea } from '@mantine/core'
import { IconDownload, IconFileImport } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'

import { keepFile } from '../../api/analytics'
import { brokenOff, Problem, type Schemas, send } from '../../api/client'
import { useChange } from '../../api/workspace'
import { plural } from '../../lib/format'
import { Newest } from '../../lib/newest'
import { Code } from '../../parts/Json'
import { Card, Pill, type Tone } from '../../parts/small'
import { Loaded, ProblemBox } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import styles from '../destinations/Destination.module.css'
import { SettingsFrame } from './SettingsFrame'

const tones: Record<string, Tone> = { create: 'ok', update: 'accent', delete: 'bad' }

interface Planned {
  text: string
  query: Record<string, string>
}

async function put(text: string, query: Record<string, string>): Promise<Schemas['Plan']> {
  const response = await send(`/api/workspace?${new URLSearchParams(query)}`, { method: 'PUT', body: text, headers: { 'Content-Type': 'application/yaml' } })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw Problem.of(response.status, body)
  if (body === null) throw brokenOff()
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
  // What is applied is what the plan that is shown was made of; a plan of something older is not shown.
  const plan = useMutation({ mutationFn: ({ text, query }: Planned) => put(text, { ...query, dryRun: 'true' }) })
  const apply = useChange(({ text, query }: Planned) => put(text, query), 'The workspace is as the file says')
  const [newest] = useState(() => new Newest())
  const change = () => {
    newest.begin()
    plan.reset()
    apply.reset()
  }
  const edit = (next: string) => {
    change()
    setText(next)
  }
  const open = async (picked: File | null) => {
    if (picked === null) return
    const counts = newest.begin()
    const read = await picked.text()
    if (counts()) edit(read)
  }
  const onApply = () => {
    if (plan.variables !== undefined) apply.mutate(plan.variables, { onSuccess: () => plan.reset() })
  }
  return (
    <SettingsFrame active="workspace">
      <div className="halves">
        <Card title="Export" aside={<Button variant="default" size="compact-xs" leftSection={<IconDownload size={13} />} disabled={file.data === undefined} onClick={() => keepFile(new Blob([file.data ?? ''], { type: 'application/yaml' }), 'workspace.yaml')}>Download</Button>}>
          <Loaded query={file}>{(yaml) => <Code text={yaml} label="workspace" max={560} />}</Loaded>
        </Card>
        <Card
          title="Apply"
          aside={can && <FileButton accept=".yaml,.yml,.json" onChange={(picked) => void open(picked)}>{(props) => <Button {...props} variant="default" size="compact-xs" leftSection={<IconFileImport size={13} />}>Open a file</Button>}</FileButton>}
        >
          <div className="stack">
            <Textarea label="Workspace file" description="YAML or JSON. Secrets that are masked stay as they are; what the file does not name is left alone." value={text} onChange={(e) => edit(e.currentTarget.value)} autosize minRows={10} maxRows={24} spellCheck={false} disabled={!can} styles={{ input: { fontFamily: 'var(--mono)', fontSize: '0.76rem' } }} />
            <Checkbox
              label="Remove what the file does not name"
              checked={prune}
              onChange={(e) => { change(); setPrune(e.currentTarget.checked) }}
              disabled={!can}
              size="sm"
            />
            {!can && <p className="muted small">Your role may take the workspace away, and not change it.</p>}
            <div className="row">
              <Button
                variant="default"
                loading={plan.isPending}
                disabled={!can || text.trim() === ''}
                onClick={() => plan.mutate({ text, query: prune ? { prune: 'true' } : {} })}
              >
                Show the plan
              </Button>
              <Button
                loading={apply.isPending}
                disabled={!can || plan.data === undefined || plan.data.changes.length === 0}
                onClick={onApply}
              >
                Apply
              </Button>
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
      {(plan.impact ?? []).map((i) => <ImpactView key={`${i.destination}/${i.mapping}`} impact={i} />)}
      {(plan.warnings ?? []).map((w, i) => <p key={i} className="small" style={{ color: 'var(--warn)' }}>{w.path}: {w.message}</p>)}
    </div>
  )
}

const effects = [['newlyReached', 'newly delivered', 'ok'], ['noLongerReached', 'no longer delivered', 'bad'], ['payloadChanged', 'delivered otherwise', 'accent'], ['newlyRejected', 'newly rejected', 'bad']] as const

/** What a change would mean for the newest events of one mapping, with some of them. */
function ImpactView({ impact: i }: { impact: Schemas['Impact'] }) {
  return (
    <section className="card" style={{ padding: '10px 14px' }} aria-label={`Impact on ${i.destination}, ${i.mapping}`}>
      <p className="small"><strong>{i.destination} / {i.mapping}</strong>: {i.text}</p>
      {effects.map(([key, label, tone]) => i[key].count > 0 && (
        <div key={key} className="row wrap tiny" style={{ marginTop: 6 }}>
          <Pill tone={tone}>{plural(i[key].count, 'event')} {label}</Pill>
          {i[key].messageIds.slice(0, 3).map((id) => <Link key={id} className="mono" to={`/where?id=${encodeURIComponent(id)}`}>{id}</Link>)}
        </div>
      ))}
    </section>
  )
}
