import { useLayoutEffect, useMemo, useRef, useState } from 'react'

import { tellProblem } from '../api/workspace'
import { Chooser, type Chosen, stands } from '../lib/choice'

/** What the server has, and its version: a revision, or when it was answered. */
interface Saved<V> {
  value: V
  version: number
}

/** From which version on the server's value has a choice: that of the answer, or one that is counted otherwise. */
type Since = number | { revision: number }

/**
 * A control whose choice is saved at once: a switch, a select of a row. It shows the choice before the server has
 * answered, and goes back only if the server does not take it.
 */
export function useChoice<V>(saved: Saved<V>, save: (value: V) => Promise<Since>) {
  const [chosen, show] = useState<Chosen<V>>()
  const standing = stands(chosen, saved.version) ? chosen.value : saved.value
  const latest = useRef({ save, standing })
  useLayoutEffect(() => {
    latest.current = { save, standing }
  })
  const chooser = useMemo(() => {
    const save = async (value: V) => {
      const since = await latest.current.save(value)
      return typeof since === 'number' ? since : since.revision
    }
    return new Chooser<V>({ save, show, refused: tellProblem })
  }, [])
  const choose = (value: V) => {
    latest.current.standing = value // what is chosen next may be made of it, before this is drawn
    chooser.choose(value)
  }
  return { value: standing, choose, change: (make: (now: V) => V) => choose(make(latest.current.standing)) }
}
