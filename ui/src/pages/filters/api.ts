import { client, done, type Schemas, unwrap } from '../../api/client'
import { seenAs } from '../../api/workspace'

const aFilter = '/api/destinations/{destination}/filters/{filter}'
type FilterChange = Schemas['UpdateFilterInputBody']

/** Changes a filter; with a revision only while it is the one that was seen. */
export async function patchFilter(destination: string, filter: string, body: FilterChange, revision?: number) {
  const params = { path: { destination, filter }, ...seenAs(revision) }
  return (await unwrap(client.PATCH(aFilter, { params, body }))).data
}

export async function createFilter(destination: string, body: Schemas['CreateFilterInputBody']) {
  const params = { path: { destination } }
  return (await unwrap(client.POST('/api/destinations/{destination}/filters', { params, body }))).data
}

export async function readFilter(destination: string, filter: string) {
  return (await unwrap(client.GET(aFilter, { params: { path: { destination, filter } } }))).data
}

export const deleteFilter = (destination: string, filter: string) => done(client.DELETE('/api/destinations/{destination}/filters/{filter}', { params: { path: { destination, filter } } }))

export async function previewFilter(body: Schemas['PreviewFilterInputBody'], signal: AbortSignal) {
  return (await unwrap(client.POST('/api/filters/preview', { body, signal }))).data
}
