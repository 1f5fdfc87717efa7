import { useEffect, useMemo, useState } from 'react'

import type { Message } from '../../api/sse'
import { follow, type TailState } from '../../api/tail'
import { Meter, TailBuffer } from './buffer'
import { entryOf } from './entry'

const drawMillis = 250 // what came in meanwhile is drawn together

export interface Tail {
  buffer: TailBuffer
  /** Grows whenever there is something new to draw. */
  version: number
  /** Events in a second. */
  rate: number
  state: TailState
  /** The end of the log, a sequence, when it began to be followed: what lies behind it is new. Infinite until it is known. */
  since: number
}

const undrawn = { version: 0, rate: 0 }

/** Follows what comes in. Everything is taken into the buffer; the page is drawn four times a second at most. */
export function useTail(query: Record<string, string>): Tail {
  const key = new URLSearchParams(query).toString()
  const buffer = useMemo(() => new TailBuffer(), [key]) // eslint-disable-line react-hooks/exhaustive-deps
  const [drawn, setDrawn] = useState(undrawn)
  const [state, setState] = useState<TailState>({ state: 'connecting' })
  const [since, setSince] = useState(Infinity)
  useEffect(() => {
    const meter = new Meter()
    let waiting: Message[] = []
    setSince(Infinity)
    setDrawn((was) => ({ ...undrawn, version: was.version }))
    const stop = follow({
      query: Object.fromEntries(new URLSearchParams(key)),
      onMessages: (messages) => {
        waiting = waiting.concat(messages)
      },
      onState: (now) => {
        setState(now)
        if (now.state === 'live') setSince((was) => Math.min(was, now.end))
      },
    })
    const timer = setInterval(() => {
      const taken = waiting
      waiting = []
      if (taken.length > 0) {
        const entries = taken.map(entryOf)
        buffer.push(entries)
        meter.add(entries.map((e) => Date.parse(e.receivedAt) || 0), performance.now())
      }
      const rate = meter.rate(performance.now())
      setDrawn((was) => (taken.length === 0 && rate === was.rate ? was : { version: was.version + (taken.length > 0 ? 1 : 0), rate }))
    }, drawMillis)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [key, buffer])
  return { buffer, version: drawn.version, rate: drawn.rate, since, state }
}
