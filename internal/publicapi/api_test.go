package publicapi_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/access"
	"penstock/internal/publicapi"
	"penstock/internal/workspace"
)

// number is an answer's number.
func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

// made is a source, a destination with a secret, and the article's subscription.
func made(t *testing.T, r *rig) (source, destination, subscription string) {
	t.Helper()
	text := func(v any) string {
		s, ok := v.(string)
		if !ok {
			t.Fatalf("no id: %v", v)
		}
		return s
	}
	source = text(r.ask(t, 201, "POST /sources", `{"slug":"web","enabled":true,"metadataId":"IqDTy1TpoU"}`, "data", "source", "id"))
	destination = text(r.ask(t, 200, "POST /destinations", `{"sourceId":"`+source+`","metadataId":"614a3c7d791c91c41bae7599","settings":{"sharedSecret":"a-long-secret"}}`, "data", "destination", "id"))
	subscription = text(r.ask(t, 200, "POST /destinations/"+destination+"/subscriptions",
		`{"name":"Send","actionId":"nFPnRozhz1mh4Gbx4MLvT5","trigger":"type = \"track\"","enabled":false,"settings":{"url":"www.example.test","batch_size":"5000"}}`, "data", "destinationSubscription", "id"))
	return source, destination, subscription
}

// Every spelling of a query means the same.
func TestSpellings(t *testing.T) {
	r := newRig(t)
	for name, query := range map[string]string{
		"dots":     "granularity=MINUTE&startTime=2026-01-01T00:00:00Z&endTime=2026-01-01T01:00:00Z&groupBy.0=eventName&groupBy.1=source&sourceId.0=s1&eventName.0=A,B&pagination.count=7",
		"Go":       "granularity=MINUTE&startTime=2026-01-01T00:00:00Z&endTime=2026-01-01T01:00:00Z&groupBy.0=eventName&groupBy.1=source&sourceId.0=s1&eventName.0=A,B&pagination[count]=7",
		"brackets": "granularity=minute&startTime=2026-01-01T00:00:00Z&endTime=2026-01-01T01:00:00Z&groupBy[1]=source&groupBy[0]=eventName&sourceId[0]=s1&eventName[0]=A,B&pagination[count]=7",
		"encoded":  "granularity=minute&startTime=2026-01-01T00%3A00%3A00Z&endTime=2026-01-01T01:00:00Z&groupBy%5B0%5D=eventName&groupBy%5B1%5D=source&sourceId%5B0%5D=s1&eventName%5B0%5D=A,B&pagination%5Bcount%5D=7",
		"commas":   "granularity=minute&startTime=2026-01-01T00:00:00Z&endTime=2026-01-01T01:00:00Z&groupBy=eventName,source&sourceId=s1&eventName=A,B&pagination[count]=7",
	} {
		answer := r.ask(t, 200, "GET /events/volume?"+query, "", "data", "query")
		want := map[string]any{
			"workspaceId": dig(answer, "workspaceId"), "granularity": "MINUTE", "startTime": "2026-01-01T00:00:00Z", "endTime": "2026-01-01T01:00:00Z",
			"groupBy": []any{"eventName", "source"}, "sourceId": []any{"s1"}, "eventName": []any{"A,B"},
		}
		if diff := cmp.Diff(want, answer); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !r.journal.asked.ByName || !r.journal.asked.BySource || r.journal.asked.Step != publicapi.Minute || r.journal.asked.Stage != publicapi.StageReceived {
			t.Errorf("%s: asked %+v", name, r.journal.asked)
		}
	}
	// A list in an object, in both spellings, and pagination in the body of a request that reads.
	source, destination, subscription := made(t, r)
	for _, filter := range []string{"filter[subscriptionId].0", "filter[subscriptionId][0]", "filter.subscriptionId.0", "subscriptionId"} {
		r.ask(t, 200, "GET /delivery-overview/failed-delivery?granularity=DAY&startTime=2026-01-01T00:00:00Z&endTime=2026-01-02T00:00:00Z&sourceId="+source+
			"&destinationConfigId="+destination+"&"+filter+"=nobody", "")
		if len(r.journal.asked.Mappings) != 0 {
			t.Errorf("%s: asked for %v, want no mapping", filter, r.journal.asked.Mappings)
		}
		r.ask(t, 200, "GET /delivery-overview/failed-delivery?granularity=DAY&startTime=2026-01-01T00:00:00Z&endTime=2026-01-02T00:00:00Z&sourceId="+source+
			"&destinationConfigId="+destination+"&"+filter+"="+subscription, "")
		if diff := cmp.Diff([]string{subscription}, r.journal.asked.Mappings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
	}
	if page := r.ask(t, 200, "GET /catalog/sources", `{"pagination":{"count":2}}`, "data", "sourcesCatalog"); len(page.([]any)) != 2 { //nolint:errcheck,forcetypeassert // else it panics
		t.Errorf("pagination in the body: %v", page)
	}
}

// Pages, one after the other, are the whole.
func TestPages(t *testing.T) {
	r := newRig(t)
	var ids []any
	query, pages := "pagination.count=4&pagination.cursor=MA==", 0
	for ; ; pages++ {
		data := r.ask(t, 200, "GET /catalog/sources/?"+query, "", "data")
		list, _ := dig(data, "sourcesCatalog").([]any)
		for _, s := range list {
			ids = append(ids, dig(s, "id"))
		}
		next, more := dig(data, "pagination", "next").(string)
		if (dig(data, "pagination", "previous") == nil) != (pages == 0) {
			t.Errorf("page %d: %v", pages, dig(data, "pagination"))
		}
		if !more {
			break
		}
		query = "pagination.count=4&pagination.cursor=" + url.QueryEscape(next)
	}
	kinds := workspace.SourceKinds()
	if len(ids) != len(kinds) || ids[len(ids)-1] != kinds[len(kinds)-1].ID || pages != len(kinds)/4 {
		t.Errorf("%d ids on %d pages: %v", len(ids), pages+1, ids)
	}
	for _, wrong := range []string{"pagination.count=0", "pagination.count=1001", "pagination.count=x", "pagination.cursor=x!", "pagination.cursor=LTE="} {
		r.ask(t, 422, "GET /catalog/sources?"+wrong, "")
	}
}

// A secret is never shown, and a masked one that is sent back stays.
func TestSecrets(t *testing.T) {
	r := newRig(t)
	_, destination, _ := made(t, r)
	path := "/destinations/" + destination
	want := map[string]any{"sharedSecret": "••••••••••cret", "signingSecret": ""}
	if diff := cmp.Diff(want, r.ask(t, 200, "GET "+path, "", "data", "destination", "settings")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.ask(t, 200, "PATCH "+path, `{"settings":{"sharedSecret":"••••••••••cret","note":"x"}}`)
	if got := string(r.store.Snapshot().Destination(destination).Settings); got != `{"sharedSecret":"a-long-secret","note":"x"}` {
		t.Errorf("stored: %s", got)
	}
	r.ask(t, 200, "PATCH "+path, `{"settings":{"sharedSecret":"short","note":null}}`)
	if got := r.ask(t, 200, "GET "+path, "", "data", "destination", "settings", "sharedSecret"); got != "••••••••••" {
		t.Errorf("a short secret: %v", got)
	}
}

// What the clients stumble over, one by one.
func TestWhatBreaksClients(t *testing.T) {
	r := newRig(t)
	source, destination, subscription := made(t, r)
	path := "/destinations/" + destination
	if _, named := r.ask(t, 200, "GET "+path, "", "data", "destination").(map[string]any)["name"]; named { //nolint:errcheck,forcetypeassert // else it panics
		t.Error("a destination that was never named has a name")
	}
	r.ask(t, 200, "PATCH "+path, `{"name":"Pendo","enabled":true}`)
	if got := r.ask(t, 200, "PATCH "+path, `{"name":null}`, "data", "destination", "name"); got != nil {
		t.Errorf("name null: %v", got)
	}
	metadata := r.ask(t, 200, "GET "+path, "", "data", "destination", "metadata")
	if diff := cmp.Diff(r.ask(t, 200, "GET /catalog/destinations/614a3c7d791c91c41bae7599", "", "data", "destinationMetadata"), metadata); diff != "" {
		t.Errorf("metadata differs between endpoints:\n%s", diff)
	}
	settings := r.ask(t, 200, "GET "+path+"/subscriptions/"+subscription, "", "data", "subscription", "settings")
	if diff := cmp.Diff(map[string]any{"url": "www.example.test", "batch_size": "5000"}, settings); diff != "" {
		t.Errorf("settings of a subscription are not as they were given:\n%s", diff)
	}
	replaced := r.ask(t, 200, "PATCH "+path+"/subscriptions/"+subscription, `{"input":{"settings":{"method":"POST"},"enabled":true}}`, "data", "subscription", "settings")
	if diff := cmp.Diff(map[string]any{"method": "POST"}, replaced); diff != "" {
		t.Errorf("settings of a subscription are not replaced:\n%s", diff)
	}
	r.ask(t, 200, "POST /sources/"+source+"/writekey", "")
	one := r.ask(t, 200, "GET /sources/"+source, "", "data", "source", "writeKeys")
	if diff := cmp.Diff(one, r.ask(t, 200, "GET /sources/"+source, "", "data", "source", "writeKeys")); diff != "" {
		t.Errorf("the order of write keys changes:\n%s", diff)
	}
	if got := r.ask(t, 200, "PATCH /sources/"+source, `{"settings":{"a":1,"b":2}}`, "data", "source", "settings"); dig(got, "b") != number(2) {
		t.Errorf("settings: %v", got)
	}
	if diff := cmp.Diff(map[string]any{"a": number(1), "c": number(3)}, r.ask(t, 200, "PATCH /sources/"+source, `{"settings":{"b":null,"c":3},"unknown":1}`, "data", "source", "settings")); diff != "" {
		t.Errorf("settings are not changed key by key:\n%s", diff)
	}
}

// Mistakes are answered with an envelope, a status and the field.
func TestMistakes(t *testing.T) {
	r := newRig(t)
	source, destination, _ := made(t, r)
	for _, c := range []struct {
		status             int
		method, path, body string
		kind, field        string
	}{
		{422, "POST", "/sources", `{"slug":"x","enabled":true}`, "input-validation", "metadataId"},
		{422, "POST", "/sources", `{"slug":1,"enabled":true}`, "input-validation", "slug"},
		{422, "POST", "/sources", `{"slug":"No Slug","enabled":true,"metadataId":"IqDTy1TpoU"}`, "input-validation", "slug"},
		{409, "POST", "/sources", `{"slug":"web","enabled":true,"metadataId":"IqDTy1TpoU"}`, "Conflict", "slug"},
		{404, "POST", "/sources", `{"slug":"x","enabled":true,"metadataId":"nope"}`, "NotFound", ""},
		{400, "POST", "/sources", `[1]`, "RequestError", ""},
		{413, "POST", "/sources", `{"slug":"` + strings.Repeat("x", 2<<20) + `"}`, "RequestError", ""},
		{422, "POST", "/sources/" + source + "/labels", `{"labels":[{"key":"a","value":"b"}]}`, "input-validation", "labels[0]"},
		{404, "POST", "/destinations", `{"sourceId":"nope","metadataId":"614a3c7d791c91c41bae7599","settings":{}}`, "NotFound", ""},
		{422, "POST", "/destinations/" + destination + "/subscriptions", `{"name":"Two","actionId":"nope","trigger":"type = \"track\"","enabled":true}`, "input-validation", "actionId"},
		{422, "POST", "/destinations/" + destination + "/subscriptions", `{"name":"Send","actionId":"nFPnRozhz1mh4Gbx4MLvT5","trigger":"type = \"track\"","enabled":true}`, "input-validation", "name"},
		{422, "POST", "/destinations/" + destination + "/subscriptions", `{"name":"Two","actionId":"nFPnRozhz1mh4Gbx4MLvT5","trigger":"nonsense(","enabled":true}`, "input-validation", "trigger"},
		{422, "POST", "/destinations/" + destination + "/subscriptions", `{"name":"Two","actionId":"nFPnRozhz1mh4Gbx4MLvT5","trigger":"type = \"track\"","enabled":true,"settings":{"url":{"@nope":1}}}`, "input-validation", "settings.url"},
		{422, "POST", "/destination/" + destination + "/filters", `{"sourceId":"` + source + `","if":"type =","actions":[{"type":"DROP"}],"title":"F","enabled":true}`, "input-validation", "if"},
		{422, "POST", "/destination/filters/preview", `{"filter":{"if":"all","actions":[{"type":"EAT"}]},"payload":{}}`, "input-validation", "filter.actions.0"},
		{422, "GET", "/events/volume?granularity=YEAR", "", "input-validation", "granularity"},
		{422, "GET", "/events/volume?granularity=MINUTE&startTime=2026-01-01T00:00:00Z&endTime=2026-01-03T00:00:00Z", "", "input-validation", "startTime"},
		{404, "GET", "/nowhere", "", "NotFound", ""},
		{404, "PUT", "/sources", "{}", "NotFound", ""},
		{501, "POST", "/functions", `{}`, "NotImplemented", ""},
		{501, "GET", "/tracking-plans/tp_1/rules", "", "NotImplemented", ""},
	} {
		path, query, _ := strings.Cut(c.path, "?")
		status, answer := r.send(t, request{method: c.method, path: path, query: query, contentType: "application/json", body: c.body, token: token})
		errs, _ := dig(answer, "errors").([]any)
		if status != c.status || len(errs) != 1 || dig(answer, "data") != nil || dig(errs[0], "type") != c.kind || c.field != "" && dig(errs[0], "field") != c.field {
			t.Errorf("%s %s %.80s: %d %v, want %d %s %s", c.method, c.path, c.body, status, answer, c.status, c.kind, c.field)
		}
	}
	if status, answer := r.send(t, request{method: "POST", path: "/labels", contentType: "text/plain", body: "{}", token: token}); status != http.StatusBadRequest {
		t.Errorf("a body that is not JSON: %d %v", status, answer)
	}
	if status, answer := r.send(t, request{method: "GET", path: "/", token: "wrong"}); status != http.StatusUnauthorized || dig(answer, "errors") == nil {
		t.Errorf("a wrong token: %d %v", status, answer)
	}
}

func TestPreview(t *testing.T) {
	r := newRig(t)
	got := r.ask(t, 200, "POST /destination/filters/preview", `{"filter":{"if":"all","actions":[{"type":"ALLOW_PROPERTIES","fields":{"properties":["plan"]}}]},"payload":{"type":"track","properties":{"email":"x","plan":"pro"}}}`, "data", "result")
	if diff := cmp.Diff(map[string]any{"type": "track", "properties": map[string]any{"plan": "pro"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := r.ask(t, 200, "POST /destination/filters/preview", `{"filter":{"if":"all","actions":[{"type":"DROP"}]},"payload":{"type":"track"}}`, "data", "result"); got != nil {
		t.Errorf("dropped: %v", got)
	}
}

// Every route is in the reference.
func TestReference(t *testing.T) {
	reference, err := os.ReadFile("../../docs/reference/public-api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range publicapi.New(publicapi.Config{}, publicapi.Parts{}).Routes() {
		method, path, ok := strings.Cut(strings.TrimSuffix(route.Pattern, "/{$}"), " ")
		if !ok {
			continue // whatever is elsewhere
		}
		name := "`" + method + " " + strings.TrimPrefix(path, publicapi.Prefix) + "`"
		if path == publicapi.Prefix {
			name = "`" + method + " /`"
		}
		if !strings.Contains(string(reference), name) {
			t.Errorf("route %s is not in docs/reference/public-api.md", name)
		}
	}
}

// role lets a token in as what it is called.
type role struct{}

func (role) Authenticate(r *http.Request) (access.Principal, error) {
	token, _ := access.Bearer(r)
	if token == "" {
		return access.Principal{}, access.ErrNobody
	}
	return access.Principal{Kind: access.Token, ID: token, Name: token, Role: access.Role(token)}, nil
}

// Every route is walked by nobody and by each role: what a token may not do is answered as if there were none.
func TestRoles(t *testing.T) {
	r := newRig(t)
	gate := publicapi.New(publicapi.Config{}, publicapi.Parts{Access: role{}, Workspace: r.store, Journal: r.journal, Audit: r, Logger: slog.New(slog.DiscardHandler)})
	r.handler = gate
	ranks := []access.Role{"", access.Viewer, access.Editor, access.Owner}
	for _, route := range gate.Routes() {
		method, path, ok := strings.Cut(route.Pattern, " ")
		if !ok {
			method, path = "GET", publicapi.Prefix+"/nowhere"
		}
		path = strings.NewReplacer("{$}", "", "{id}", "x", "{key}", "x", "{value}", "x", "{subscription}", "x", "{filter}", "x").Replace(strings.TrimPrefix(path, publicapi.Prefix))
		for i, as := range ranks {
			status, answer := r.send(t, request{method: method, path: path, contentType: "application/json", body: "{}", token: string(as)})
			may := i >= slices.Index(ranks, route.Needs)
			if (status == http.StatusUnauthorized) == may {
				t.Errorf("%s as %q: %d %v; it needs %s", route.Pattern, as, status, answer, route.Needs)
			}
		}
		if reads := method == http.MethodGet || strings.HasSuffix(strings.TrimSuffix(path, "/"), "/preview"); reads == (route.Needs == access.Editor) {
			t.Errorf("%s needs %s", route.Pattern, route.Needs)
		}
	}
}
