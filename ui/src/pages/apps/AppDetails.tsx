import { Button, Switch } from '@mantine/core'
import { IconRefresh, IconTrash } from '@tabler/icons-react'
import { useNavigate, useParams } from 'react-router'

import { client, type Schemas, unwrap } from '../../api/client'
import { tellProblem, useApps, useChange } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Code } from '../../parts/Json'
import { Card, CopyField, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'
import { AppFrame } from './AppFrame'

const regions = [
  { id: 'us', label: 'US', host: 'https://data.pendo.io' },
  { id: 'us1', label: 'US1', host: 'https://us1.data.pendo.io' },
  { id: 'eu', label: 'EU', host: 'https://data.eu.pendo.io' },
  { id: 'jp', label: 'Japan', host: 'https://data.jpn.pendo.io' },
  { id: 'au', label: 'Australia', host: 'https://data.au.pendo.io' },
]

const switches: { key: 'acceptIdentify' | 'acceptGroup' | 'anonymousVisitors' | 'accountFromContext' | 'checkSignature'; label: string; hint: string }[] = [
  { key: 'acceptIdentify', label: 'Identify calls are taken', hint: 'Their traits become metadata of the visitor.' },
  { key: 'acceptGroup', label: 'Group calls are taken', hint: 'Their traits become metadata of the account.' },
  { key: 'anonymousVisitors', label: 'Anonymous visitors', hint: 'An event without userId belongs to a visitor made of its anonymousId.' },
  { key: 'accountFromContext', label: 'Account from context.groupId', hint: 'Off, as at Pendo: it is ignored there, and the event has no account.' },
  { key: 'checkSignature', label: 'Check signatures', hint: 'Events whose X-Signature is missing or wrong get a verdict.' },
]

/** What one needs to know of an app to send to it. */
export function AppDetails() {
  const { app: slug = '' } = useParams()
  const apps = useApps()
  return (
    <AppFrame app={slug} active="details">
      <Loaded query={apps}>
        {(all) => {
          const app = all.find((a) => a.slug === slug)
          return app === undefined ? <Empty title="There is no such app">It may have been renamed or deleted.</Empty> : <Details app={app} />
        }}
      </Loaded>
    </AppFrame>
  )
}

function Details({ app }: { app: Schemas['App'] }) {
  const can = useCanChange()
  const navigate = useNavigate()
  const path = { app: app.slug }
  const save = useChange((body: Record<string, boolean>) => unwrap(client.PATCH('/api/apps/{app}', { params: { path }, body: body as never })), 'Saved')
  const rotate = useChange(() => unwrap(client.POST('/api/apps/{app}/rotate-key', { params: { path } } as never)), 'The app has another key; the old one is still taken')
  const remove = useChange(async () => {
    const { error, response } = await client.DELETE('/api/apps/{app}', { params: { path } })
    if (error !== undefined) await unwrap(Promise.resolve({ error, response }))
  }, `App ${app.name} is deleted`)
  const here = `${window.location.origin}/data/segmentio/${app.key}`
  return (
    <div className="split">
      <div className="stack">
        <Card title="Webhook URLs" aside={<span className="muted tiny">for a mapping of Webhooks (Actions)</span>} pad={false}>
          <div className="scroll-x" tabIndex={0}>
            <table className="grid">
              <tbody>
                <tr>
                  <td style={{ width: 130 }}>
                    This server <Pill tone="ok">rehearse here</Pill>
                  </td>
                  <td>
                    <CopyField value={here} label="Copy the URL of this server" />
                  </td>
                </tr>
                {regions.map((r) => (
                  <tr key={r.id}>
                    <td>
                      {r.label} {r.id === app.region && <Pill tone="accent">its region</Pill>}
                    </td>
                    <td>
                      <CopyField value={`${r.host}/data/segmentio/${app.key}`} label={`Copy the URL of ${r.label}`} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
        <Card title="Send a test event">
          <Code label="curl" text={`curl '${here}' \\\n--header 'Content-Type: application/json' \\\n--data-raw '{"type":"track","event":"Example Event Name","userId":"123","groupId":"account","messageId":"test-'$RANDOM'","properties":{"exampleKeyName":"exampleValue"}}'`} />
        </Card>
        <Card title="What is taken">
          <div className="stack">
            {switches.map((s) => (
              <Switch key={s.key} checked={app[s.key]} disabled={!can || save.isPending} label={s.label} description={s.hint} onChange={(e) => save.mutate({ [s.key]: e.currentTarget.checked }, { onError: tellProblem })} />
            ))}
          </div>
        </Card>
      </div>
      <div className="stack">
        <Card title="App">
          <dl className="facts">
            <dt>Name</dt>
            <dd>{app.name}</dd>
            <dt>API key</dt>
            <dd>
              <CopyField value={app.key} label="Copy API key" />
            </dd>
            <dt>With dashes</dt>
            <dd>
              <CopyField value={app.key.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')} label="Copy API key with dashes" />
            </dd>
            <dt>Region</dt>
            <dd>{(app.region ?? 'us').toUpperCase()}</dd>
            {app.oldKeys.length > 0 && (
              <>
                <dt>Old keys</dt>
                <dd>{app.oldKeys.map((k) => <code key={k} style={{ display: 'block' }}>{k}</code>)}</dd>
              </>
            )}
          </dl>
          <p className="muted small" style={{ marginTop: 10 }}>The key is no secret: it lets send, never read.</p>
          {can && (
            <div className="row wrap" style={{ marginTop: 12 }}>
              <Button variant="default" leftSection={<IconRefresh size={14} />} loading={rotate.isPending} onClick={() => rotate.mutate(undefined, { onError: tellProblem })}>
                Another key
              </Button>
              <Confirm label="Delete app" title={`Delete ${app.name}?`} typed={app.slug} icon={<IconTrash size={14} />} action={async () => { await remove.mutateAsync(undefined); void navigate('/apps') }}>
                Its key is refused from then on, and its visitors and accounts are no longer shown.
              </Confirm>
            </div>
          )}
        </Card>
      </div>
    </div>
  )
}
