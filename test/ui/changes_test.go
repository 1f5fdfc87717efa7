//go:build e2e

package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// delivering is a source whose mapping delivers to the receiving side.
var delivering = strings.Replace(connected, "0000000f", "00000001", 1)

// filterIsInForce is a destination filter: its condition made of an event's fields, tried, in force, named by the
// journey of what it dropped, switched off, deleted.
func filterIsInForce(t *testing.T, server *harness.Server, in any) {
	t.Helper()
	type seen struct {
		Condition, State, Why, Theirs string
		Without                       []string
	}
	got := visit[seen](t, server, "filters.mjs", in)
	want := seen{
		Condition: `type = "track" and contains(properties.email, "@acme.example")`,
		State:     "filtered",
		Why:       `Not sent: the filter "Our own people" drops it: type = "track" and contains(properties.email, "@acme.example").`,
		Theirs:    "1 of 1 mapping delivered it, and it is counted in acme for visitor user-1 of account acme-1.",
		Without:   []string{"properties.email"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the filter (-want +got):\n%s", diff)
	}
	if row := server.Settled(4)[0]; row.Delivered != 3 || row.Filtered != 1 {
		t.Errorf("the ledger says %+v, want one event filtered, and the others delivered", row)
	}
}

// What is shown once and works, and what it takes the place of: an integration key, an app's key, its shared secret.
func TestKeysAreMadeAndRotated(t *testing.T) {
	t.Parallel()
	server, in := start(t, app)
	type seen struct {
		Integration     []int
		ShownAgain      bool
		Another         bool
		Rotated, Shared []int
	}
	got := visit[seen](t, server, "secrets.mjs", in)
	want := seen{Integration: []int{200, 403}, Another: true, Rotated: []int{200, 200, 404, 200}, Shared: []int{200, 403, 200}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answers (-want +got):\n%s", diff)
	}
}

// A visitor that is erased is gone; a source and an app are kept as long as it was said.
func TestErasingAndRetention(t *testing.T) {
	t.Parallel()
	server, in := start(t, connected)
	type kept struct {
		Days, BacklogBytes, Months int
		WhenFull                   string
	}
	type seen struct {
		Early bool
		Left  []string
		Kept  []kept
		Back  *kept
	}
	got := visit[seen](t, server, "keeping.mjs", in)
	want := seen{Left: []string{"user-2"}, Kept: []kept{{Days: 30, BacklogBytes: 1_500_000_000, WhenFull: "discard"}, {Months: 12}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is left and kept (-want +got):\n%s", diff)
	}
}
