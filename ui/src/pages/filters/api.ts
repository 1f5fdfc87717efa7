import { client, done, type Schemas, unwrap } from '../../api/client'
import { seenAs } from '../../api/workspace'

/** Changes a filter; with a revision only while it is the one that was seen. */
export async function patchFilter(destination: string, filter: string, body: Schemas['UpdateFilterInputBody'], revision?: number) {
  const path = { destination, filter }
  return (await unwrap(client.PATCH('/api/destinations/{destination}/filters/{filter}', { params: { path, ...seenAs(revision) }, body }))).data
}

export async function createFilter(destination: string, body: Schemas['CreateFilterInputBody']) {
  return (await unwrap(client.POST('/api/destinations/{destination}/filters', { params: { path: { destination } }, body }))).data
}

export async function readFilter(destination: string, filter: string) {
  const path = { destination, filter }
  return (await unwrap(client.GET('/api/destinations/{destination}/filters/{filter}', { params: { path } }))).data
}

export const deleteFilter = (destination: string, filter: string) => done(client.DELETE('/api/destinations/{destination}/filters/{filter}', { params: { path: { destination, filter } } }))

export async function previewFilter(body: Schemas['PreviewFilterInputBody'], signal: AbortSignal) {
  return (await unwrap(client.POST('/api/filters/preview', { body, signal }))).data
}
