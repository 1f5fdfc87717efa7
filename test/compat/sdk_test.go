//go:build e2e

package compat

import (
	"encoding/json"
	"slices"
	"testing"

	"penstock/test/harness"
)

// The TypeScript SDK lists the catalog, makes a source, a destination and the article's subscription, sends an event through it, reads everything back, changes and
// deletes it. The event has arrived at the receiver then, and the ledger balances.
func TestTypeScriptSDK(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.Workspace(t, "apps: [{slug: acme, name: Acme, key: '"+harness.AppKey+"'}]\n"))
	output := harness.Node(t, "flow.js", server.URL, harness.Token, harness.AppKey)
	var seen struct {
		Catalog struct {
			Sources      int
			Destinations []string
		}
		Subscription struct{ ActionID, ActionSlug string }
	}
	if err := json.Unmarshal(output, &seen); err != nil {
		t.Fatalf("read what flow.js saw: %v\n%s", err, output)
	}
	if seen.Catalog.Sources < 19 || !slices.Contains(seen.Catalog.Destinations, "actions-webhook") {
		t.Errorf("catalog: %+v", seen.Catalog)
	}
	if seen.Subscription.ActionID != "nFPnRozhz1mh4Gbx4MLvT5" || seen.Subscription.ActionSlug != "send" {
		t.Errorf("subscription: %+v", seen.Subscription)
	}
	server.WantTrackEvents(1)
	rows := server.Settled(2)
	if len(rows) != 1 || rows[0].Accepted != 2 || rows[0].Delivered != 1 || rows[0].Filtered != 1 {
		t.Errorf("ledger: %+v, want that one event was delivered and one filtered", rows)
	}
}
