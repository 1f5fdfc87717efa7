import { Button, Modal, Select, Switch, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlugConnected, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'

import { client, done, unwrap } from '../../api/client'
import { useApps, useChange } from '../../api/workspace'
import { withChosen } from '../../lib/options'
import { Confirm } from '../../parts/Confirm'
import { Grid } from '../../parts/Grid'
import { Ago, Pill } from '../../parts/small'
import { Held } from '../../parts/SaveState'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import { useIsOwner } from '../../shell/useSession'
import { SettingsFrame } from './SettingsFrame'
import { ShownOnce } from './ShownOnce'

/** What programs read the receiving side by, at the addresses that Pendo's own API has. */
export function IntegrationKeys() {
  const owner = useIsOwner()
  const apps = useApps()
  const keys = useQuery({ queryKey: ['integration-keys'], queryFn: async () => (await unwrap(client.GET('/api/integration-keys'))).data })
  const remove = useChange((id: string) => done(client.DELETE('/api/integration-keys/{id}', { params: { path: { id } } })), 'The key is deleted')
  return (
    <SettingsFrame active="keys" actions={owner && <NewKey />}>
      <Loaded query={keys}>
        {(all) => (
          <div className="stack">
            <div className="card scroll-x" tabIndex={0}>
              {all.length === 0 ? (
                <Empty icon={<IconPlugConnected size={28} stroke={1.4} />} title="No integration key yet">With a key in x-pendo-integration-key, a program reads visitors, accounts and events at /api/v1, as it does at Pendo.</Empty>
              ) : (
                <Grid>
                  <thead><tr><th>Description</th><th>App</th><th>May</th><th>Made</th><th>Last used</th><th><span className="sr">Actions</span></th></tr></thead>
                  <tbody>
                    {all.map((k) => (
                      <tr key={k.id}>
                        <td style={{ fontWeight: 550 }}>{k.description}</td>
                        <td>{k.app === undefined || k.app === '' ? <span className="muted">every one</span> : <Link to={`/apps/${k.app}`}>{apps.data?.find((a) => a.slug === k.app)?.name ?? k.app}</Link>}</td>
                        <td><Pill tone={k.writeAccess ? 'accent' : 'idle'}>{k.writeAccess ? 'read and write' : 'read'}</Pill></td>
                        <td className="muted"><Ago at={k.createdAt} /></td>
                        <td className="muted"><Ago at={k.lastUsedAt} /></td>
                        <td style={{ textAlign: 'right' }}><Confirm label="Delete" title={`Delete ${k.description}?`} disabled={!owner} icon={<IconTrash size={14} />} action={() => remove.mutateAsync(k.id)}>Whatever uses it is refused from then on.</Confirm></td>
                      </tr>
                    ))}
                  </tbody>
                </Grid>
              )}
            </div>
            {!owner && <p className="muted small">Only an owner makes and deletes integration keys.</p>}
          </div>
        )}
      </Loaded>
    </SettingsFrame>
  )
}

const every = { value: '', label: 'Every one' }

function NewKey() {
  const apps = useApps()
  const [open, dialog] = useDisclosure(false)
  const [description, setDescription] = useState('')
  const [app, setApp] = useState('')
  const [writeAccess, setWriteAccess] = useState(false)
  const [made, setMade] = useState('')
  const create = useChange(async () => (await unwrap(client.POST('/api/integration-keys', { body: { description, writeAccess, ...(app === '' ? {} : { app }) } }))).data.key)
  return (
    <>
      <Button leftSection={<IconPlus size={14} />} onClick={() => { setMade(''); setDescription(''); create.reset(); dialog.open() }}>New integration key</Button>
      <Modal opened={open} onClose={dialog.close} title="New integration key" centered>
        {made !== '' ? (
          <ShownOnce value={made} label="Copy the key" onDone={dialog.close}>Take it now: it is not shown again.</ShownOnce>
        ) : (
          <form className="stack" onSubmit={(e) => { e.preventDefault(); create.mutate(undefined, { onSuccess: setMade }) }}>
            <Held held={create.isPending}>
              <TextInput
                label="Description"
                description="What uses it"
                value={description}
                onChange={(e) => setDescription(e.currentTarget.value)}
                required
                data-autofocus
                maxLength={200}
              />
              <Select
                label="App"
                data={withChosen([every, ...(apps.data ?? []).map((a) => ({ value: a.slug, label: a.name }))], app)}
                value={app}
                onChange={(v) => setApp(v ?? '')}
                allowDeselect={false}
              />
              <Switch
                checked={writeAccess}
                onChange={(e) => setWriteAccess(e.currentTarget.checked)}
                label="May write"
                description="Set metadata of visitors and accounts"
              />
            </Held>
            {create.error !== null && <ProblemBox error={create.error} />}
            <Button type="submit" loading={create.isPending}>Make the key</Button>
          </form>
        )}
      </Modal>
    </>
  )
}
