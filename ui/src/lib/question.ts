/**
 * What a page asks. It is changed by the user, and its address follows; or it is read from an address that somebody
 * went to.
 */
export interface Asked<Q> {
  question: Q
  /** The navigation that was heeded last, by its key. */
  at: string
  /** The address is to follow. */
  own: boolean
}

/** An address that the router has come to, and how. */
export interface Arrival {
  key: string
  search: string
  type: 'POP' | 'PUSH' | 'REPLACE'
}

export type Read<Q> = (query: URLSearchParams) => Q

export function begin<Q>(arrival: Arrival, read: Read<Q>): Asked<Q> {
  return { question: read(new URLSearchParams(arrival.search)), at: arrival.key, own: false }
}

/** The question after the user has changed it, from the newest one. */
export function ask<Q>(asked: Asked<Q>, change: (now: Q) => Q): Asked<Q> {
  return { ...asked, question: change(asked.question), own: true }
}

/**
 * The question after an address was come to. An address that follows the question may come late, when the question has
 * gone on: it is not heeded. One that somebody went to, by a link, back or forward, is.
 */
export function arrive<Q>(asked: Asked<Q>, arrival: Arrival, read: Read<Q>): Asked<Q> {
  if (arrival.key === asked.at) return asked
  if (arrival.type === 'REPLACE' && asked.own) return { ...asked, at: arrival.key }
  return begin(arrival, read)
}
