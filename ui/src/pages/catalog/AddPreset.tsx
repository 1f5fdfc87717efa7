import { Button, Select, TextInput } from '@mantine/core'
import { type Dispatch, type SetStateAction, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'

import { client, unwrap } from '../../api/client'
import {
  type App, type Destination, listDestinations, type Preset, useApps, useCatalog, useChange,
} from '../../api/workspace'
import { Once } from '../../lib/once'
import { withChosen } from '../../lib/options'
import { useUrlState } from '../../lib/url'
import { Json } from '../../parts/Json'
import { Page } from '../../parts/Page'
import { Card } from '../../parts/small'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import styles from './Catalog.module.css'
import { SourcePick } from './SourcePick'
import { Steps } from './Steps'

const defaults = { source: '' }
const thisServer = 'this-server'

type MadeMapping = { name: string; action: string; trigger: string; fields?: unknown }
type Made = { source: string; type: string; name: string; settings?: unknown; mappings?: MadeMapping[] }

/** A destination with its mapping, of a preset: answers, then a look at what will be made. */
export function AddPreset() {
  const { type = '', preset: slug = '' } = useParams()
  const catalog = useCatalog()
  const preset = catalog.data?.find((x) => x.slug === type)?.presets?.find((p) => p.slug === slug)
  const [made, setMade] = useState<Made | null>(null)
  const answers = useState<Given>({})
  return (
    <Page title={preset?.name ?? slug} crumbs={[{ label: 'Catalog', to: '/catalog' }]} description={preset?.description}>
      <div className={styles.form}>
        <Steps names={['Answer', 'Look and create']} at={made === null ? 0 : 1} />
        <Loaded query={catalog}>
          {() =>
            preset === undefined ? (
              <Empty title={`There is no preset “${slug}”`} action={<Link to="/catalog">Open the catalog</Link>} />
            ) : made === null ? (
              <Answers type={type} preset={preset} given={answers} onMade={setMade} />
            ) : (
              <Review made={made} onBack={() => setMade(null)} />
            )
          }
        </Loaded>
      </div>
    </Page>
  )
}

/**
 * What was answered: the name, and the inputs of the preset. Typed: a key that was typed stays in a field to type in.
 */
interface Given {
  name?: string
  inputs?: Record<string, string>
  typed?: Record<string, boolean>
}

interface AnswersProps {
  type: string
  preset: Preset
  given: [Given, Dispatch<SetStateAction<Given>>]
  onMade: (made: Made) => void
}

function Answers({ type, preset, given: [given, setGiven], onMade }: AnswersProps) {
  const [state, set] = useUrlState(defaults)
  const apps = useApps()
  const { name = preset.name, inputs = {}, typed = {} } = given
  const fill = useChange(async () => {
    const params = { path: { type, preset: preset.slug } }
    const body = { source: state.source, name: name.trim(), inputs } as never
    const answer = await unwrap(client.POST('/api/catalog/{type}/presets/{preset}', { params, body }))
    const { slug: _, ...made } = answer.data.destination as unknown as Made & { slug: string }
    return made // without a slug, the server finds one that is free
  })
  const change = (next: (now: Given) => Given) => {
    fill.reset() // an answer to what was given before no longer leads on
    setGiven(next)
  }
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
          <SourcePick value={state.source} onChange={(source) => { fill.reset(); set({ source }) }} />
        </section>
        <Card>
          <div className="stack">
            <TextInput
              label="Name"
              value={name}
              onChange={(e) => { const name = e.currentTarget.value; change((now) => ({ ...now, name })) }}
              required
              maxLength={200}
            />
            {(preset.inputs ?? []).map((input) => (
              <Answer
                key={input.key}
                input={input}
                value={inputs[input.key] ?? ''}
                apps={own && typed[input.key] !== true ? (apps.data ?? []) : []}
                onChange={(next, byHand) => change((now) => ({
                  ...now,
                  inputs: { ...now.inputs, [input.key]: next },
                  typed: byHand ? { ...now.typed, [input.key]: next !== '' } : {},
                }))}
              />
            ))}
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

interface AnswerProps {
  input: NonNullable<Preset['inputs']>[number]
  value: string
  /** To choose a key from; none: it is typed. */
  apps: App[]
  onChange: (next: string, byHand: boolean) => void
}

/** One input of a preset. */
function Answer({ input, value, apps, onChange }: AnswerProps) {
  const chosen = { required: true, value: value || null, onChange: (v: string | null) => onChange(v ?? '', false) }
  const common = { label: input.label, description: input.description }
  const choices = input.choices ?? []
  if (choices.length > 0) return <Select {...common} {...chosen} data={withChosen(choices, value)} />
  if (input.format === 'appKey' && apps.length > 0) {
    const data = withChosen(apps.map((a) => ({ value: a.key, label: `${a.name} (${a.key})` })), value)
    const description = 'The app of this server that receives the events; its key is filled in.'
    return <Select {...chosen} label="App" description={description} data={data} />
  }
  return <TextInput {...common} required value={value} onChange={(e) => onChange(e.currentTarget.value, true)} />
}

function Review({ made, onBack }: { made: Made; onBack: () => void }) {
  const navigate = useNavigate()
  const [once] = useState(() => new Once<Destination>()) // made again, it would deliver each event twice
  const isIt = (d: Destination) => d.name === made.name && d.source === made.source && d.type === made.type
  const post = async () => {
    const body = { ...made, enabled: true } as never
    return (await unwrap(client.POST('/api/destinations', { body }))).data as Destination
  }
  const create = useChange(
    () => once.make(listDestinations, isIt, post),
    `${made.name} is on: what comes in from now on is delivered`,
  )
  const toMappings = (d: Destination) => void navigate(`/destinations/${d.slug}/mappings`)
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
        <Button loading={create.isPending} onClick={() => create.mutate(undefined, { onSuccess: toMappings })}>
          Create and turn on
        </Button>
      </div>
    </>
  )
}
