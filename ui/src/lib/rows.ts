/** The rows of a table, of which some may not be here: an array, or more than one would want to hold. */
export interface Rows<T> {
  readonly length: number
  at(index: number): T | undefined
}

/** The numbers of the pages, other than the first, that hold the rows from one number to another, both included. */
export function pagesOf(from: number, to: number, size: number): number[] {
  const first = Math.max(1, Math.floor(from / size))
  const last = Math.floor(to / size)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
}
