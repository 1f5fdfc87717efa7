package publicapi_test

import (
	"net/http"
	"strings"
	"testing"

	"penstock/internal/publicapi"
)

// Whatever a body or a query holds, the answer is an envelope, and the server is never to blame.
func FuzzRequests(f *testing.F) {
	r := newRig(f)
	source, _ := r.ask(f, 201, "POST /sources", `{"slug":"web","enabled":true,"metadataId":"IqDTy1TpoU"}`, "data", "source", "id").(string)
	destination, _ := r.ask(f, 200, "POST /destinations", `{"sourceId":"`+source+`","metadataId":"614a3c7d791c91c41bae7599","settings":{}}`, "data", "destination", "id").(string)
	subscription, _ := r.ask(f, 200, "POST /destinations/"+destination+"/subscriptions",
		`{"name":"Send","actionId":"nFPnRozhz1mh4Gbx4MLvT5","trigger":"type = \"track\"","enabled":false}`, "data", "destinationSubscription", "id").(string)
	ids := strings.NewReplacer("{subscription}", subscription, "{filter}", "none", "{key}", "k", "{value}", "v")
	var targets []request
	for _, route := range publicapi.New(publicapi.Config{}, publicapi.Parts{}).Routes() {
		method, path, ok := strings.Cut(route.Pattern, " ")
		if !ok || strings.HasSuffix(path, "{$}") || method == http.MethodDelete {
			continue
		}
		id := destination
		if strings.Contains(path, "/sources/") {
			id = source
		}
		path = strings.ReplaceAll(ids.Replace(strings.TrimPrefix(path, publicapi.Prefix)), "{id}", id)
		targets = append(targets, request{method: method, path: path, contentType: "application/json", token: token})
	}
	for i := range targets {
		f.Add(i, `{"slug":"a","name":null,"settings":{"a":{"@path":1}},"labels":[{"key":""}],"input":{"settings":[],"trigger":""},"filter":{"if":"all","actions":[{"type":"SAMPLE"}]},"payload":{}}`, "pagination[count]=1&groupBy.x=1")
	}
	f.Add(0, `{"enabled":"x","actions":{},"track":{"commonEventOnViolations":1}}`, "granularity=DAY&startTime=0000-01-01T00:00:00Z&endTime=9999-01-01T00:00:00Z")
	f.Fuzz(func(t *testing.T, target int, body, query string) {
		if target < 0 || len(targets) == 0 {
			return
		}
		q := targets[target%len(targets)]
		q.body = body
		if !strings.ContainsAny(query, " \x00\r\n\t#") && isPrintable(query) {
			q.query = query
		}
		status, answer := r.send(t, q)
		if status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
			t.Fatalf("%s %s?%s %s: %d %v", q.method, q.path, q.query, body, status, answer)
		}
		if (dig(answer, "data") == nil) == (dig(answer, "errors") == nil) {
			t.Fatalf("%s %s: neither data nor errors, or both: %v", q.method, q.path, answer)
		}
	})
}

func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
