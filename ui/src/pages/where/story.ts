import type { Schemas } from '../../api/client'

export type Journey = Schemas['Journey']
export type Arrival = Schemas['Arrival']
export type Delivery = Schemas['Delivery']
export type Tone = 'ok' | 'warn' | 'bad' | 'idle' | 'accent'

export interface Verdict {
  tone: Tone
  text: string
  mend?: string
}

/** What became of an arrival for a mapping, and why, in a sentence; and what to do about it, where something can be done. */
export function verdictOf(d: Delivery): Verdict {
  const last = d.outcomes.at(-1)
  const why = last?.reason ?? last?.code ?? d.problem ?? ''
  switch (d.state) {
    case 'delivered':
      return { tone: 'ok', text: `Delivered${last?.exchange?.status === undefined ? '' : `: the answer was ${last.exchange.status}`}${(last?.attempt ?? 1) > 1 ? `, at attempt ${last?.attempt}` : ''}.` }
    case 'filtered':
      if (d.filter !== undefined) return { tone: 'idle', text: `Not sent: ${d.filter}.`, mend: 'If it should be sent, mend the filter of the destination.' }
      return d.matched === false
        ? { tone: 'idle', text: `Not sent: the trigger does not match. ${d.trigger ?? ''}`.trim(), mend: 'If it should be sent, mend the trigger of the mapping.' }
        : { tone: 'idle', text: `Not sent: ${why || 'it was filtered'}.` }
    case 'duplicate':
      return { tone: 'idle', text: 'Not sent again: an event with the same messageId came before.' }
    case 'not owed':
      return { tone: 'idle', text: `Not sent: ${d.problem || 'the mapping was off when the event came'}.`, mend: 'What comes from now on is sent once the mapping, its destination and its source are on.' }
    case 'pending':
      return { tone: 'accent', text: 'On its way: no outcome yet.' }
    case 'retrying':
      return { tone: 'warn', text: `Tried and not taken yet: ${why}. It is tried again by itself.`, mend: 'If the reason does not go away by itself, mend the mapping, and test it on this event.' }
    case 'parked':
      return { tone: 'warn', text: `Held: the destination is not available (${why}). Everything waits in order, and goes on by itself once a probe comes through.`, mend: 'Mend the URL or the key of the mapping, or wait for the destination.' }
    case 'discarded':
      return { tone: 'bad', text: `Discarded: ${why}.`, mend: 'Mend the mapping, and try it on this event.' }
    case 'lost':
      return { tone: 'bad', text: 'Lost: the line of the log could not be read.' }
    default:
      return { tone: 'idle', text: why || d.state }
  }
}

/** The whole journey in a sentence. */
export function summaryOf(j: Journey): Verdict {
  const deliveries = j.arrivals.flatMap((a) => a.mappings)
  const count = (state: string) => deliveries.filter((d) => d.state === state).length
  const first = j.arrivals[0]
  if (first === undefined) return { tone: 'idle', text: 'It is known, and its arrival is no longer on the log.' }
  if (first.mappings.length === 0) return { tone: 'warn', text: 'It was received, and nothing is connected to its source.', mend: 'Add a destination to the source.' }
  const bad = count('discarded') + count('lost')
  const open = count('retrying') + count('parked') + count('pending')
  const delivered = count('delivered')
  const of = `${delivered} of ${first.mappings.length} mapping${first.mappings.length === 1 ? '' : 's'} delivered it`
  if (bad > 0) return { tone: 'bad', text: `${of}; ${bad} could not.` }
  if (open > 0) return { tone: 'warn', text: `${of}; ${open} still ${open === 1 ? 'has' : 'have'} it.` }
  if (delivered === 0) return { tone: 'warn', text: 'It was received, and no mapping sent it.' }
  const landed = j.landed[0]
  const where = landed === undefined ? '' : `, and it is counted in ${landed.app}${landed.visitor ? ` for visitor ${landed.visitor}` : ', without a visitor'}${landed.account ? ` of account ${landed.account}` : ', without an account'}`
  return { tone: landed !== undefined && (!landed.visitor || !landed.account) ? 'warn' : 'ok', text: `${of}${where}.` }
}
