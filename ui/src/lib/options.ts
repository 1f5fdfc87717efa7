export interface Option {
  value: string
  label: string
}

const optionOf = (value: string): Option => ({ value, label: value })

/**
 * The options of a select, with what is chosen: it is shown though they have not come yet, or without it. Empty:
 * nothing is chosen.
 */
export function withChosen(options: readonly (Option | string)[] | undefined, chosen: string): Option[] {
  const all = (options ?? []).map((o) => (typeof o === 'string' ? optionOf(o) : { value: o.value, label: o.label }))
  return chosen === '' || all.some((o) => o.value === chosen) ? all : [...all, optionOf(chosen)]
}
