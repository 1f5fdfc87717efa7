import { useState } from 'react'

import { differences } from '../lib/changes'

/**
 * How a value is spelled while it is typed: what was typed stays as long as it means the value, or nothing yet; when
 * the value has become another one, it is spelled again.
 */
export function useSpelling<V, S>(value: V, spell: (value: V) => S) {
  const [held, setHeld] = useState(() => ({ spelling: spell(value), means: value, clear: true }))
  const respell = held.clear && differences(held.means, value).length > 0
  const now = respell ? { spelling: spell(value), means: value, clear: true } : held
  if (respell) setHeld(now)
  return [now.spelling, (spelling: S, means: V, clear = true) => setHeld({ spelling, means, clear })] as const
}
