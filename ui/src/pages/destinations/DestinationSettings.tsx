import { Button, Switch, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'

import { client, done } from '../../api/client'
import {
  type Destination, patchDestination, readDestination, useCatalog, useChange, useDestination, useSources,
} from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Card } from '../../parts/small'
import { SaveState } from '../../parts/SaveState'
import { Loaded } from '../../parts/states'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import { useCanChange } from '../../shell/useSession'
import { DestinationFrame } from './DestinationFrame'
import { plainSetting, SettingsFields, settingMembers, settingsAmong, settingsToSend } from './SettingsFields'

export function DestinationSettings() {
  const { destination: slug = '' } = useParams()
  const destination = useDestination(slug)
  return (
    <DestinationFrame slug={slug} active="settings">
      <Loaded query={destination}>{(d) => <Form key={d.slug} destination={d} />}</Loaded>
    </DestinationFrame>
  )
}

type Members = Record<string, unknown> & { name: string; enabled: boolean }

const ownLabels: Record<string, string> = { name: 'the name', enabled: 'whether it is on' }

function Form({ destination: d }: { destination: Destination }) {
  const can = useCanChange()
  const go = useGo()
  const catalog = useCatalog()
  const sources = useSources()
  const type = catalog.data?.find((t) => t.slug === d.type)
  const edited = useDraft<Destination, Members>({
    saved: d,
    members: (seen = d) => ({ name: seen.name, enabled: seen.enabled, ...settingMembers(seen.settings) }),
    write: (_, changes, seen) => {
      const { name, enabled } = changes
      const settings = settingsToSend(settingsAmong(changes))
      const own = { ...(name !== undefined && { name }), ...(enabled !== undefined && { enabled }) }
      return patchDestination(d.slug, { ...own, settings }, seen?.revision)
    },
    read: () => readDestination(d.slug),
    said: 'Changes are saved',
    plain: plainSetting,
  })
  const { name, enabled } = edited.values
  const settingLabel = (member: string) => type?.settings?.find((f) => member === `settings.${f.key}`)?.label ?? member
  const label = (member: string) => ownLabels[member] ?? settingLabel(member)
  const remove = useChange(() => done(client.DELETE('/api/destinations/{destination}', { params: { path: { destination: d.slug } } })), `Destination ${d.name} is deleted`)
  return (
    <div className="stack" style={{ maxWidth: 760 }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); void edited.save() }}>
        <Card title="Enable Destination">
          <Switch
            checked={enabled}
            disabled={!can}
            onChange={(e) => edited.set({ enabled: e.currentTarget.checked })}
            label="Enable Destination"
            description="Once it is on, events are sent as its mappings say. What comes in while it is off is not owed to it."
          />
        </Card>
        <Card title="Basic settings">
          <div className="stack">
            <TextInput
              label="Destination name"
              value={name}
              onChange={(e) => edited.set({ name: e.currentTarget.value })}
              disabled={!can}
              required
              maxLength={200}
            />
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
            <SettingsFields
              fields={type?.settings ?? []}
              values={settingsAmong(edited.values)}
              onChange={(key, value) => edited.set(settingMembers({ [key]: value }))}
              disabled={!can}
            />
          </Card>
        )}
        <SaveState draft={edited} label={(member) => label(String(member))} />
        <div>
          <Button type="submit" loading={edited.saving} disabled={!can || !edited.canSave}>
            Save Changes
          </Button>
        </div>
      </form>
      <Card title="Delete">
        <div className="spread">
          <p className="muted small">Its mappings go with it.</p>
          <Confirm
            label="Delete destination"
            title={`Delete ${d.name}?`}
            typed={d.slug}
            disabled={!can}
            icon={<IconTrash size={14} />}
            action={async () => { await remove.mutateAsync(undefined); go('/destinations') }}
          >
            What its mappings owe and have not delivered is discarded, and counted so.
          </Confirm>
        </div>
      </Card>
    </div>
  )
}
