import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'

import { Problem } from '../api/client'
import { setToken } from '../api/session'
import { ProblemBox } from '../parts/states'
import { Logo } from './Logo'
import styles from './SignIn.module.css'

/** Asks who is there. */
export function SignIn() {
  const [token, setText] = useState('')
  const [problem, setProblem] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const signIn = async () => {
    setBusy(true)
    try {
      const response = await fetch('/api/ledger', { headers: { Authorization: `Bearer ${token.trim()}` } })
      if (response.ok) setToken(token.trim())
      else setProblem(Problem.of(response.status, await response.json().catch(() => null)))
    } catch {
      setProblem(new Problem(0, 'The server cannot be reached', 'Check that penstock serve is running, and that this page was opened from it.'))
    }
    setBusy(false)
  }
  return (
    <main className={styles.page}>
      <form
        className={styles.form}
        onSubmit={(e) => {
          e.preventDefault()
          void signIn()
        }}
      >
        <Logo />
        <h1>Sign in</h1>
        <PasswordInput
          label="Admin token"
          description="What the server was given as PENSTOCK_ADMIN_TOKEN, or printed at its first start. It stays in this tab."
          value={token}
          onChange={(e) => setText(e.currentTarget.value)}
          autoComplete="current-password"
          autoFocus
          required
          size="md"
        />
        {problem !== null && <ProblemBox error={problem} />}
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Sign in
        </Button>
      </form>
    </main>
  )
}
