import { useEffect, useRef, useState } from 'react'

import { type LedgerRow, type Outcomes, total } from '../../lib/flow'
import { rate } from '../../lib/format'

export interface Rates {
  of: (destination: string, mapping: string) => Pick<Outcomes, 'accepted' | 'delivered'>
  all: Pick<Outcomes, 'accepted' | 'delivered'>
  label: (perSecond: number) => string
}

type Sample = { at: number; rows: Map<string, Outcomes> }

const spanMillis = 10_000 // over which a rate is taken

function key(destination: string, mapping: string): string {
  return `${destination}\n${mapping}`
}

/** What the ledger grew by in the last seconds. */
export function useRates(rows: LedgerRow[] | undefined, at: number): Rates {
  const samples = useRef<Sample[]>([])
  const [, draw] = useState(0)
  useEffect(() => {
    if (rows === undefined || at === 0) return
    const sample: Sample = { at, rows: new Map(rows.map((r) => [key(r.destination, r.mapping), r])) }
    sample.rows.set('', total(rows))
    samples.current = [...samples.current.filter((s) => s.at > at - spanMillis && s.at < at), sample]
    draw((n) => n + 1)
  }, [rows, at])
  const rateOf = (k: string) => {
    const first = samples.current[0]
    const last = samples.current.at(-1)
    const before = first?.rows.get(k)
    const after = last?.rows.get(k)
    if (first === undefined || last === undefined || before === undefined || after === undefined || last.at === first.at) return { accepted: 0, delivered: 0 }
    const seconds = (last.at - first.at) / 1000
    return { accepted: Math.max(0, after.accepted - before.accepted) / seconds, delivered: Math.max(0, after.delivered - before.delivered) / seconds }
  }
  return { of: (d, m) => rateOf(key(d, m)), all: rateOf(''), label: rate }
}
