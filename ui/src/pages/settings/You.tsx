import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'

import { client, unwrap } from '../../api/client'
import { useChange } from '../../api/workspace'
import { Card, Pill } from '../../parts/small'
import { ProblemBox } from '../../parts/states'
import { entered, useSession } from '../../shell/useSession'
import { SettingsFrame } from './SettingsFrame'

const rights: Record<string, string> = { viewer: 'You see everything, and change nothing.', editor: 'You change the workspace; users and tokens belong to owners.', owner: 'You change everything, users and tokens among it.' }

/** Whoever is signed in. */
export function You() {
  const session = useSession()
  return (
    <SettingsFrame active="you">
      {session.state === 'in' && (
        <div className="stack" style={{ maxWidth: 560 }}>
          <Card title="You">
            <dl className="facts">
              <dt>Name</dt><dd>{session.name}</dd>
              {session.email !== undefined && <><dt>E-mail</dt><dd>{session.email}</dd></>}
              <dt>Role</dt><dd><Pill tone="accent">{session.role}</Pill> <span className="muted">{rights[session.role]}</span></dd>
            </dl>
          </Card>
          {session.kind === 'user' ? <Password /> : <p className="muted small">You are signed in by a token, which has no password. It stays in this tab, and goes when you sign out.</p>}
        </div>
      )}
    </SettingsFrame>
  )
}

function Password() {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useChange(async (body: { current: string; password: string }) => {
    await entered((await unwrap(client.PUT('/api/session/password', { body }))).data)
  }, 'The password is changed; your other sessions have ended')
  return (
    <Card title="Password">
      <form
        className="stack"
        onSubmit={(e) => {
          e.preventDefault()
          const sent = { current, password }
          // What was typed since it was sent stays.
          const clear = () => {
            setCurrent((now) => (now === sent.current ? '' : now))
            setPassword((now) => (now === sent.password ? '' : now))
          }
          change.mutate(sent, { onSuccess: clear })
        }}
      >
        <PasswordInput label="Present password" value={current} onChange={(e) => setCurrent(e.currentTarget.value)} autoComplete="current-password" required />
        <PasswordInput label="New password" description="At least 12 characters." value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="new-password" required />
        {change.error !== null && <ProblemBox error={change.error} />}
        <div>
          <Button type="submit" loading={change.isPending} disabled={current === '' || password === ''}>
            Change the password
          </Button>
        </div>
      </form>
    </Card>
  )
}
