import { Button, Select, Switch, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { Link, useNavigate } from 'react-router'

import { client, unwrap } from '../../api/client'
import { type App, patchApp, readApp } from '../../api/workspace'
import { Page } from '../../parts/Page'
import { Card, CopyField } from '../../parts/small'
import { SaveState } from '../../parts/SaveState'
import { useDraft } from '../../parts/useDraft'
import { useCanChange } from '../../shell/useSession'
import { appBase } from './AppPage'
import { regions, webhookUrl } from './regions'
import { Secret } from './Secret'

/** Makes an app; its shared secret is shown here, and never again. */
export function NewApp() {
  const [made, setMade] = useState<App>()
  return (
    <Page title={made ? `${made.name} is there` : 'Add app'} crumbs={[{ label: 'Apps', to: '/apps' }]}>
      {made ? <Made app={made} /> : <Form onMade={setMade} />}
    </Page>
  )
}

interface Asked {
  name: string
  key: string
  region: string
  anonymousVisitors: boolean
}

function Form({ onMade }: { onMade: (app: App) => void }) {
  const can = useCanChange()
  const secret = useRef<string>(undefined) // told once, when the app is made
  const made = useDraft<App, Asked>({
    saved: undefined,
    members: (app) => {
      const { name = '', key = '', region = '', anonymousVisitors = false } = app ?? {}
      return { name, key, region, anonymousVisitors }
    },
    write: async ({ name, key, ...others }, _, seen) => {
      const body = { name: name.trim(), ...others, ...(key.trim() === '' ? {} : { key: key.trim() }) }
      // What was changed while it was being made is saved by the next save.
      if (seen !== undefined) return patchApp(seen.slug, body, seen.revision)
      const app = (await unwrap(client.POST('/api/apps', { body }))).data
      secret.current = app.sharedSecret
      return app
    },
    read: (seen) => readApp(seen.slug),
  })
  const { name, key, region, anonymousVisitors } = made.values
  const create = async () => {
    const { all, saved } = await made.save()
    if (all && saved !== undefined) onMade({ ...saved, sharedSecret: secret.current })
  }
  return (
    <form
      className="stack"
      style={{ maxWidth: 720 }}
      onSubmit={(e) => {
        e.preventDefault()
        void create()
      }}
    >
      <Card>
        <div className="stack">
          <TextInput
            label="Name"
            placeholder="Acme web app"
            description="As your team calls it"
            value={name}
            onChange={(e) => made.set({ name: e.currentTarget.value })}
            required
            autoFocus
            maxLength={200}
          />
          <TextInput
            label="Key"
            placeholder="one is made"
            description="To rehearse an app of Pendo’s, give its API key: 32 digits, with or without dashes"
            value={key}
            onChange={(e) => made.set({ key: e.currentTarget.value })}
            maxLength={64}
          />
          <Select
            label="Region"
            description="An app of a region refuses what is sent to the host of another, as Pendo does"
            data={[{ value: '', label: 'Every region' }, ...regions.map((r) => ({ value: r.id, label: r.label }))]}
            value={region}
            onChange={(v) => made.set({ region: v ?? '' })}
            allowDeselect={false}
          />
          <Switch
            checked={anonymousVisitors}
            onChange={(e) => made.set({ anonymousVisitors: e.currentTarget.checked })}
            label="Anonymous visitors"
            description="A Segment call without userId belongs to the visitor _PENDO_T_ and its anonymousId; otherwise it belongs to nobody"
          />
          <SaveState
            draft={made}
            label={(member) => (member === 'anonymousVisitors' ? 'anonymous visitors' : `the ${member}`)}
          />
        </div>
      </Card>
      <div>
        <Button
          type="submit"
          size="sm"
          loading={made.saving}
          disabled={!can || name.trim() === '' || made.meanwhile.length > 0}
        >
          Create app
        </Button>
        {!can && <p className="muted small">Whoever is signed in may look, and not change anything.</p>}
      </div>
    </form>
  )
}

function Made({ app }: { app: App }) {
  const navigate = useNavigate()
  const url = webhookUrl(window.location.origin, app.key)
  return (
    <div className="stack" style={{ maxWidth: 720 }}>
      <Card title="Shared secret">
        <Secret value={app.sharedSecret ?? ''} label="Copy the shared secret">
          For servers that send to /data/track. It is shown this once; later it can only be replaced by another.
        </Secret>
      </Card>
      <Card title="Next">
        <div className="stack tight small">
          <p>This is the address that the webhook of Segment’s article is given:</p>
          <CopyField value={url} label="Copy the address" />
          <p className="muted">
            Or let the <Link to="/catalog">catalog</Link> make the destination and the mapping for it.
          </p>
        </div>
      </Card>
      <div>
        <Button size="sm" onClick={() => void navigate(appBase(app.slug))}>
          Open the app
        </Button>
      </div>
    </div>
  )
}
