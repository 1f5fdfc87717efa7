import { TextInput, type TextInputProps } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'

import { begun, heard, tell } from '../lib/typing'

/**
 * A text that is told to the page some time after it is typed. What is typed stays when the page is drawn with an
 * older value.
 */
export function useTyped(value: string, onTell: (value: string) => void) {
  const [typing, setTyping] = useState(() => begun(value))
  const now = heard(typing, value)
  if (now !== typing) setTyping(now)
  const told = useRef(value)
  const waiting = useRef(0)
  useEffect(() => {
    told.current = now.told.at(-1) ?? value
  }, [now.told, value])
  useEffect(() => {
    // There is nothing to tell: it was told, or the page has gone elsewhere.
    if (now.text === value) window.clearTimeout(waiting.current)
  }, [now.text, value])
  useEffect(() => () => window.clearTimeout(waiting.current), [])
  const say = (next: string) => {
    window.clearTimeout(waiting.current)
    if (next === told.current) return
    told.current = next
    setTyping((typing) => tell(typing, next))
    onTell(next)
  }
  const saySoon = (next: string, millis: number) => {
    window.clearTimeout(waiting.current)
    waiting.current = window.setTimeout(() => say(next), millis)
  }
  return { text: now.text, type: (text: string) => setTyping((typing) => ({ ...typing, text })), say, saySoon }
}

interface Props extends Omit<TextInputProps, 'value' | 'onChange' | 'label'> {
  value: string
  onChange: (value: string) => void
  label: string
}

/** A field that counts once it is left, or Enter is pressed. */
export function LateInput({ value, onChange, label, ...rest }: Props) {
  const field = useTyped(value, onChange)
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      {...rest}
      value={field.text}
      onChange={(e) => field.type(e.currentTarget.value)}
      onBlur={() => field.say(field.text)}
      onKeyDown={(e) => e.key === 'Enter' && field.say(field.text)}
    />
  )
}
