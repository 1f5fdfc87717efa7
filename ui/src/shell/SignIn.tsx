import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'

import { client, Problem, unwrap } from '../api/client'
import { ProblemBox } from '../parts/states'
import { Logo } from './Logo'
import styles from './SignIn.module.css'
import { entered, enterByToken } from './useSession'

interface FrameProps {
  title: string
  text?: ReactNode
  submit: string
  action: () => Promise<void>
  children: ReactNode
  foot?: ReactNode
  error?: unknown
}

/** A form that stands alone, for whoever is not signed in. */
export function DoorForm({ title, text, submit, action, children, foot, error }: FrameProps) {
  const [problem, setProblem] = useState<unknown>(error ?? null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = `${title} · Penstock`
  }, [title])
  const run = async () => {
    setBusy(true)
    setProblem(null)
    try {
      await action()
    } catch (failure) {
      setProblem(failure)
    }
    setBusy(false)
  }
  return (
    <main className={styles.page}>
      <form
        className={styles.form}
        onSubmit={(e) => {
          e.preventDefault()
          void run()
        }}
      >
        <Logo />
        <h1>{title}</h1>
        {text !== undefined && <p className="muted small">{text}</p>}
        {children}
        {problem !== null && <ProblemBox error={problem} />}
        <Button type="submit" size="sm" loading={busy} fullWidth>
          {submit}
        </Button>
        {foot}
      </form>
    </main>
  )
}

/** Asks who is there: by e-mail and password, or by a token. */
export function SignIn({ setup, error }: { setup: boolean; error: unknown }) {
  const [byToken, setByToken] = useState(setup)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [token, setToken] = useState('')
  const other = (
    <Anchor component="button" type="button" size="sm" onClick={() => setByToken(!byToken)}>
      {byToken ? 'Sign in with e-mail and password' : 'Use a token instead'}
    </Anchor>
  )
  if (byToken)
    return (
      <DoorForm
        key="token"
        title="Sign in"
        text={setup ? 'There is no user yet: open the link that penstock serve printed, to become the owner. Or sign in by token.' : undefined}
        submit="Sign in"
        error={error}
        foot={setup ? undefined : other}
        action={async () => {
          if (!(await enterByToken(token.trim()))) throw new Problem(401, 'The token is not known', 'It is what the server got as PENSTOCK_ADMIN_TOKEN, or printed at its first start; or one that was made in the settings.')
        }}
      >
        <PasswordInput label="Token" description="It stays in this tab." value={token} onChange={(e) => setToken(e.currentTarget.value)} autoComplete="off" autoFocus required size="md" />
      </DoorForm>
    )
  return (
    <DoorForm key="password" title="Sign in" submit="Sign in" error={error} foot={other} action={async () => entered((await unwrap(client.POST('/api/session', { body: { email, password } }))).data)}>
      <TextInput label="E-mail" type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} autoComplete="username" autoFocus required size="md" />
      <PasswordInput label="Password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="current-password" required size="md" />
    </DoorForm>
  )
}
