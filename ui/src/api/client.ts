import createClient from 'openapi-fetch'

import type { components, paths } from './schema'
import { queries } from './queries'
import { currentToken, setToken } from './session'

export type Schemas = components['schemas']

/** A problem as the API tells it (RFC 9457). */
export class Problem extends Error {
  readonly status: number
  readonly title: string
  readonly details: { location?: string | undefined; message?: string | undefined }[]

  constructor(status: number, title: string, detail: string, details: Problem['details'] = []) {
    super(detail || title)
    this.status = status
    this.title = title
    this.details = details
  }

  /** Makes a problem of whatever came in the place of an answer. */
  static of(status: number, body: unknown): Problem {
    if (typeof body === 'object' && body !== null) {
      const b = body as { title?: string; detail?: string; errors?: Problem['details'] | null }
      return new Problem(status, b.title ?? `Status ${status}`, b.detail ?? '', b.errors ?? [])
    }
    return new Problem(status, `Status ${status}`, typeof body === 'string' ? body : '')
  }
}

const readLost = 'No answer came. Check that penstock serve is running, and that this page was opened from it; it is tried again by itself.'
const writeLost = 'No answer came, so that it may be done or not. Check that penstock serve is running, and try again; what you entered is still here.'

/** The problem of an answer that began, and did not come whole. */
export function brokenOff(): Problem {
  return new Problem(0, 'The answer broke off', 'The connection broke while the server answered. Try again; what you entered is still here.')
}

/** Waits for an answer that may break off while it is read. */
async function whole<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (cause) {
    if (cause instanceof Problem || (cause instanceof DOMException && cause.name === 'AbortError')) throw cause
    throw brokenOff()
  }
}

/** Sends a request as whoever is signed in. A 401 signs out. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  const token = currentToken()
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(request)
  } catch (cause) {
    if (request.signal.aborted) throw cause
    throw new Problem(0, 'The server cannot be reached', request.method === 'GET' ? readLost : writeLost)
  }
  if (response.status === 401 && !new URL(request.url).pathname.startsWith('/api/session') && currentToken() === token) {
    setToken(null)
    void queries.invalidateQueries({ queryKey: ['session'] })
  }
  return response
}

export const client = createClient<paths>({ fetch: (request) => send(request) })

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** Waits for an answer, and throws a Problem where none came. */
export async function unwrap<T>(promise: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await whole(promise)
  if (error !== undefined || data === undefined || data === null) throw Problem.of(response.status, error)
  return data as NonNullable<T>
}

/** Waits for an answer that has nothing to say, and throws a Problem where it is none of success. */
export async function done(promise: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await whole(promise)
  if (error !== undefined) throw Problem.of(response.status, error)
}
