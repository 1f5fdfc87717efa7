/**
 * What a page asks. It is changed by the user, and its address follows; or it is read from an address that somebody
 * went to.
 */
export interface Asked<Q> {
  question: Q
  /** The navigation that the question was read from last, by its key. */
  at: string
  /** The address is to follow. */
  own: boolean
}

/** An address that the router has come to, and how. */
export interface Arrival {
  key: string
  search: string
  /** It is the copy of a question: the page has written it, and nobody went there. */
  copy: boolean
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
 * The question after an address was come to. A copy of the question may come late, when the question has gone on: it
 * changes nothing, not even at. The router draws in transitions, which are given up and begun again; so a change of the
 * user may be made from a state of a draw that never was, and drawn with an older address than that state has seen.
 */
export function arrive<Q>(asked: Asked<Q>, arrival: Arrival, read: Read<Q>): Asked<Q> {
  return arrival.copy || arrival.key === asked.at ? asked : begin(arrival, read)
}
