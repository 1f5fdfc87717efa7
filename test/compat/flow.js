// The whole way with Segment's SDK for its Public API: node flow.js BASE TOKEN APP_KEY. It prints what it saw as one JSON object; whatever is not as it should be ends it.
const assert = require('node:assert/strict')
const sdk = require('@segment/public-api-sdk-typescript')

const [base, token, appKey] = process.argv.slice(2)
const apis = sdk.configureApis(token)
apis.overview = new sdk.DeliveryOverviewApi()
apis.overview.accessToken = token
for (const api of Object.values(apis)) api.basePath = base + '/public-api'
// Answers are the SDK's objects; what counts is their JSON.
const unwrap = async (promise) => JSON.parse(JSON.stringify(await sdk.unwrap(promise)))

// everything pages through a list.
async function everything(name, list) {
  const all = []
  for (let cursor; ; ) {
    const page = await unwrap(list({ count: 2, ...(cursor && { cursor }) }))
    all.push(...page[name])
    cursor = page.pagination.next
    if (!cursor) return all
  }
}

// eventually asks again until the answer is right, for five minutes.
async function eventually(what, ask, right) {
  for (const end = Date.now() + 300_000; ;) {
    const answer = await ask()
    if (right(answer)) return answer
    if (Date.now() > end) throw new Error(`${what}: not after five minutes: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function main() {
  const seen = {}
  const { workspace } = await unwrap(apis.workspaces.getWorkspace())
  const sources = await everything('sourcesCatalog', (p) => apis.catalog.getSourcesCatalog(p))
  const destinations = await everything('destinationsCatalog', (p) => apis.catalog.getDestinationsCatalog(p))
  seen.catalog = { sources: sources.length, destinations: destinations.map((d) => d.slug) }
  const javascript = sources.find((s) => s.slug === 'javascript')
  const webhooks = destinations.find((d) => d.slug === 'actions-webhook')
  const send = webhooks.actions.find((a) => a.slug === 'send')

  const { source } = await unwrap(apis.sources.createSource({ slug: 'website', enabled: true, metadataId: javascript.id, settings: {} }))
  assert.equal(source.workspaceId, workspace.id)
  await unwrap(apis.sources.updateSource(source.id, { name: 'Website' }))
  await unwrap(apis.labels.createLabel({ label: { key: 'environment', value: 'test' } }))
  await unwrap(apis.sources.addLabelsToSource(source.id, { labels: [{ key: 'environment', value: 'test' }] }))

  const { destination } = await unwrap(apis.destinations.createDestination({
    sourceId: source.id, metadataId: webhooks.id, name: 'Pendo Track Events', settings: { sharedSecret: 'a-secret-of-1234' }
  }))
  assert.equal(destination.enabled, false)
  assert.equal(destination.settings.sharedSecret, '••••••••••1234')
  const settings = { url: base + '/data/segmentio/' + appKey, method: 'POST', batch_size: 0, data: { '@path': '$.' }, enable_batching: false }
  const { destinationSubscription } = await unwrap(apis.destinations.createDestinationSubscription(destination.id, {
    name: 'Track Events', actionId: send.id, trigger: 'type = "track"', enabled: true, settings
  }))
  const { filter } = await unwrap(apis.destinationFilters.createFilterForDestination(destination.id, {
    sourceId: source.id, title: 'Our own people', if: 'contains(properties.email, "@acme.com")', actions: [{ type: 'DROP' }], enabled: true
  }))
  await unwrap(apis.destinations.updateDestination(destination.id, { enabled: true }))

  for (const [messageId, properties] of [['kept', { groupId: 'account' }], ['dropped', { email: 'ann@acme.com' }]]) {
    const answer = await fetch(base + '/v1/track', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ event: 'Example Event Name', userId: '123', messageId, properties, writeKey: source.writeKeys[0] })
    })
    assert.equal(answer.status, 200)
  }

  const now = Date.now()
  const span = [new Date(now - 3600e3).toISOString(), new Date(now + 3600e3).toISOString()]
  const one = (page) => page.total === 1
  const asked = [source.id, destination.id, ...span, 'minute', { count: 10 }]
  const delivered = await eventually('one event is delivered', () =>
    unwrap(apis.overview.getEgressSuccessMetricsFromDeliveryOverview(...asked, ['eventName'])), one)
  assert.equal(delivered.dataset[0].eventName, 'Example Event Name')
  const filtered = await eventually('one event is filtered', () =>
    unwrap(apis.overview.getFilteredAtDestinationMetricsFromDeliveryOverview(...asked, ['discardReason'])), one)
  assert.equal(filtered.dataset[0].discardReason, 'FILTERED_BY_RULES')
  const volume = await eventually('two events are counted', () =>
    unwrap(apis.events.getEventsVolumeFromWorkspace('MINUTE', ...span, ['eventType', 'source'], [source.id])),
  (volume) => volume.result.some((r) => r.total === 2))
  assert.deepEqual(volume.result.map((r) => [r.eventType, r.source.slug, r.total]), [['track', 'website', 2]])
  const { deliveryMetricsSummary } = await unwrap(apis.destinations.listDeliveryMetricsSummaryFromDestination(destination.id, source.id, ...span, 'MINUTE'))
  assert.equal(deliveryMetricsSummary.metrics.find((m) => m.metricName === 'successes').total, 1)

  const read = await unwrap(apis.sources.getSource(source.id))
  assert.equal(read.source.name, 'Website')
  assert.deepEqual(read.source.labels, [{ key: 'environment', value: 'test' }])
  assert.deepEqual((await everything('destinations', (p) => apis.sources.listConnectedDestinationsFromSource(source.id, p))).map((d) => d.id), [destination.id])
  assert.deepEqual((await everything('sources', (p) => apis.sources.listSources(p))).map((s) => s.id), [source.id])
  const { subscription } = await unwrap(apis.destinations.getSubscriptionFromDestination(destination.id, destinationSubscription.id))
  assert.deepEqual(subscription.settings, settings)
  assert.equal((await unwrap(apis.destinationFilters.getFilterInDestination(destination.id, filter.id))).filter.title, 'Our own people')
  seen.subscription = subscription

  await unwrap(apis.destinations.updateSubscriptionForDestination(destination.id, subscription.id, { input: { enabled: false, name: 'Renamed' } }))
  const changed = await unwrap(apis.destinations.getSubscriptionFromDestination(destination.id, subscription.id))
  assert.deepEqual([changed.subscription.name, changed.subscription.enabled, changed.subscription.settings], ['Renamed', false, settings])

  const trail = await everything('events', (p) => apis.auditTrail.listAuditEvents(p, ...span, source.id))
  assert.deepEqual(trail.map((e) => e.type), ['Source Modified', 'Source Modified', 'Source Created'])

  await unwrap(apis.destinations.removeSubscriptionFromDestination(destination.id, subscription.id))
  await unwrap(apis.destinationFilters.removeFilterFromDestination(destination.id, filter.id))
  await unwrap(apis.destinations.deleteDestination(destination.id))
  await unwrap(apis.sources.deleteSource(source.id))
  await unwrap(apis.labels.deleteLabel('environment', 'test'))
  await assert.rejects(unwrap(apis.sources.getSource(source.id)), (e) => e.type === 'NotFound')
  await assert.rejects(unwrap(apis.trackingPlans.listTrackingPlans('LIVE', { count: 1 })), (e) => e.type === 'NotImplemented')
  console.log(JSON.stringify(seen))
}

main().catch((e) => {
  console.error(e)
  process.exit(1)
})
