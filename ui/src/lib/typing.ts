/**
 * A field while it is typed in: its text, and what the page was told of it, the newest last; the first is what the
 * page was drawn with.
 */
export interface Typing {
  text: string
  told: string[]
}

export function begun(value: string): Typing {
  return { text: value, told: [value] }
}

export function tell(typing: Typing, value: string): Typing {
  return typing.told.at(-1) === value ? typing : { ...typing, told: [...typing.told, value] }
}

/**
 * The field once the page is drawn with a value. An older one than was told does not touch what is typed; one that
 * was never told does.
 */
export function heard(typing: Typing, value: string): Typing {
  const at = typing.told.lastIndexOf(value)
  if (at < 0) return begun(value)
  return at < typing.told.length - 1 || typing.told.length === 1 ? typing : { ...typing, told: [value] }
}
