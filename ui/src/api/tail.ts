import { Problem, send } from './client'
import { type Message, MessageReader } from './sse'

export interface TailOptions {
  /** Default: what sources receive. */
  path?: string
  query: Record<string, string>
  /** After which message to begin, by its id. */
  last?: string
  onMessages: (messages: Message[]) => void
  onState: (state: TailState) => void
}

export type TailState = { state: 'connecting' } | { state: 'live' } | { state: 'broken'; problem: Problem }

const againMillis = 2000

/** Follows the tail until it is stopped, and goes on where it was when the connection breaks. */
export function follow({ path = '/api/tail', query, last = '', onMessages, onState }: TailOptions): () => void {
  const stop = new AbortController()
  void run(stop.signal, `${path}?${new URLSearchParams(query)}`, last, onMessages, onState)
  return () => stop.abort()
}

async function run(signal: AbortSignal, url: string, begin: string, onMessages: TailOptions['onMessages'], onState: TailOptions['onState']) {
  let last = begin
  while (!signal.aborted) {
    onState({ state: 'connecting' })
    try {
      last = await once(signal, url, last, onMessages, onState)
    } catch (cause) {
      if (signal.aborted) return
      const problem = cause instanceof Problem ? cause : new Problem(0, 'The live connection broke', 'It is tried again by itself.')
      onState({ state: 'broken', problem })
      if (problem.status >= 400 && problem.status < 500) return
    }
    await new Promise((resolve) => setTimeout(resolve, againMillis))
  }
}

async function once(signal: AbortSignal, url: string, last: string, onMessages: TailOptions['onMessages'], onState: TailOptions['onState']): Promise<string> {
  const headers: HeadersInit = last === '' ? {} : { 'Last-Event-ID': last }
  const response = await send(url, { signal, headers })
  if (!response.ok || response.body === null) throw Problem.of(response.status, await response.json().catch(() => null))
  onState({ state: 'live' })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const messages = new MessageReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return last
    const found = messages.push(value)
    const newest = found.at(-1)
    if (newest === undefined) continue
    last = newest.id
    onMessages(found)
  }
}
