import { TextInput, type TextInputProps } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string
  onSearch: (value: string) => void
  label: string
}

/** A field to search by; the key / leads to it. */
export function Search({ value, onSearch, label, ...rest }: Props) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  const tell = useDebouncedCallback((next: string) => {
    told.current = next
    onSearch(next)
  }, 200)
  useEffect(() => {
    if (value !== told.current) {
      told.current = value
      setText(value)
    }
  }, [value])
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
      onChange={(e) => {
        setText(e.currentTarget.value)
        tell(e.currentTarget.value)
      }}
    />
  )
}
