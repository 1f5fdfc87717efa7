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

/** Live: what lies behind the end, a sequence of the log, came in since this connection began. */
export type TailState = { state: 'connecting' } | { state: 'live'; end: number } | { state: 'broken'; problem: Problem }

export const againMillis = 2000

/** Follows the tail until it is stopped, and goes on where it was when the connection breaks. */
export function follow(options: TailOptions): () => void {
  const stop = new AbortController()
  void run(stop.signal, options)
  return () => stop.abort()
}

async function run(signal: AbortSignal, { path = '/api/tail', query, last = '', onMessages, onState }: TailOptions) {
  const url = `${path}?${new URLSearchParams(query)}`
  let had = last // however a connection ends: the next one goes on after this
  while (!signal.aborted) {
    onState({ state: 'connecting' })
    try {
      await once(signal, url, had, onState, (messages, newest) => {
        had = newest
        onMessages(messages)
      })
    } catch (cause) {
      if (signal.aborted) return
      const problem = cause instanceof Problem ? cause : new Problem(0, 'The live connection broke', 'It is tried again by itself.')
      onState({ state: 'broken', problem })
      if (problem.status >= 400 && problem.status < 500) return
    }
    await new Promise((resolve) => setTimeout(resolve, againMillis))
  }
}

type OnCame = (messages: Message[], newest: string) => void

async function once(signal: AbortSignal, url: string, last: string, onState: TailOptions['onState'], onCame: OnCame): Promise<void> {
  const headers: HeadersInit = last === '' ? {} : { 'Last-Event-ID': last }
  const response = await send(url, { signal, headers })
  if (!response.ok || response.body === null) throw Problem.of(response.status, await response.json().catch(() => null))
  onState({ state: 'live', end: Number(response.headers.get('Penstock-Log-End') ?? 0) })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const messages = new MessageReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const found = messages.push(value)
    const newest = found.at(-1)
    if (newest !== undefined) onCame(found, newest.id)
  }
}
