import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'

import { client, unwrap } from '../../api/client'
import { type Preset, useApps, useCatalog, useChange, useDestinations } from '../../api/workspace'
import { useUrlState } from '../../lib/url'
import { Json } from '../../parts/Json'
import { Page } from '../../parts/Page'
import { Card } from '../../parts/small'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import { freeSlug } from './AddDestination'
import styles from './Catalog.module.css'
import { SourcePick } from './SourcePick'
import { Steps } from './Steps'

const defaults = { source: '' }
const thisServer = 'this-server'

type Made = { source: string; type: string; name: string; slug: string; settings?: unknown; mappings?: { name: string; action: string; trigger: string; fields?: unknown }[] }

/** A destination with its mapping, of a preset: answers, then a look at what will be made. */
export function AddPreset() {
  const { type = '', preset: slug = '' } = useParams()
  const catalog = useCatalog()
  const preset = catalog.data?.find((x) => x.slug === type)?.presets?.find((p) => p.slug === slug)
  const [made, setMade] = useState<Made | null>(null)
  return (
    <Page title={preset?.name ?? slug} crumbs={[{ label: 'Catalog', to: '/catalog' }]} description={preset?.description}>
      <div className={styles.form}>
        <Steps names={['Answer', 'Look and create']} at={made === null ? 0 : 1} />
        <Loaded query={catalog}>
          {() => (preset === undefined ? <Empty title={`There is no preset “${slug}”`} action={<Link to="/catalog">Open the catalog</Link>} /> : made === null ? <Answers type={type} preset={preset} onMade={setMade} /> : <Review made={made} onBack={() => setMade(null)} />)}
        </Loaded>
      </div>
    </Page>
  )
}

function Answers({ type, preset, onMade }: { type: string; preset: Preset; onMade: (made: Made) => void }) {
  const [state, set] = useUrlState(defaults)
  const apps = useApps()
  const destinations = useDestinations()
  const [name, setName] = useState(preset.name)
  const [inputs, setInputs] = useState<Record<string, string>>({})
  const fill = useChange(async () => (await unwrap(client.POST('/api/catalog/{type}/presets/{preset}', { params: { path: { type, preset: preset.slug } }, body: { source: state.source, name: name.trim(), slug: freeSlug(name, (destinations.data ?? []).map((d) => d.slug)), inputs } as never }))).data.destination as unknown as Made)
  const own = inputs['region'] === thisServer
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        fill.mutate(undefined, { onSuccess: onMade })
      }}
    >
      <div className="stack">
        <section>
          <h2 className={styles.heading}>Whose events?</h2>
          <SourcePick value={state.source} onChange={(source) => set({ source })} />
        </section>
        <Card>
          <div className="stack">
            <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required maxLength={200} />
            {(preset.inputs ?? []).map((input) => {
              const value = inputs[input.key] ?? ''
              const change = (next: string) => setInputs((before) => ({ ...before, [input.key]: next }))
              if ((input.choices ?? []).length > 0) return <Select key={input.key} label={input.label} description={input.description} required data={(input.choices ?? []).map((c) => ({ value: c.value, label: c.label }))} value={value || null} onChange={(v) => change(v ?? '')} />
              if (input.format === 'appKey' && own && (apps.data ?? []).length > 0) return <Select key={input.key} label="App" description="The app of this server that receives the events; its key is filled in." required data={(apps.data ?? []).map((a) => ({ value: a.key, label: `${a.name} (${a.key})` }))} value={value || null} onChange={(v) => change(v ?? '')} />
              return <TextInput key={input.key} label={input.label} description={input.description} required value={value} onChange={(e) => change(e.currentTarget.value)} />
            })}
            {fill.error !== null && <ProblemBox error={fill.error} />}
          </div>
        </Card>
      </div>
      <div className={styles.foot}>
        <Button variant="default" component={Link} to="/catalog">
          Back
        </Button>
        <Button type="submit" loading={fill.isPending} disabled={state.source === '' || name.trim() === ''}>
          Next
        </Button>
      </div>
    </form>
  )
}

function Review({ made, onBack }: { made: Made; onBack: () => void }) {
  const navigate = useNavigate()
  const create = useChange(() => unwrap(client.POST('/api/destinations', { body: { ...made, enabled: true } as never })), `${made.name} is on: what comes in from now on is delivered`)
  return (
    <>
      <div className="stack">
        {(made.mappings ?? []).map((m) => (
          <Card key={m.name} title={m.name}>
            <div className="stack tight">
              <dl className="facts">
                <dt>Source</dt>
                <dd>{made.source}</dd>
                <dt>Sends</dt>
                <dd>
                  events where <code>{m.trigger}</code>
                </dd>
                <dt>Action</dt>
                <dd>{m.action}</dd>
              </dl>
              <Json value={m.fields} label="fields" />
            </div>
          </Card>
        ))}
        {create.error !== null && <ProblemBox error={create.error} />}
      </div>
      <div className={styles.foot}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button loading={create.isPending} onClick={() => create.mutate(undefined, { onSuccess: ({ data }) => void navigate(`/destinations/${data.slug}/mappings`) })}>
          Create and turn on
        </Button>
      </div>
    </>
  )
}
