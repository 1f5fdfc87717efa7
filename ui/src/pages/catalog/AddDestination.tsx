import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'

import { client, unwrap } from '../../api/client'
import { type Fields, useCatalog, useChange, useDestinations } from '../../api/workspace'
import { slugOf } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Page } from '../../parts/Page'
import { Card } from '../../parts/small'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import { SettingsFields, settingsToSend } from '../destinations/SettingsFields'
import styles from './Catalog.module.css'
import { SourcePick } from './SourcePick'
import { Steps } from './Steps'

const defaults = { source: '', step: 'source' }

/** A slug that no other has. */
export function freeSlug(name: string, taken: string[]): string | undefined {
  const slug = slugOf(name)
  if (slug === '') return undefined
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? slug : `${slug}-${n}`
    if (!taken.includes(candidate)) return candidate
  }
}

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

function SetupForm({ type, name: typeName, settings, presets, source, onBack }: SetupProps) {
  const navigate = useNavigate()
  const destinations = useDestinations()
  const [name, setName] = useState('')
  const [values, setValues] = useState<Fields>({})
  const create = useChange(
    () => unwrap(client.POST('/api/destinations', { body: { source, type, name: name.trim(), slug: freeSlug(name, (destinations.data ?? []).map((x) => x.slug)), enabled: false, settings: settingsToSend(values, {}) } as never })),
    `${name} is there; it is off until you turn it on`,
  )
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        create.mutate(undefined, { onSuccess: ({ data }) => void navigate(`/destinations/${data.slug}/mappings`) })
      }}
    >
      <Card>
        <div className="stack">
          <TextInput label="Destination name" placeholder={typeName} value={name} onChange={(e) => setName(e.currentTarget.value)} required autoFocus maxLength={200} />
          <Select
            label="How to begin"
            data={[{ value: '', label: 'Fill in settings manually' }, ...presets.map((p) => ({ value: p.slug, label: `Preset: ${p.name}` }))]}
            value=""
            allowDeselect={false}
            onChange={(preset) => preset !== null && preset !== '' && void navigate(`/catalog/${type}/presets/${preset}?source=${encodeURIComponent(source)}`)}
          />
          <SettingsFields fields={settings} values={values} onChange={setValues} />
          {create.error !== null && <ProblemBox error={create.error} />}
        </div>
      </Card>
      <div className={styles.foot}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
          Create destination
        </Button>
      </div>
    </form>
  )
}
