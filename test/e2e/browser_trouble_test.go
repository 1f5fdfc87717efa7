//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"penstock/test/harness"
)

// A visitor leaves the page while calls are on their way: they arrive all the same, in the requests that outlive a page.
func TestBrowserSDKAtUnload(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, calls string
		options     map[string]any
	}{
		{"in batches", "leave(5)", delivery("batching", map[string]any{"size": 10, "timeout": 600_000})},
		{"one by one, keepalive", "leaveSending(5)", delivery("standard", map[string]any{"keepalive": true})},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback)
			v := newVisit("snippet", server.URL, server)
			v.Options, v.Calls, v.How = c.options, c.calls, "leave"
			calls, _ := browse(t, v)
			firsts, again := delivered(t, server.Log(harness.Source))
			if again != 0 || len(firsts) != len(calls)+1 {
				t.Errorf("the log holds %d calls, and %d again, want %d and the page's own", len(firsts), again, len(calls))
			}
			wantTold(t, calls, firsts)
		})
	}
}

// What was called without a network is kept over the page, and sent by the next one. What a link or the page's address has to say is sent, too: the SDK
// fetches its parts for that from this server.
func TestBrowserSDKOverPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query, calls, how, part string
		names                         []string
	}{
		{name: "offline", calls: "tellMany(9)", how: "offline"},
		{name: "link", calls: "clickAway()", how: "click", part: "auto-track"},
		{name: "query", query: "?ajs_uid=user-7&ajs_event=Mail%20Opened&ajs_prop_a=1", calls: "tellMany(1)", how: "stay", part: "queryString", names: []string{"Mail Opened"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback)
			v := newVisit("snippet", server.URL, server)
			v.Query, v.Calls, v.How, v.Names = c.query, c.calls, c.how, c.names
			calls, seen := browse(t, v)
			firsts, _ := deliveredAgain(t, server.Log(harness.Source), oneByOne)
			wantTold(t, calls, firsts)
			if c.part == "" {
				return
			}
			for _, request := range seen.Requests {
				if strings.HasPrefix(request.URL, server.URL+"/analytics-next/bundles/"+c.part+".bundle.") && request.Status == http.StatusOK {
					return
				}
			}
			t.Errorf("the SDK has not fetched its part %s from the server: %d requests", c.part, len(seen.Requests))
		})
	}
}

// Whatever goes wrong on the way, each call is in the log once in effect, and the page sends it again as it is told to.
// What counts is the first that was stored, with the user that it names.
func TestBrowserSDKTriesAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options map[string]any
		may     func(first, second call) string
		plans   [][]harness.Fault
	}{
		{"one by one", nil, oneByOne, [][]harness.Fault{
			{harness.ResetAfter},
			{harness.Unavailable, harness.ResetBefore},
			{harness.TooMany, harness.ResetAfter},
			{},
			{harness.ResetAfter, harness.Unavailable},
		}},
		{"in batches", delivery("batching", map[string]any{"size": 10, "timeout": 500}), inBatches, [][]harness.Fault{
			{harness.ResetAfter, harness.TooMany, harness.ResetBefore, harness.Unavailable},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sink := harness.NewSink(t)
			server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)
			proxy := harness.NewProxy(t, server.URL, c.plans...)
			v := newVisit("npm", proxy.URL, server)
			v.Options = c.options
			calls, _ := browse(t, v)
			faults := proxy.Faults()
			for _, fault := range []harness.Fault{harness.Unavailable, harness.TooMany, harness.ResetBefore, harness.ResetAfter} {
				if faults[fault] == 0 {
					t.Errorf("nothing went wrong with %s: %v", fault, faults)
				}
			}
			firsts, again := deliveredAgain(t, server.Log(harness.Source), c.may)
			wantTold(t, calls, firsts)
			if len(firsts) != len(calls)+1 {
				t.Errorf("the log holds %d calls, want the SDK's %d and the page's own", len(firsts), len(calls))
			}
			if again == 0 || proxy.Again() == 0 {
				t.Errorf("%d calls came again in %d requests, want some", again, proxy.Again())
			}
			for _, row := range server.Settled(len(firsts) + again) {
				if row.Accepted != len(firsts)+again || row.Duplicate != again || row.Sum() != row.Accepted {
					t.Errorf("ledger: got %+v, want %d accepted, of which %d are duplicates", row, len(firsts)+again, again)
				}
			}
			wantSentFirsts(t, server.WantSentOnce(harness.ToSink, sink.Deliveries()), firsts)
		})
	}
}

// A source that sends more than it may is told when to come again, in a way that a page can read; in the end all is there, once.
func TestBrowserSDKWaitsAsTold(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback, "--rate-limit=20")
	v := newVisit("snippet", server.URL, server)
	v.Calls = fmt.Sprintf("tellTooMany(20, %q, %q)", server.URL, harness.WriteKey)
	calls, seen := browse(t, v)
	refused := 0
	for _, request := range seen.Requests {
		if request.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no request was answered 429")
	}
	firsts, again := delivered(t, server.Log(harness.Source))
	if again != 0 {
		t.Errorf("%d calls came again, want none: what is answered 429 is not stored", again)
	}
	wantTold(t, calls, firsts)
}

// oneByOne takes out of a call and its repeat what may differ when the SDK sends calls one by one.
//
// The SDK builds a new body for each try: send of src/plugins/segmentio/index.ts of @segment/analytics-next 1.84.3
// calls normalize of normalize.ts beside it, which gives a call that names no user the one that the page knows at that
// moment. A call has no user of its own when it was made before anybody was identified (addIdentity of
// src/core/events/index.ts); so its repeat may name whom the page has identified since then, but nobody else, and
// nobody from before.
func oneByOne(first, second call) (problem string) {
	if ofNobody := first.text("event") == "Early" || first.text("type") == "page" && first["name"] == nil; ofNobody {
		identified := []string{"", "üser-用户-🙂", "user-1"} // by calls.js, in this order
		before, after := slices.Index(identified, first.text("userId")), slices.Index(identified, second.text("userId"))
		if before < 0 || after < before {
			problem = "it names a user whom the page had not identified then"
		}
		delete(first, "userId")
		delete(second, "userId")
	}
	return problem + inBatches(first, second)
}

// inBatches takes out of a call and its repeat what may differ when the SDK sends batches: which try it is, and no
// more. It keeps the bodies of a batch, and sends them again.
func inBatches(first, second call) (problem string) {
	for _, c := range []call{first, second} {
		var metadata map[string]json.RawMessage
		if err := json.Unmarshal(c["_metadata"], &metadata); err != nil {
			return "its _metadata is no object"
		}
		delete(metadata, "retryCount")
		c["_metadata"], _ = json.Marshal(metadata) // it was JSON
	}
	return ""
}

// wantSentFirsts checks that each Track call was delivered as the line of it that came first.
func wantSentFirsts(t *testing.T, sent map[string][]harness.Delivery, firsts map[string]harness.Line) {
	t.Helper()
	for id, line := range firsts {
		first := parseCall(t, line.Event)
		if first.text("type") == "track" && len(sent[id]) == 0 && string(first["integrations"]) == "{}" {
			t.Errorf("%s was not delivered", id)
		}
		for _, delivery := range sent[id] {
			if delivery.UserID != first.text("userId") {
				t.Errorf("%s was delivered for %q, and its first is of %q", id, delivery.UserID, first.text("userId"))
			}
		}
	}
	for id := range sent {
		if _, ok := firsts[id]; !ok {
			t.Errorf("%s was delivered, and is not in the log", id)
		}
	}
}
