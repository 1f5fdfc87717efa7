import { ActionIcon, Button, Select, Switch, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'

import { client, done, type Schemas, unwrap } from '../../api/client'
import { tellProblem, useChange, useSource } from '../../api/workspace'
import { plural } from '../../lib/format'
import { Confirm } from '../../parts/Confirm'
import { Page } from '../../parts/Page'
import { Card, CopyField, OnOff } from '../../parts/small'
import { Loaded, ProblemBox } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { kinds } from './kinds'
import { SourceTabs } from './SourceTabs'

export function SourceSettings() {
  const { source: slug = '' } = useParams()
  const source = useSource(slug)
  return (
    <Page title={source.data?.name ?? slug} crumbs={[{ label: 'Sources', to: '/sources' }]} badge={source.data && <OnOff on={source.data.enabled} />} tabs={<SourceTabs source={slug} active="settings" />}>
      <Loaded query={source}>{(s) => <Form key={s.revision} source={s} />}</Loaded>
    </Page>
  )
}

function Form({ source: s }: { source: Schemas['Source'] }) {
  const can = useCanChange()
  const navigate = useNavigate()
  const [name, setName] = useState(s.name)
  const [type, setType] = useState(s.type)
  const path = { source: s.slug }
  const save = useChange((body: Schemas['UpdateSourceInputBody']) => unwrap(client.PATCH('/api/sources/{source}', { params: { path }, body })), 'Saved')
  const addKey = useChange(() => unwrap(client.POST('/api/sources/{source}/write-keys', { params: { path }, body: {} })), 'There is another write key')
  const removeKey = useChange((key: string) => unwrap(client.DELETE('/api/sources/{source}/write-keys/{key}', { params: { path: { ...path, key } } })), 'The write key is taken away')
  const remove = useChange(() => done(client.DELETE('/api/sources/{source}', { params: { path } })), `Source ${s.name} is deleted`)
  return (
    <div className="stack" style={{ maxWidth: 760 }}>
      <Card title="Source">
        <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate({ name, type } as Schemas['UpdateSourceInputBody']) }}>
          <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} disabled={!can} />
          <Select label="Kind" data={kinds.map((k) => ({ value: k.value, label: k.label }))} value={type} onChange={(v) => v !== null && setType(v as typeof type)} disabled={!can} allowDeselect={false} />
          {save.error !== null && <ProblemBox error={save.error} />}
          <div>
            <Button type="submit" loading={save.isPending} disabled={!can || (name === s.name && type === s.type)}>
              Save
            </Button>
          </div>
        </form>
      </Card>
      <Card title="Takes events">
        <Switch checked={s.enabled} disabled={!can} onChange={(e) => save.mutate({ enabled: e.currentTarget.checked }, { onError: tellProblem })} label={s.enabled ? 'The source is on' : 'The source is off'} description="While it is off, events are refused with a reason that says so, and its mappings owe nothing." />
      </Card>
      <Card title="Write keys" aside={can && <Button variant="default" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => addKey.mutate(undefined, { onError: tellProblem })}>Add a key</Button>}>
        <div className="stack tight">
          {s.writeKeys.map((key) => (
            <div key={key} className="row">
              <CopyField value={key} label="Copy write key" />
              {can && s.writeKeys.length > 1 && (
                <ActionIcon variant="subtle" color="gray" aria-label={`Take away ${key}`} onClick={() => removeKey.mutate(key, { onError: tellProblem })}>
                  <IconTrash size={15} />
                </ActionIcon>
              )}
            </div>
          ))}
          <p className="muted small">To change a key without a gap: add one, move the senders to it, and take the old one away.</p>
        </div>
      </Card>
      <Card title="Delete">
        <div className="spread">
          <p className="muted small">{s.destinations.length > 0 ? `${plural(s.destinations.length, 'destination')} of it go as well. ` : ''}Events that were received stay on the log as long as it reaches back.</p>
          <Confirm label="Delete source" title={`Delete ${s.name}?`} typed={s.slug} disabled={!can} icon={<IconTrash size={14} />} action={async () => { await remove.mutateAsync(undefined); void navigate('/sources') }}>
            Its write keys are refused from then on, and its destinations are deleted. What they owe and have not delivered is discarded, and counted so.
          </Confirm>
        </div>
      </Card>
    </div>
  )
}
