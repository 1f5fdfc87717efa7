import { ActionIcon, Button, Checkbox, Modal, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { IconRotate, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'react-router'

import { type Exclusion, useOfApp, writeToApp } from '../../api/analytics'
import { client, done, Problem, unwrap } from '../../api/client'
import { type App, patchApp, readApp, tellProblem, useChange } from '../../api/workspace'
import { withChosen } from '../../lib/options'
import { Confirm } from '../../parts/Confirm'
import { Grid } from '../../parts/Grid'
import { Ago, Card, CopyField, Pill } from '../../parts/small'
import { SaveState } from '../../parts/SaveState'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import { useCanChange } from '../../shell/useSession'
import { appBase, AppPage } from './AppPage'
import { regions, undashed } from './regions'
import { Secret } from './Secret'

/** What can be changed of an app. */
export function AppSettings() {
  return (
    <AppPage active="settings">
      {(app) => (
        <div className="stack" style={{ maxWidth: 760 }} key={app.slug}>
          <About app={app} />
          <Switches app={app} />
          <KeyCard app={app} />
          <Secrets app={app} />
          <Exclusions app={app} />
          <Delete app={app} />
        </div>
      )}
    </AppPage>
  )
}

type Fields = Record<'name' | 'region' | 'signatureSecret', string>

/** A form about some of an app's fields. */
function useAppDraft<T extends Partial<Fields>>(app: App, members: (app: App | undefined) => T) {
  return useDraft<App, T>({
    saved: app,
    members,
    write: (_, changes, seen) => {
      const name = changes.name === undefined ? {} : { name: changes.name.trim() }
      return patchApp(app.slug, { ...changes, ...name }, seen?.revision)
    },
    read: () => readApp(app.slug),
    said: 'Saved',
  })
}

const regionOptions = [{ value: '', label: 'Every region' }, ...regions.map((r) => ({ value: r.id, label: r.label }))]

function About({ app }: { app: App }) {
  const can = useCanChange()
  const edited = useAppDraft(app, (seen) => ({ name: seen?.name ?? '', region: seen?.region ?? '' }))
  const { name, region } = edited.values
  return (
    <Card title="App">
      <form className="stack" onSubmit={(e) => { e.preventDefault(); void edited.save() }}>
        <TextInput
          label="Name"
          value={name}
          onChange={(e) => edited.set({ name: e.currentTarget.value })}
          disabled={!can}
          maxLength={200}
        />
        <Select
          label="Region"
          description="An app of a region refuses what is sent to the host of another, as Pendo does"
          data={withChosen(regionOptions, region)}
          value={region}
          onChange={(v) => edited.set({ region: v ?? '' })}
          allowDeselect={false}
          disabled={!can}
        />
        <SaveState draft={edited} label={(member) => `the ${member}`} />
        <div>
          <Button type="submit" loading={edited.saving} disabled={!can || name.trim() === '' || !edited.canSave}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  )
}

type Flag = 'anonymousVisitors' | 'acceptIdentify' | 'acceptGroup' | 'accountFromContext' | 'checkSignature'
const flags: { name: Flag; label: string; description: string }[] = [
  { name: 'anonymousVisitors', label: 'Anonymous visitors', description: 'A Segment call without userId belongs to the visitor _PENDO_T_ and its anonymousId. Off, it belongs to nobody.' },
  { name: 'acceptIdentify', label: 'Segment identify', description: 'The traits of identify calls become metadata of their visitor.' },
  { name: 'acceptGroup', label: 'Segment group', description: 'The traits of group calls become metadata of their account.' },
  { name: 'accountFromContext', label: 'Account from context', description: 'An identify call links its visitor to the account context.groupId. Of track calls, context.groupId is always ignored, as at Pendo.' },
  { name: 'checkSignature', label: 'Check signatures', description: 'What is not signed with the signature secret below is refused.' },
]

function Switches({ app }: { app: App }) {
  return (
    <Card title="What is taken">
      <div className="stack">
        {flags.map((f) => (
          <FlagSwitch key={f.name} app={app} flag={f} />
        ))}
      </div>
    </Card>
  )
}

/** One switch of an app. It changes nothing else, whatever else has been changed meanwhile. */
function FlagSwitch({ app, flag: f }: { app: App; flag: (typeof flags)[number] }) {
  const can = useCanChange()
  const turn = useChange((on: boolean) => patchApp(app.slug, { [f.name]: on }), 'Saved')
  const on = useChoice({ value: app[f.name], version: app.revision }, turn.mutateAsync)
  return (
    <Switch
      checked={on.value}
      disabled={!can}
      onChange={(e) => on.choose(e.currentTarget.checked)}
      label={f.label}
      description={f.description}
    />
  )
}

const triesMax = 4 // while somebody else keeps changing the app

/** Takes old keys away, from those that the app has now: one that was added meanwhile stays. */
async function takeOldKeys(slug: string, gone: string[]): Promise<App> {
  for (let tries = 1; ; tries++) {
    const now = await readApp(slug)
    try {
      return await patchApp(slug, { oldKeys: now.oldKeys.filter((k) => !gone.includes(k)) }, now.revision)
    } catch (problem) {
      if (!(problem instanceof Problem && problem.status === 412) || tries === triesMax) throw problem
    }
  }
}

function KeyCard({ app }: { app: App }) {
  const can = useCanChange()
  const take = useChange((gone: string[]) => takeOldKeys(app.slug, gone), 'Saved')
  const leave = (left: string[]) => take.mutateAsync(app.oldKeys.filter((k) => !left.includes(k)))
  const oldKeys = useChoice({ value: app.oldKeys, version: app.revision }, leave)
  const [keep, setKeep] = useState(true)
  const [open, setOpen] = useState(false)
  const begin = () => {
    rotate.reset()
    setOpen(true)
  }
  const rotate = useChange(() => unwrap(client.POST('/api/apps/{app}/rotate-key', { params: { path: { app: app.slug } }, body: { keepOld: keep } })), 'The app has another key')
  return (
    <Card
      title="Key"
      aside={
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconRotate size={13} />}
          disabled={!can}
          onClick={begin}
        >
          Rotate the key
        </Button>
      }
    >
      <div className="stack tight">
        <CopyField value={app.key} label="Copy the key" />
        {oldKeys.value.map((key) => (
          <div key={key} className="row">
            <CopyField value={undashed(key)} label="Copy the old key" />
            <Pill tone="warn" title="Still taken, with the verdict “old key” on each call">old</Pill>
            {can && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Take the old key ${key} no longer`}
                onClick={() => oldKeys.change((now) => now.filter((k) => k !== key))}
              >
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </div>
        ))}
        <p className="muted small">To change it without a gap: rotate, keep the old one, move the senders, then take the old one away.</p>
      </div>
      <Modal opened={open} onClose={() => setOpen(false)} title="Rotate the key" centered>
        <div className="stack">
          <p className="small">The app is given another key. Whoever sends with the present one has to be told the new one.</p>
          <Checkbox checked={keep} onChange={(e) => setKeep(e.currentTarget.checked)} label="Still take the old key" description="What comes with it is taken, and marked “old key”. Otherwise it is an unknown key at once." />
          {rotate.error !== null && <ProblemBox error={rotate.error} />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setOpen(false)}>Cancel</Button>
            <Button loading={rotate.isPending} onClick={() => rotate.mutate(undefined, { onSuccess: () => setOpen(false) })}>Rotate the key</Button>
          </div>
        </div>
      </Modal>
    </Card>
  )
}

function Secrets({ app }: { app: App }) {
  const can = useCanChange()
  const [shown, setShown] = useState('')
  const rotate = useChange(async () => setShown((await unwrap(client.POST('/api/apps/{app}/rotate-shared-secret', { params: { path: { app: app.slug } } }))).data.sharedSecret ?? ''), 'The app has another shared secret')
  return (
    <Card title="Secrets">
      <div className="stack">
        <div className="stack tight">
          <strong className="small">Shared secret, for /data/track</strong>
          {shown !== '' ? (
            <Secret value={shown} label="Copy the shared secret">
              It is shown this once. The old one is refused from now on.
            </Secret>
          ) : (
            <div className="row wrap">
              <code className="muted">{app.sharedSecret ?? 'none'}</code>
              <Confirm label="Rotate the shared secret" title="Rotate the shared secret?" icon={<IconRotate size={14} />} disabled={!can} action={() => rotate.mutateAsync(undefined)}>
                The servers that send to /data/track are refused until they have the new one.
              </Confirm>
            </div>
          )}
        </div>
        <SignatureSecret app={app} />
      </div>
    </Card>
  )
}

function SignatureSecret({ app }: { app: App }) {
  const can = useCanChange()
  const edited = useAppDraft(app, (seen) => ({ signatureSecret: seen?.signatureSecret ?? '' }))
  return (
    <form className="stack tight" onSubmit={(e) => { e.preventDefault(); void edited.save() }}>
      <PasswordInput
        label="Signature secret"
        description="The same one as at the sender: whsec_… of Standard Webhooks, or the secret of X-Signature"
        value={edited.values.signatureSecret}
        onChange={(e) => edited.set({ signatureSecret: e.currentTarget.value })}
        disabled={!can}
        autoComplete="off"
      />
      <SaveState draft={edited} label={() => 'the signature secret'} />
      <div>
        <Button type="submit" variant="default" loading={edited.saving} disabled={!can || !edited.canSave}>
          Save the signature secret
        </Button>
      </div>
    </form>
  )
}

function Exclusions({ app }: { app: App }) {
  const can = useCanChange()
  const all = useOfApp<Exclusion[]>(app.slug, ['exclusions'])
  const lift = useChange((x: Exclusion) => writeToApp(app.slug, [`${x.kind}s`, x.id, 'flags'], 'PUT', { excluded: false, doNotProcess: false }), 'Shown and processed again')
  return (
    <Card title="Excluded and not processed" pad={false}>
      <Loaded query={all}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nobody is">Visitors and accounts of your own people, or of those who object, can be left out on their pages.</Empty>
          ) : (
            <div className="scroll-x" tabIndex={0}>
              <Grid>
                <thead>
                  <tr><th>Who</th><th>Kind</th><th>State</th><th>Since</th><th><span className="sr">Actions</span></th></tr>
                </thead>
                <tbody>
                  {rows.map((x) => (
                    <tr key={`${x.kind} ${x.id}`}>
                      <td><Link to={`${appBase(app.slug)}/${x.kind}s/${encodeURIComponent(x.id)}`}>{x.id}</Link></td>
                      <td className="muted">{x.kind}</td>
                      <td><span className="row">{x.excluded && <Pill tone="idle">excluded</Pill>}{x.doNotProcess && <Pill tone="warn">not processed</Pill>}</span></td>
                      <td><Ago at={x.at} /></td>
                      <td className="num"><Button size="compact-xs" variant="default" disabled={!can || lift.isPending} onClick={() => lift.mutate(x, { onError: tellProblem })}>Lift</Button></td>
                    </tr>
                  ))}
                </tbody>
              </Grid>
            </div>
          )
        }
      </Loaded>
    </Card>
  )
}

function Delete({ app }: { app: App }) {
  const can = useCanChange()
  const go = useGo()
  const remove = useChange(() => done(client.DELETE('/api/apps/{app}', { params: { path: { app: app.slug } } })), `App ${app.name} is deleted`)
  return (
    <Card title="Delete">
      <div className="spread">
        <p className="muted small">What it received stays on the log until its retention ends, and is no longer shown.</p>
        <Confirm
          label="Delete app"
          title={`Delete ${app.name}?`}
          typed={app.slug}
          disabled={!can}
          icon={<IconTrash size={14} />}
          action={async () => { await remove.mutateAsync(undefined); go('/apps') }}
        >
          Its key becomes an unknown one: what is sent with it from then on reaches nobody.
        </Confirm>
      </div>
    </Card>
  )
}
