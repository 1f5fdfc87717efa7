import { afterEach, describe, expect, it, vi } from 'vitest'

import { againMillis, follow } from './tail'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** An answer that says something, and then ends as it is told to. */
function streamOf(text: string, end: (stream: ReadableStreamDefaultController<Uint8Array>) => void): Response {
  let said = false
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(stream) {
        if (said) return end(stream)
        said = true
        stream.enqueue(new TextEncoder().encode(text))
      },
    }),
  )
}

const one = (id: string) => `event: event\nid: ${id}\ndata: {}\n\n`

describe('following the tail', () => {
  it.each([
    ['breaks', (stream: ReadableStreamDefaultController<Uint8Array>) => stream.error(new TypeError('network error'))],
    ['ends', (stream: ReadableStreamDefaultController<Uint8Array>) => stream.close()],
  ])('goes on after the last message when the connection %s', async (_, end) => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const asked: (string | null)[] = []
    const answers = [() => streamOf(one('7.0') + one('7.1'), end), () => streamOf(one('7.2'), end), () => streamOf('', () => undefined)]
    vi.stubGlobal('fetch', (request: Request) => {
      asked.push(request.headers.get('Last-Event-ID'))
      return Promise.resolve(answers[asked.length - 1]?.())
    })
    const came: string[] = []
    const stop = follow({ path: 'http://127.0.0.1/api/tail', query: {}, onMessages: (messages) => came.push(...messages.map((m) => m.id)), onState: () => undefined })
    for (let connections = 1; connections <= 3; connections++) {
      await vi.waitUntil(() => asked.length === connections && (connections === 3 || vi.getTimerCount() > 0), { interval: 1 })
      await vi.advanceTimersByTimeAsync(againMillis)
    }
    stop()
    expect(asked).toEqual([null, '7.1', '7.2'])
    expect(came).toEqual(['7.0', '7.1', '7.2'])
  })
})
