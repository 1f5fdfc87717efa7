import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'

import { tellProblem } from '../api/workspace'
import { Newest } from '../lib/newest'
import { ProblemBox } from './states'

interface Props {
  label: string
  title: string
  children: ReactNode
  /** What has to be typed before it can be done; absent: nothing. */
  typed?: string
  action: () => Promise<unknown>
  disabled?: boolean
  icon?: ReactNode
}

/** A button for what cannot be undone: it asks once more, and says what will happen. */
export function Confirm({ label, title, children, typed, action, disabled, icon }: Props) {
  const [open, dialog] = useDisclosure(false)
  const [text, setText] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const [asked] = useState(() => new Newest()) // an answer counts only for the opening that asked
  const begin = () => {
    asked.begin()
    setText('')
    setError(null)
    setBusy(false)
    dialog.open()
  }
  const run = async () => {
    const counts = asked.begin()
    setBusy(true)
    setError(null)
    try {
      await action()
      if (counts()) dialog.close()
    } catch (problem) {
      if (counts()) setError(problem)
      else tellProblem(problem)
    }
    if (counts()) setBusy(false)
  }
  const leave = () => {
    asked.begin() // what comes of it is told elsewhere
    dialog.close()
  }
  return (
    <>
      <Button
        style={{ flexShrink: 0 }}
        variant="default"
        c="var(--bad)"
        onClick={begin}
        disabled={disabled === true}
        leftSection={icon}
      >
        {label}
      </Button>
      <Modal opened={open} onClose={leave} title={title} centered>
        <div className="stack">
          <div className="small">{children}</div>
          {typed !== undefined && <TextInput label={`Type ${typed} to go on`} value={text} onChange={(e) => setText(e.currentTarget.value)} data-autofocus />}
          {error !== null && <ProblemBox error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={leave}>
              Cancel
            </Button>
            <Button color="red.8" loading={busy} disabled={typed !== undefined && text !== typed} onClick={() => void run()}>
              {label}
            </Button>
          </Group>
        </div>
      </Modal>
    </>
  )
}
