import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

import { appPath, type Received, useListOfApp } from '../../api/analytics'
import { follow, type TailState } from '../../api/tail'
import { Meter } from '../debugger/buffer'
import { idOf, inFront, newMax } from './rows'

const drawMillis = 250 // what came in meanwhile is drawn together

const heldMax = 20_000 // rows that wait while the display stands still; more of them are on the log

type Filters = Record<string, string>

/** What an app received: what the list has, and in front of it what has come since, unless it is held. */
export function useReceived(app: string, filters: Filters, held: boolean) {
  const key = JSON.stringify(filters)
  const queries = useQueryClient()
  const list = useListOfApp<Received>(app, ['received'], () => filters, key)
  const listed = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data])
  const [came, setCame] = useState<Received[]>([]) // newest first
  const [shown, setShown] = useState<Received[]>([])
  const [stream, setStream] = useState<TailState>({ state: 'connecting' })
  const [rate, setRate] = useState(0)
  const ready = list.isSuccess && !list.isPlaceholderData
  const after = useRef('')
  if (came.length === 0) after.current = listed[0] ? idOf(listed[0]) : ''

  const again = useCallback(() => {
    setCame([])
    setShown([])
    return queries.resetQueries({ queryKey: ['apps', app, 'received', 'list', key], exact: true })
  }, [queries, app, key])

  useEffect(() => {
    setCame([])
    setShown([])
    if (!ready) return
    const meter = new Meter()
    let waiting: Received[] = []
    const stop = follow({
      path: appPath(app, ['received', 'stream']),
      query: Object.fromEntries(Object.entries(JSON.parse(key) as Filters).filter(([, v]) => v !== '')),
      last: after.current,
      onMessages: (messages) => {
        for (const m of messages) if (m.event === 'received') waiting.push(JSON.parse(m.data) as Received)
      },
      onState: setStream,
    })
    const timer = setInterval(() => {
      const taken = waiting
      waiting = []
      if (taken.length > 0) {
        meter.add(taken.map((r) => Date.parse(r.receivedAt)), performance.now())
        setCame((before) => inFront(before, taken).slice(0, heldMax))
      }
      setRate(meter.rate(performance.now()))
    }, drawMillis)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [app, key, ready])

  useEffect(() => {
    if (!held) setShown(came)
  }, [held, came])
  // So many came that drawing them all is no use: the list is asked for anew, and begins with the newest.
  useEffect(() => {
    if (!held && came.length > newMax) void again()
  }, [held, came, again])

  const rows = useMemo(() => inFront(listed, [...shown].reverse()), [listed, shown])
  return { rows, list, stream, rate, waiting: came.length - shown.length, show: () => setShown(came) }
}
