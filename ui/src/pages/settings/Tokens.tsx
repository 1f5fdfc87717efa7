import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { client, done, type Schemas, unwrap } from '../../api/client'
import { useChange } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Grid } from '../../parts/Grid'
import { Ago, Pill } from '../../parts/small'
import { Held } from '../../parts/SaveState'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import { SettingsFrame } from './SettingsFrame'
import { ShownOnce } from './ShownOnce'
import { roles } from './Users'

const lifetimes = [{ value: '', label: 'It does not expire' }, { value: '30', label: '30 days' }, { value: '90', label: '90 days' }, { value: '365', label: 'A year' }]

/** What programs sign in by. */
export function Tokens() {
  return (
    <SettingsFrame active="tokens" actions={<NewToken />}>
      <List />
    </SettingsFrame>
  )
}

function List() {
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: async () => (await unwrap(client.GET('/api/tokens'))).data })
  const remove = useChange((id: string) => done(client.DELETE('/api/tokens/{id}', { params: { path: { id } } })), 'The token is deleted')
  return (
    <Loaded query={tokens}>
      {(all) => (
        <div className="card scroll-x" tabIndex={0}>
          {all.length === 0 ? (
            <Empty icon={<IconKey size={28} stroke={1.4} />} title="No token yet">A token lets a program do what its role may: the command line, Terraform, or the Public API&apos;s SDKs.</Empty>
          ) : (
            <Grid>
              <thead><tr><th>Name</th><th>Role</th><th>Made by</th><th>Made</th><th>Last used</th><th>Expires</th><th><span className="sr">Actions</span></th></tr></thead>
              <tbody>
                {all.map((t) => (
                  <tr key={t.id}>
                    <td style={{ fontWeight: 550 }}>{t.name}</td>
                    <td><Pill tone="idle">{t.role}</Pill></td>
                    <td className="muted">{t.createdBy}</td>
                    <td className="muted"><Ago at={t.createdAt} /></td>
                    <td className="muted"><Ago at={t.lastUsedAt} /></td>
                    <td className="muted"><Ago at={t.expiresAt} /></td>
                    <td style={{ textAlign: 'right' }}><Confirm label="Delete" title={`Delete ${t.name}?`} icon={<IconTrash size={14} />} action={() => remove.mutateAsync(t.id)}>Whatever uses it is refused from then on.</Confirm></td>
                  </tr>
                ))}
              </tbody>
            </Grid>
          )}
        </div>
      )}
    </Loaded>
  )
}

function NewToken() {
  const [open, dialog] = useDisclosure(false)
  const [name, setName] = useState('')
  const [role, setRole] = useState('viewer')
  const [days, setDays] = useState('')
  const [made, setMade] = useState<Schemas['CreatedToken'] | null>(null)
  const create = useChange(async () => {
    const expiresAt = days === '' ? undefined : new Date(Date.now() + Number(days) * 86_400_000).toISOString()
    return (await unwrap(client.POST('/api/tokens', { body: { name, role: role as Schemas['Token']['role'], expiresAt } }))).data
  })
  return (
    <>
      <Button leftSection={<IconPlus size={14} />} onClick={() => { setMade(null); setName(''); create.reset(); dialog.open() }}>New token</Button>
      <Modal opened={open} onClose={dialog.close} title="New token" centered>
        {made !== null ? (
          <ShownOnce value={made.token} label="Copy token" onDone={dialog.close}>Take it now: it is not shown again.</ShownOnce>
        ) : (
          <form className="stack" onSubmit={(e) => { e.preventDefault(); create.mutate(undefined, { onSuccess: setMade }) }}>
            <Held held={create.isPending}>
              <TextInput
                label="Name"
                description="What uses it"
                placeholder="Terraform"
                value={name}
                onChange={(e) => setName(e.currentTarget.value)}
                required
                data-autofocus
              />
              <Select
                label="Role"
                data={roles}
                value={role}
                onChange={(v) => v !== null && setRole(v)}
                allowDeselect={false}
              />
              <Select
                label="Expires"
                data={lifetimes}
                value={days}
                onChange={(v) => v !== null && setDays(v)}
                allowDeselect={false}
              />
            </Held>
            {create.error !== null && <ProblemBox error={create.error} />}
            <Button type="submit" loading={create.isPending}>Make the token</Button>
          </form>
        )}
      </Modal>
    </>
  )
}
