import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useLocation, useNavigate } from 'react-router'

import { client, unwrap } from '../api/client'
import { DoorForm } from './SignIn'
import { entered } from './useSession'

const passwordHint = 'At least 12 characters.'

/** The token that a one-time link carries behind its #, which no server gets to see. */
function useLinkToken(): string {
  return new URLSearchParams(useLocation().hash.slice(1)).get('token') ?? ''
}

/** The link that the server printed: the first owner. */
export function Setup() {
  const token = useLinkToken()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  return (
    <DoorForm
      title="Welcome to Penstock"
      text="You become the owner: you can change everything, and invite others."
      submit="Begin"
      action={async () => {
        await entered((await unwrap(client.POST('/api/setup', { body: { token, name, email, password } }))).data)
        void navigate('/')
      }}
    >
      <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} autoComplete="name" autoFocus required size="md" />
      <TextInput label="E-mail" type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} autoComplete="username" required size="md" />
      <PasswordInput label="Password" description={passwordHint} value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="new-password" required size="md" />
    </DoorForm>
  )
}

/** The link of an invitation, or for a forgotten password. */
export function Invited() {
  const token = useLinkToken()
  const navigate = useNavigate()
  const [password, setPassword] = useState('')
  return (
    <DoorForm
      title="Choose a password"
      text="Then you are signed in."
      submit="Sign in"
      action={async () => {
        await entered((await unwrap(client.POST('/api/invites/accept', { body: { token, password } }))).data)
        void navigate('/')
      }}
    >
      <PasswordInput label="Password" description={passwordHint} value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="new-password" autoFocus required size="md" />
    </DoorForm>
  )
}
