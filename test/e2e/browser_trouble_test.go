//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"penstock/test/harness"
)

// A visitor leaves the page while calls are on their way: they arrive all the same, in the requests that outlive a page.
func TestBrowserSDKAtUnload(t *testing.T) {
	for _, c := range []struct {
		name, calls string
		options     map[string]any
	}{
		{"in batches", "leave(5)", delivery("batching", map[string]any{"size": 10, "timeout": 600_000})},
		{"one by one, keepalive", "leaveSending(5)", delivery("standard", map[string]any{"keepalive": true})},
	} {
		t.Run(c.name, func(t *testing.T) {
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
	for _, c := range []struct {
		name, query, calls, how, part string
		names                         []string
	}{
		{name: "offline", calls: "tellMany(9)", how: "offline"},
		{name: "link", calls: "clickAway()", how: "click", part: "auto-track"},
		{name: "query", query: "?ajs_uid=user-7&ajs_event=Mail%20Opened&ajs_prop_a=1", calls: "tellMany(1)", how: "stay", part: "queryString", names: []string{"Mail Opened"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback)
			v := newVisit("snippet", server.URL, server)
			v.Query, v.Calls, v.How, v.Names = c.query, c.calls, c.how, c.names
			calls, seen := browse(t, v)
			firsts, _ := delivered(t, withoutMetadata(t, server.Log(harness.Source)))
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
func TestBrowserSDKTriesAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		options map[string]any
		plans   [][]harness.Fault
	}{
		{"one by one", nil, [][]harness.Fault{
			{harness.ResetAfter},
			{harness.Unavailable, harness.ResetBefore},
			{harness.TooMany, harness.ResetAfter},
			{},
			{harness.ResetAfter, harness.Unavailable},
		}},
		{"in batches", delivery("batching", map[string]any{"size": 10, "timeout": 500}), [][]harness.Fault{
			{harness.ResetAfter, harness.TooMany, harness.ResetBefore, harness.Unavailable},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := harness.Start(t, harness.WithSink(t, harness.NewSink(t).URL), harness.EgressLoopback)
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
			firsts, again := delivered(t, withoutMetadata(t, server.Log(harness.Source)))
			wantTold(t, calls, firsts)
			if again == 0 || proxy.Again() == 0 {
				t.Errorf("%d calls came again in %d requests, want some", again, proxy.Again())
			}
			for _, row := range server.Settled(len(firsts) + again) {
				if row.Accepted != len(firsts)+again || row.Duplicate != again || row.Sum() != row.Accepted {
					t.Errorf("ledger: got %+v, want %d accepted, of which %d are duplicates", row, len(firsts)+again, again)
				}
			}
		})
	}
}

// A source that sends more than it may is told when to come again, in a way that a page can read; in the end all is there, once.
func TestBrowserSDKWaitsAsTold(t *testing.T) {
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

// withoutMetadata leaves out what the SDK says of its own tries, which changes with each.
func withoutMetadata(t *testing.T, lines []harness.Line) []harness.Line {
	t.Helper()
	for i := range lines {
		event := parseCall(t, lines[i].Event)
		delete(event, "_metadata")
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false) // the values stay as they are
		if err := encoder.Encode(event); err != nil {
			t.Fatal(err)
		}
		lines[i].Event = text.Bytes()
	}
	return lines
}
