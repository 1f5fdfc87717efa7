import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconLink, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { client, done, type Schemas, unwrap } from '../../api/client'
import { tellProblem, useChange } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Grid } from '../../parts/Grid'
import { Ago, Pill } from '../../parts/small'
import { Held } from '../../parts/SaveState'
import { Loaded, ProblemBox } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useSession } from '../../shell/useSession'
import { SettingsFrame } from './SettingsFrame'
import { ShownOnce } from './ShownOnce'

export const roles = [{ value: 'viewer', label: 'Viewer: sees everything' }, { value: 'editor', label: 'Editor: changes the workspace' }, { value: 'owner', label: 'Owner: users and tokens too' }]

/** Who may sign in. */
export function Users() {
  return (
    <SettingsFrame active="users" actions={<Invite />}>
      <List />
    </SettingsFrame>
  )
}

function List() {
  const users = useQuery({ queryKey: ['users'], queryFn: async () => (await unwrap(client.GET('/api/users'))).data })
  return (
    <Loaded query={users}>
      {(all) => (
        <div className="card scroll-x" tabIndex={0}>
          <Grid>
            <thead><tr><th>Name</th><th>E-mail</th><th>Role</th><th>State</th><th>Last sign-in</th><th><span className="sr">Actions</span></th></tr></thead>
            <tbody>
              {all.length === 0 && <tr><td colSpan={6} className="muted">There is no user: whoever is here came by token. Invite the first one.</td></tr>}
              {all.map((u) => <Row key={u.id} user={u} asOf={users.dataUpdatedAt} />)}
            </tbody>
          </Grid>
        </div>
      )}
    </Loaded>
  )
}

function Row({ user: u, asOf }: { user: Schemas['User']; asOf: number }) {
  const session = useSession()
  const change = useChange((role: Schemas['User']['role']) => unwrap(client.PATCH('/api/users/{id}', { params: { path: { id: u.id } }, body: { role } })), 'The role is changed')
  const role = useChoice({ value: u.role, version: asOf }, (role) => change.mutateAsync(role).then(() => Date.now()))
  const remove = useChange(() => done(client.DELETE('/api/users/{id}', { params: { path: { id: u.id } } })), 'The user is deleted')
  return (
    <tr>
      <td style={{ fontWeight: 550 }}>{u.name || '–'} {session.state === 'in' && session.email === u.email && <Pill tone="accent">you</Pill>}</td>
      <td>{u.email}</td>
      <td>
        <Select
          aria-label={`Role of ${u.email}`}
          size="xs"
          w={120}
          data={['viewer', 'editor', 'owner']}
          value={role.value}
          allowDeselect={false}
          onChange={(next) => next !== null && next !== role.value && role.choose(next as typeof u.role)}
        />
      </td>
      <td><Pill tone={u.state === 'active' ? 'ok' : 'idle'} dot>{u.state}</Pill></td>
      <td className="muted"><Ago at={u.lastSignInAt} /></td>
      <td>
        <span className="row" style={{ justifyContent: 'flex-end' }}>
          <NewLink user={u} />
          <Confirm label="Delete" title={`Delete ${u.email}?`} icon={<IconTrash size={14} />} action={() => remove.mutateAsync(undefined)}>Their sessions end at once. What they changed stays, and stays in the audit trail.</Confirm>
        </span>
      </td>
    </tr>
  )
}

/** A further one-time link, for who has lost the first one, or the password. */
function NewLink({ user }: { user: Schemas['User'] }) {
  const [open, dialog] = useDisclosure(false)
  const make = useChange(async () => (await unwrap(client.POST('/api/users/{id}/invite', { params: { path: { id: user.id } } }))).data)
  return (
    <>
      <Button variant="default" leftSection={<IconLink size={14} />} loading={make.isPending} onClick={() => make.mutate(undefined, { onSuccess: dialog.open, onError: tellProblem })}>New link</Button>
      <Modal opened={open} onClose={dialog.close} title={`A link for ${user.email}`} centered>
        {make.data !== undefined && <ShownOnce value={make.data.link} label="Copy the link" onDone={dialog.close}>With it, {user.name || user.email} sets a password and is signed in. It works once, until <Ago at={make.data.expiresAt} />, and is shown only now.</ShownOnce>}
      </Modal>
    </>
  )
}

function Invite() {
  const [open, dialog] = useDisclosure(false)
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<string>('editor')
  const [made, setMade] = useState<Schemas['CreatedUser'] | null>(null)
  const create = useChange(async () => (await unwrap(client.POST('/api/users', { body: { email, name, role: role as Schemas['User']['role'] } }))).data)
  const begin = () => {
    setMade(null)
    setEmail('')
    setName('')
    create.reset()
    dialog.open()
  }
  return (
    <>
      <Button leftSection={<IconPlus size={14} />} onClick={begin}>Invite user</Button>
      <Modal opened={open} onClose={dialog.close} title="Invite user" centered>
        {made !== null ? (
          <ShownOnce value={made.invite?.link ?? ''} label="Copy the link" onDone={dialog.close}>Send this link to {made.user.email}. It works once, and is shown only now.</ShownOnce>
        ) : (
          <form className="stack" onSubmit={(e) => { e.preventDefault(); create.mutate(undefined, { onSuccess: setMade }) }}>
            <Held held={create.isPending}>
              <TextInput
                label="E-mail"
                type="email"
                value={email}
                onChange={(e) => setEmail(e.currentTarget.value)}
                required
                data-autofocus
              />
              <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required />
              <Select
                label="Role"
                data={roles}
                value={role}
                onChange={(v) => v !== null && setRole(v)}
                allowDeselect={false}
              />
            </Held>
            {create.error !== null && <ProblemBox error={create.error} />}
            <Button type="submit" loading={create.isPending}>Make the link</Button>
          </form>
        )}
      </Modal>
    </>
  )
}
