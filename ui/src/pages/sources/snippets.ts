export interface Snippet {
  id: string
  label: string
  hint: string
  code: string
}

/** Calls that work as they are: with the key of the source and the address of this server. */
export function snippets(key: string, host: string): Snippet[] {
  const name = new URL(host).host
  return [
    {
      id: 'curl', label: 'curl', hint: 'A server-side Track Event, as the article has it: userId becomes the Visitor ID, groupId the Account ID.',
      code: `curl --location '${host}/v1/track' \\
--header 'Content-Type: application/json' \\
--data-raw '{
     "event": "Example Event Name",
     "userId": "123",
     "groupId": "account",
     "properties": {
         "exampleKeyName": "exampleValue"
     },
     "writeKey": "${key}"
  }'`,
    },
    {
      id: 'node', label: 'Node.js', hint: 'npm install @segment/analytics-node',
      code: `import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({ writeKey: '${key}', host: '${host}' })

analytics.track({
  userId: '123',
  event: 'Example Event Name',
  properties: { groupId: 'account', exampleKeyName: 'exampleValue' },
})

await analytics.closeAndFlush()`,
    },
    {
      id: 'go', label: 'Go', hint: 'go get github.com/segmentio/analytics-go/v3',
      code: `client, err := analytics.NewWithConfig("${key}", analytics.Config{Endpoint: "${host}"})
if err != nil {
	log.Fatal(err)
}
defer client.Close()

err = client.Enqueue(analytics.Track{
	UserId:     "123",
	Event:      "Example Event Name",
	Properties: analytics.NewProperties().Set("groupId", "account").Set("exampleKeyName", "exampleValue"),
})`,
    },
    {
      id: 'browser', label: 'Browser snippet', hint: 'In the head of every page. The SDK itself comes from this server.',
      code: `<script>
  !function(){var i="analytics",a=window[i]=window[i]||[];if(!a.initialize&&!a.invoked){a.invoked=!0;
  a.methods=["track","identify","group","page","alias","reset","ready","on","once","off","register","setAnonymousId"];
  a.factory=function(m){return function(){if(window[i].initialized)return window[i][m].apply(window[i],arguments);
  var args=Array.prototype.slice.call(arguments);args.unshift(m);a.push(args);return a}};
  a.methods.forEach(function(m){a[m]=a.factory(m)});
  a.load=function(key){var s=document.createElement("script");s.async=!0;
  s.src="${host}/analytics.js/v1/"+key+"/analytics.min.js";document.head.appendChild(s)};
  a._cdn="${host}";a._writeKey="${key}";a.SNIPPET_VERSION="5.2.0";
  a.load("${key}");a.page()}}();
</script>

<script>
  analytics.identify('123')
  analytics.track('Example Event Name', {
    exampleKeyName: 'exampleValue',
    groupId: 'account'
  })
</script>`,
    },
    {
      id: 'next', label: 'analytics-next', hint: 'npm install @segment/analytics-next',
      code: `import { AnalyticsBrowser } from '@segment/analytics-next'

const analytics = AnalyticsBrowser.load(
  { writeKey: '${key}', cdnURL: '${host}' },
  { integrations: { 'Segment.io': { apiHost: '${name}/v1', protocol: '${host.startsWith('https') ? 'https' : 'http'}' } } },
)

analytics.identify('123')
analytics.track('Example Event Name', { groupId: 'account', exampleKeyName: 'exampleValue' })`,
    },
  ]
}
