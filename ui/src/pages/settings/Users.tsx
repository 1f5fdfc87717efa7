import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { client, type Schemas, unwrap } from '../../api/client'
import { tellProblem, useChange } from '../../api/workspace'
import { Confirm } from '../../parts/Confirm'
import { Ago, CopyField, Pill } from '../../parts/small'
import { Loaded, ProblemBox } from '../../parts/states'
import { useSession } from '../../shell/useSession'
import { SettingsFrame } from './SettingsFrame'

export const roles = [{ value: 'viewer', label: 'Viewer: sees everything' }, { value: 'editor', label: 'Editor: changes the workspace' }, { value: 'owner', label: 'Owner: users and tokens too' }]

/** Who may sign in. */
export function Users() {
  const users = useQuery({ queryKey: ['users'], queryFn: async () => (await unwrap(client.GET('/api/users'))).data })
  const session = useSession()
  const change = useChange(({ id, role }: { id: string; role: string }) => unwrap(client.PATCH('/api/users/{id}', { params: { path: { id } }, body: { role } as Schemas['ChangeUserInputBody'] })), 'The role is changed')
  const remove = useChange(async (id: string) => {
    const { error, response } = await client.DELETE('/api/users/{id}', { params: { path: { id } } })
    if (error !== undefined) await unwrap(Promise.resolve({ error, response }))
  }, 'The user is deleted')
  return (
    <SettingsFrame active="users" actions={<Invite />}>
      <Loaded query={users}>
        {(all) => (
          <div className="card scroll-x" tabIndex={0}>
            <table className="grid">
              <thead><tr><th>Name</th><th>E-mail</th><th>Role</th><th>State</th><th>Last sign-in</th><th aria-label="Actions" /></tr></thead>
              <tbody>
                {all.length === 0 && <tr><td colSpan={6} className="muted">There is no user: whoever is here came by token. Invite the first one.</td></tr>}
                {all.map((u) => (
                  <tr key={u.id}>
                    <td style={{ fontWeight: 550 }}>{u.name || '–'} {session.state === 'in' && session.email === u.email && <Pill tone="accent">you</Pill>}</td>
                    <td>{u.email}</td>
                    <td><Select aria-label={`Role of ${u.email}`} size="xs" w={120} data={['viewer', 'editor', 'owner']} value={u.role} allowDeselect={false} onChange={(role) => role !== null && change.mutate({ id: u.id, role }, { onError: tellProblem })} /></td>
                    <td><Pill tone={u.state === 'active' ? 'ok' : 'idle'} dot>{u.state}</Pill></td>
                    <td className="muted"><Ago at={u.lastSignInAt} /></td>
                    <td style={{ textAlign: 'right' }}><Confirm label="Delete" title={`Delete ${u.email}?`} icon={<IconTrash size={14} />} action={() => remove.mutateAsync(u.id)}>Their sessions end at once.</Confirm></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </SettingsFrame>
  )
}

function Invite() {
  const [open, dialog] = useDisclosure(false)
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<string>('editor')
  const [made, setMade] = useState<Schemas['CreatedUser'] | null>(null)
  const create = useChange(async () => (await unwrap(client.POST('/api/users', { body: { email, name, role } as never }))).data)
  return (
    <>
      <Button leftSection={<IconPlus size={14} />} onClick={() => { setMade(null); dialog.open() }}>Invite user</Button>
      <Modal opened={open} onClose={dialog.close} title="Invite user" centered>
        {made !== null ? (
          <div className="stack">
            <p className="small">Send this link to {made.user.email}. It works once, and is shown only now.</p>
            {made.invite !== undefined && <CopyField value={made.invite.link} label="Copy the link" />}
            <Button onClick={dialog.close}>Done</Button>
          </div>
        ) : (
          <form className="stack" onSubmit={(e) => { e.preventDefault(); create.mutate(undefined, { onSuccess: setMade }) }}>
            <TextInput label="E-mail" type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} required data-autofocus />
            <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required />
            <Select label="Role" data={roles} value={role} onChange={(v) => v !== null && setRole(v)} allowDeselect={false} />
            {create.error !== null && <ProblemBox error={create.error} />}
            <Button type="submit" loading={create.isPending}>Make the link</Button>
          </form>
        )}
      </Modal>
    </>
  )
}
