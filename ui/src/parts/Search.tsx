import { TextInput, type TextInputProps } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'

import { useTyped } from './Typed'

const calmMillis = 200 // after the last key

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string
  onSearch: (value: string) => void
  label: string
}

/** A field to search by; the key / leads to it. */
export function Search({ value, onSearch, label, ...rest }: Props) {
  const field = useTyped(value, onSearch)
  return (
    <TextInput
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={field.text === '' ? <kbd aria-hidden>/</kbd> : null}
      placeholder={label}
      aria-label={label}
      type="search"
      data-search
      {...rest}
      value={field.text}
      onBlur={() => field.say(field.text)} // at once: what is clicked next is not to be taken back by it
      onChange={(e) => {
        field.type(e.currentTarget.value)
        field.saySoon(e.currentTarget.value, calmMillis)
      }}
    />
  )
}
