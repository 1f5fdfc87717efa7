import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'

import { client, unwrap } from '../../api/client'
import { type Destination, listDestinations, patchDestination, readDestination, useCatalog } from '../../api/workspace'
import { Once } from '../../lib/once'
import { useUrlState } from '../../lib/url'
import { Page } from '../../parts/Page'
import { Card } from '../../parts/small'
import { SaveState } from '../../parts/SaveState'
import { Empty, Loaded } from '../../parts/states'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import {
  plainSetting, SettingsFields, settingMembers, settingsAmong, settingsToSend,
} from '../destinations/SettingsFields'
import styles from './Catalog.module.css'
import { SourcePick } from './SourcePick'
import { Steps } from './Steps'

const defaults = { source: '', step: 'source' }

/** A destination in the order of the article: the data source, then the setup. */
export function AddDestination() {
  const { type = '' } = useParams()
  const catalog = useCatalog()
  const [state, set] = useUrlState(defaults)
  const d = catalog.data?.find((x) => x.slug === type)
  const setup = state.step === 'setup' && state.source !== ''
  return (
    <Page title={setup ? 'Setup' : 'Select data source'} crumbs={[{ label: 'Catalog', to: '/catalog' }, { label: d?.name ?? type, to: `/catalog/${type}` }]}>
      <div className={styles.form}>
        <Steps names={['Select data source', 'Setup']} at={setup ? 1 : 0} />
        <Loaded query={catalog}>
          {() =>
            d === undefined ? (
              <Empty title={`The catalog has no “${type}”`} action={<Link to="/catalog">Open the catalog</Link>} />
            ) : setup ? (
              <SetupForm type={type} name={d.name} settings={d.settings ?? []} presets={d.presets ?? []} source={state.source} onBack={() => set({ step: 'source' })} />
            ) : (
              <>
                <p className="muted small" style={{ marginBottom: 10 }}>
                  Which source&apos;s events are to be delivered? It can be any of your applications.
                </p>
                <SourcePick value={state.source} onChange={(source) => set({ source })} />
                <div className={styles.foot}>
                  <Button variant="default" component={Link} to={`/catalog/${type}`}>
                    Back
                  </Button>
                  <Button disabled={state.source === ''} onClick={() => set({ step: 'setup' })}>
                    Next
                  </Button>
                </div>
              </>
            )
          }
        </Loaded>
      </div>
    </Page>
  )
}

interface SetupProps {
  type: string
  name: string
  settings: Parameters<typeof SettingsFields>[0]['fields']
  presets: { slug: string; name: string }[]
  source: string
  onBack: () => void
}

type Members = Record<string, unknown> & { name: string }

function SetupForm({ type, name: typeName, settings, presets, source, onBack }: SetupProps) {
  const navigate = useNavigate()
  const go = useGo()
  const [once] = useState(() => new Once<Destination>())
  const made = useDraft<Destination, Members>({
    saved: undefined,
    members: (d) => ({ name: d?.name ?? '', ...settingMembers(d?.settings ?? {}) }),
    write: async ({ name, ...others }, changes, seen) => {
      const settings = settingsToSend(settingsAmong(seen === undefined ? others : changes))
      // What was changed while it was being made is saved by the next save.
      if (seen !== undefined) return patchDestination(seen.slug, { name: name.trim(), settings }, seen.revision)
      const body = { source, type, name: name.trim(), enabled: false, settings } // the server finds a slug that is free
      const post = async () =>
        (await unwrap(client.POST('/api/destinations', { body: body as never }))).data as Destination
      return once.make(listDestinations, (d) => d.name === body.name && d.source === source && d.type === type, post)
    },
    read: (seen) => readDestination(seen.slug),
    said: (d) => `${d.name} is there; it is off until you turn it on`,
    plain: plainSetting,
  })
  const { name } = made.values
  const create = async () => {
    const { all, saved } = await made.save()
    if (all && saved !== undefined) go(`/destinations/${saved.slug}/mappings`)
  }
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        void create()
      }}
    >
      <Card>
        <div className="stack">
          <TextInput
            label="Destination name"
            placeholder={typeName}
            value={name}
            onChange={(e) => made.set({ name: e.currentTarget.value })}
            required
            autoFocus
            maxLength={200}
          />
          <Select
            label="How to begin"
            data={[{ value: '', label: 'Fill in settings manually' }, ...presets.map((p) => ({ value: p.slug, label: `Preset: ${p.name}` }))]}
            value=""
            allowDeselect={false}
            onChange={(preset) => preset !== null && preset !== '' && void navigate(`/catalog/${type}/presets/${preset}?source=${encodeURIComponent(source)}`)}
          />
          <SettingsFields
            fields={settings}
            values={settingsAmong(made.values)}
            onChange={(key, value) => made.set(settingMembers({ [key]: value }))}
          />
          <SaveState
            draft={made}
            label={(member) => settings.find((f) => member === `settings.${f.key}`)?.label ?? `the ${String(member)}`}
          />
        </div>
      </Card>
      <div className={styles.foot}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" loading={made.saving} disabled={name.trim() === '' || made.meanwhile.length > 0}>
          Create destination
        </Button>
      </div>
    </form>
  )
}
