//go:build e2e

package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// app is a receiving side, and nothing else.
const app = `
apps: [{slug: acme, name: Acme web app, key: "00000000000000000000000000000001"}]
`

// connected is a source whose mapping sends to a wrong path of the receiving side: what it sends is not taken.
const connected = app + `
sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_000000000000000000001]}]
destinations:
  - slug: pendo
    name: Pendo
    source: website
    type: actions-webhook
    mappings:
      - {name: Track Events, action: send, trigger: 'type = "track"', fields: {url: "${PENSTOCK_URL}/data/segmentio/0000000000000000000000000000000f", method: POST, data: {"@path": "$."}, enable_batching: false}}
`

// articleByHand is the article, step by step: source, Webhooks (Actions), mapping, test event, switches, and the first
// event on its whole way.
func articleByHand(t *testing.T, server *harness.Server, in any) {
	t.Helper()
	got := visit[struct{ Answer, Landed, Summary string }](t, server, "article.mjs", in)
	want := struct{ Answer, Landed, Summary string }{
		Answer:  "200 OK",
		Landed:  "Example Event Name 123 account",
		Summary: "1 of 1 mapping delivered it, and it is counted in acme for visitor 123 of account account.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the article (-want +got):\n%s", diff)
	}
	if row := server.Settled(1)[0]; row.Delivered != 1 {
		t.Errorf("the ledger says %+v, want the event that came after the switches delivered, and no test", row)
	}
}

// The same by the preset, in two steps.
func TestArticleByPreset(t *testing.T) {
	t.Parallel()
	server, in := start(t, app)
	got := visit[struct{ Summary string }](t, server, "preset.mjs", in)
	if want := "1 of 1 mapping delivered it, and it is counted in acme for visitor 123 of account account."; got.Summary != want {
		t.Errorf("got %q, want %q", got.Summary, want)
	}
}

// An event that was not delivered: found by its messageId, the reason read, the mapping mended and tested.
func TestWhereIsMyEvent(t *testing.T) {
	t.Parallel()
	server, in := start(t, connected)
	got := visit[struct{ State, Reason, Answer string }](t, server, "where.mjs", in)
	if got.State == "delivered" || got.Reason != "404" || got.Answer != "200 OK" {
		t.Errorf("got %+v, want an event that was not taken, with the reason, and 200 OK after mending", got)
	}
}

// Sign-in: the owner by the first link, a viewer by an invitation; the viewer sees everything and can change nothing.
func TestViewerChangesNothing(t *testing.T) {
	t.Parallel()
	server, in := start(t, connected)
	got := visit[struct{ Offered, Asked []string }](t, server, "viewer.mjs", in)
	if len(got.Offered) > 0 {
		t.Errorf("a viewer is offered %v", got.Offered)
	}
	for _, request := range got.Asked {
		t.Errorf("a viewer's pages have sent %s", request)
	}
}
