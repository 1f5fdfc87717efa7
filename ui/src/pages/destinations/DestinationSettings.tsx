import { Button, Switch, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'

import { client, done } from '../../api/client'
import { type Destination, patchDestination, useCatalog, useChange, useDestination, useSources } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Card } from '../../parts/small'
import { Loaded, ProblemBox } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { DestinationFrame } from './DestinationFrame'
import { SettingsFields, settingsToSend } from './SettingsFields'

export function DestinationSettings() {
  const { destination: slug = '' } = useParams()
  const destination = useDestination(slug)
  return (
    <DestinationFrame slug={slug} active="settings">
      <Loaded query={destination}>{(d) => <Form key={`${d.revision} ${d.enabled}`} destination={d} />}</Loaded>
    </DestinationFrame>
  )
}

function Form({ destination: d }: { destination: Destination }) {
  const can = useCanChange()
  const navigate = useNavigate()
  const catalog = useCatalog()
  const sources = useSources()
  const type = catalog.data?.find((t) => t.slug === d.type)
  const [name, setName] = useState(d.name)
  const [enabled, setEnabled] = useState(d.enabled)
  const [values, setValues] = useState(d.settings)
  const changed = name !== d.name || enabled !== d.enabled || Object.keys(settingsToSend(values, d.settings)).length > 0
  const save = useChange(() => patchDestination(d.slug, { name, enabled, settings: settingsToSend(values, d.settings) }), 'Changes are saved')
  const remove = useChange(() => done(client.DELETE('/api/destinations/{destination}', { params: { path: { destination: d.slug } } })), `Destination ${d.name} is deleted`)
  return (
    <div className="stack" style={{ maxWidth: 760 }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined) }}>
        <Card title="Enable Destination">
          <Switch checked={enabled} disabled={!can} onChange={(e) => setEnabled(e.currentTarget.checked)} label="Enable Destination" description="Once it is on, events are sent as its mappings say. What comes in while it is off is not owed to it." />
        </Card>
        <Card title="Basic settings">
          <div className="stack">
            <TextInput label="Destination name" value={name} onChange={(e) => setName(e.currentTarget.value)} disabled={!can} required maxLength={200} />
            <dl className="facts">
              <dt>Source</dt>
              <dd><Link to={`/sources/${d.source}`}>{sources.data?.find((s) => s.slug === d.source)?.name ?? d.source}</Link></dd>
              <dt>Type</dt>
              <dd>{type?.name ?? d.type}</dd>
              <dt>Slug</dt>
              <dd className="mono">{d.slug}</dd>
            </dl>
          </div>
        </Card>
        {(type?.settings ?? []).length > 0 && (
          <Card title="Connection settings">
            <SettingsFields fields={type?.settings ?? []} values={values} onChange={setValues} disabled={!can} />
          </Card>
        )}
        {save.error !== null && <ProblemBox error={save.error} />}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!can || !changed}>
            Save Changes
          </Button>
        </div>
      </form>
      <Card title="Delete">
        <div className="spread">
          <p className="muted small">Its mappings go with it.</p>
          <Confirm label="Delete destination" title={`Delete ${d.name}?`} typed={d.slug} disabled={!can} icon={<IconTrash size={14} />} action={async () => { await remove.mutateAsync(undefined); void navigate('/destinations') }}>
            What its mappings owe and have not delivered is discarded, and counted so.
          </Confirm>
        </div>
      </Card>
    </div>
  )
}
