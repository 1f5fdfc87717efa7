export interface Region {
  id: string
  label: string
  host: string
}

/** The regions of Pendo, and the host of each that takes events. */
export const regions: Region[] = [
  { id: 'us', label: 'United States', host: 'data.pendo.io' },
  { id: 'us1', label: 'US1, restricted', host: 'us1.data.pendo.io' },
  { id: 'eu', label: 'European Union', host: 'data.eu.pendo.io' },
  { id: 'jp', label: 'Japan', host: 'data.jpn.pendo.io' },
  { id: 'au', label: 'Australia', host: 'data.au.pendo.io' },
]

export function regionLabel(id: string | undefined): string {
  return regions.find((r) => r.id === id)?.label ?? 'Every region'
}

/** A key as it stands in addresses: 32 digits. */
export function undashed(key: string): string {
  return key.replaceAll('-', '').toLowerCase()
}

/** A key as it is often printed: 8-4-4-4-12. */
export function dashed(key: string): string {
  return undashed(key).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The address that a webhook for Track Events is given. */
export function webhookUrl(origin: string, key: string): string {
  return `${origin}/data/segmentio/${undashed(key)}`
}

/** Whether an app takes what is sent to a region. An app of no region takes all. */
export function isRight(region: string | undefined, id: string): boolean {
  return region === undefined || region === '' || region === id
}

/** Calls that can be pasted, and become a Track Event of the app. */
export function testCalls(origin: string, key: string): { id: string; label: string; hint: string; code: string }[] {
  return [
    {
      id: 'segmentio', label: 'As Segment sends it', hint: 'What a Webhooks (Actions) mapping with “The entire event” sends. userId becomes the Visitor ID, groupId the Account ID.',
      code: `curl '${webhookUrl(origin, key)}' \\
--header 'Content-Type: application/json' \\
--data-raw '{
     "type": "track",
     "event": "Example Event Name",
     "messageId": "test-'$(date +%s)'",
     "userId": "123",
     "properties": {
         "groupId": "account",
         "exampleKeyName": "exampleValue"
     },
     "timestamp": "'$(date -u +%FT%TZ)'"
  }'`,
    },
    {
      id: 'track', label: 'As a server sends it', hint: 'To /data/track, with the shared secret of the app in a header. Only from a server: who has the secret may send.',
      code: `curl '${origin}/data/track' \\
--header 'Content-Type: application/json' \\
--header 'x-pendo-integration-key: THE_SHARED_SECRET' \\
--data-raw '{
     "type": "track",
     "event": "Example Event Name",
     "visitorId": "123",
     "accountId": "account",
     "timestamp": '$(date +%s)'000,
     "properties": {
         "exampleKeyName": "exampleValue"
     },
     "context": {}
  }'`,
    },
  ]
}
