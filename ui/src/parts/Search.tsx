import { TextInput, type TextInputProps } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'

const calmMillis = 200 // after the last key

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string
  onSearch: (value: string) => void
  label: string
}

/** A field to search by; the key / leads to it. */
export function Search({ value, onSearch, label, ...rest }: Props) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  const waiting = useRef(0)
  const tell = (next: string) => {
    window.clearTimeout(waiting.current)
    if (next === told.current) return
    told.current = next
    onSearch(next)
  }
  const tellSoon = (next: string) => {
    window.clearTimeout(waiting.current)
    waiting.current = window.setTimeout(() => tell(next), calmMillis)
  }
  useEffect(() => {
    if (value === told.current) return
    window.clearTimeout(waiting.current) // the page has gone elsewhere meanwhile
    told.current = value
    setText(value)
  }, [value])
  useEffect(() => () => window.clearTimeout(waiting.current), [])
  return (
    <TextInput
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={text === '' ? <kbd aria-hidden>/</kbd> : null}
      placeholder={label}
      aria-label={label}
      type="search"
      data-search
      {...rest}
      value={text}
      onBlur={() => tell(text)} // at once: what is clicked next is not to be taken back by it
      onChange={(e) => {
        setText(e.currentTarget.value)
        tellSoon(e.currentTarget.value)
      }}
    />
  )
}
