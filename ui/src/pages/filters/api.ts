import { client, done, type Schemas, unwrap } from '../../api/client'

/** Changes a filter; with a revision only while it is the one that was seen. */
export function patchFilter(destination: string, filter: string, body: Schemas['UpdateFilterInputBody'], revision?: number) {
  return unwrap(client.PATCH('/api/destinations/{destination}/filters/{filter}', { params: { path: { destination, filter }, ...(revision === undefined ? {} : { header: { 'If-Match': String(revision) } }) }, body }))
}

export function createFilter(destination: string, body: Schemas['CreateFilterInputBody']) {
  return unwrap(client.POST('/api/destinations/{destination}/filters', { params: { path: { destination } }, body }))
}

export const deleteFilter = (destination: string, filter: string) => done(client.DELETE('/api/destinations/{destination}/filters/{filter}', { params: { path: { destination, filter } } }))

export async function previewFilter(body: Schemas['PreviewFilterInputBody'], signal: AbortSignal) {
  return (await unwrap(client.POST('/api/filters/preview', { body, signal }))).data
}
