//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// visit is what browser/visit.mjs is to do.
type visit struct {
	Form     string         `json:"form"` // one of shop.mjs
	Penstock string         `json:"penstock"`
	WriteKey string         `json:"writeKey"`
	Options  map[string]any `json:"options,omitempty"` // of load
	Query    string         `json:"query"`
	Calls    string         `json:"calls"`
	How      string         `json:"how"` // one of its ways
	API      string         `json:"api"`
	Token    string         `json:"token"`
	Source   string         `json:"source"`
	Names    []string       `json:"names"` // of events that must be in the log, too
}

// visited is what came of it.
type visited struct {
	Told []json.RawMessage `json:"told"` // the calls, as members of their events
	Host string            `json:"host"` // of the shop
}

// newVisit is a visit of a page that has the SDK from where penstock is.
func newVisit(form, penstock string, server *harness.Server) visit {
	return visit{
		Form: form, Penstock: penstock, WriteKey: harness.WriteKey, Calls: "tellAll()", How: "stay",
		API: server.URL, Token: harness.Token, Source: harness.Source,
	}
}

// delivery is the options of load that say how the SDK sends.
func delivery(strategy string, config map[string]any) map[string]any {
	return map[string]any{"integrations": map[string]any{
		"Segment.io": map[string]any{"deliveryStrategy": map[string]any{"strategy": strategy, "config": config}},
	}}
}

// browse makes a visit. Its page must ask nobody but the shop and Penstock.
func browse(t *testing.T, v visit) (calls []call, seen harness.Browsed[visited]) {
	t.Helper()
	seen = harness.Browse[visited](t, "browser/visit.mjs", v)
	penstock, err := url.Parse(v.Penstock)
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range seen.ToOthers(seen.Output.Host, penstock.Host) {
		t.Errorf("a page has asked somebody else: %s", request)
	}
	for _, raw := range seen.Output.Told {
		calls = append(calls, parseCall(t, raw))
	}
	if len(calls) == 0 {
		t.Fatal("the SDK was told nothing")
	}
	return calls, seen
}

// The real browser SDK, in every form in which pages have it, is told every kind of call: what it is told is what it sends, and what it sends is what the log
// holds, over plain HTTP and over TLS, one by one and in batches. Nobody else is asked for anything.
func TestBrowserSDKIsTakenAtItsWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, form string
		tls        bool
		options    map[string]any
	}{
		{"snippet over http", "snippet", false, nil},
		{"snippet over https", "snippet", true, nil},
		{"snippet over https, in batches", "snippet", true, delivery("batching", map[string]any{"size": 10, "timeout": 500})},
		{"snippet of the guide over http", "guide", false, nil},
		{"npm over http, in batches", "npm", false, delivery("batching", map[string]any{"size": 10, "timeout": 500})},
		{"npm over https, with cookies", "npm", true, delivery("standard", map[string]any{"credentials": "include"})},
		{"build for script tags over http", "umd", false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback, harness.TrustFront)
			penstock := server.URL
			if c.tls {
				penstock = harness.TLSFront(t, server.URL)
			}
			v := newVisit(c.form, penstock, server)
			v.Options = c.options
			calls, seen := browse(t, v)
			if errors := seen.Errors(); len(errors) > 0 {
				t.Errorf("errors in the console: %q", errors)
			}
			firsts, again := delivered(t, server.Log(harness.Source))
			if again != 0 {
				t.Errorf("%d calls came again, want none", again)
			}
			sent := sentByPage(t, seen.Requests)
			wantSent(t, sent, firsts)
			wantTold(t, calls, firsts)
			if len(sent) != len(calls)+1 {
				t.Errorf("the SDK has sent %d events, want the %d that it was told and the page's own", len(sent), len(calls))
			}
		})
	}
}

// sentByPage is the events in the bodies that a page has sent, by messageId. Those of batches have the sentAt of their batch.
func sentByPage(t *testing.T, requests []harness.BrowserRequest) map[string]call {
	t.Helper()
	sent := map[string]call{}
	for _, request := range requests {
		if request.Method != http.MethodPost {
			continue
		}
		body := parseCall(t, []byte(request.Body))
		events := []json.RawMessage{[]byte(request.Body)}
		if batch, ok := body["batch"]; ok {
			if err := json.Unmarshal(batch, &events); err != nil {
				t.Fatal(err)
			}
		}
		for _, raw := range events {
			event := parseCall(t, raw)
			event["sentAt"] = body["sentAt"]
			sent[event.text("messageId")] = event
		}
	}
	return sent
}

// wantSent compares what a page has sent with the log, field by field: same values, nothing missing, nothing more but what the server adds.
func wantSent(t *testing.T, sent map[string]call, firsts map[string]harness.Line) {
	t.Helper()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(sent)), slices.Sorted(maps.Keys(firsts))); diff != "" {
		t.Errorf("messageIds (-sent +in the log):\n%s", diff)
	}
	for id, want := range sent {
		line, ok := firsts[id]
		if !ok {
			continue
		}
		got := parseCall(t, line.Event)
		wantSkew(t, got)
		want, got := maps.Clone(want), maps.Clone(got)
		want["originalTimestamp"] = want["timestamp"]
		want["channel"], want["version"] = json.RawMessage(`"client"`), json.RawMessage(`2`)
		want["context"] = withIP(t, want["context"])
		for _, name := range []string{"timestamp", "writeKey"} {
			delete(want, name)
		}
		for _, name := range []string{"timestamp", "receivedAt", "projectId"} {
			if got.text(name) == "" {
				t.Errorf("%s has no %s", id, name)
			}
			delete(got, name)
		}
		if diff := cmp.Diff(texts(t, want), texts(t, got)); diff != "" {
			t.Errorf("%s (-sent +in the log):\n%s", id, diff)
			return // one is enough to look at
		}
		if o := line.Origin; o.Channel != "client" || o.Library != "analytics.js" || !strings.HasPrefix(o.Call, "analytics."+want.text("type")) {
			t.Errorf("%s: origin %+v", id, o)
		}
	}
}

// withIP adds to a context what the server adds at its end.
func withIP(t *testing.T, context json.RawMessage) json.RawMessage {
	t.Helper()
	text := strings.TrimSuffix(compact(t, context), "}")
	return json.RawMessage(text + `,"ip":"127.0.0.1"}`)
}

func texts(t *testing.T, c call) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, value := range c {
		all[name] = compact(t, value)
	}
	return all
}

// wantTold compares what an SDK was told with the log. The SDK adds to traits what it knows already, to the properties of a page where it is, and to
// integrations those that were given to load; all else is as it was told.
func wantTold(t *testing.T, calls []call, firsts map[string]harness.Line) {
	t.Helper()
	for _, want := range calls {
		line, ok := firsts[want.text("messageId")]
		if !ok {
			t.Errorf("%s %s is not in the log", want["type"], want["messageId"])
			continue
		}
		got := parseCall(t, line.Event)
		for name, value := range want {
			switch {
			case name == "context", name == "integrations", name == "traits", name == "properties" && want.text("type") != "track":
				wantWithin(t, value, got[name])
			case name == "timestamp":
				name = "originalTimestamp"
				fallthrough
			default:
				if diff := cmp.Diff(compact(t, value), compact(t, got[name])); diff != "" {
					t.Errorf("%s of %s (-told +in the log):\n%s", name, want["messageId"], diff)
				}
			}
		}
	}
}
