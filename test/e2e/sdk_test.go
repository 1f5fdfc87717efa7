//go:build e2e

package e2e

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"penstock/test/harness"
)

// sentBySDK is what send.mjs says that it sent: calls by type, and the messageId of the first of each type.
type sentBySDK struct {
	Sent   map[string]int    `json:"sent"`
	Firsts map[string]string `json:"firsts"`
}

// The real Node SDK sends 10,000 mixed calls: every one is accounted for, and Track calls alone arrive, once each.
func TestNodeSDK(t *testing.T) {
	t.Parallel()
	const calls = 10_000
	sink := harness.NewSink(t)
	server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)
	sdk := send(t, server.URL, calls)
	tracks := sdk.Sent["track"]
	if tracks != calls*6/10 {
		t.Fatalf("the SDK sent %d Track calls, want 60 %% of %d", tracks, calls)
	}

	rows := server.Settled(calls)
	if len(rows) != 2 {
		t.Errorf("ledger: got %d rows, want those of the two mappings", len(rows))
	}
	for _, row := range rows {
		want := row
		want.Accepted, want.Delivered, want.Filtered = calls, tracks, calls-tracks
		want.Duplicate, want.Discarded, want.Lost = 0, 0, 0
		if row != want {
			t.Errorf("ledger: got %+v, want %+v", row, want)
		}
		if row.Sum() != row.Accepted {
			t.Errorf("ledger does not balance: accepted %d, outcomes %d: %+v", row.Accepted, row.Sum(), row)
		}
	}
	server.WantTrackEvents(tracks)
	for _, delivery := range sink.Deliveries() {
		if delivery.Type != "track" {
			t.Fatalf("the sink was sent %+v, want Track calls alone", delivery)
		}
	}
	wantJourney(t, server, sdk.Firsts["track"],
		harness.Source, "@segment/analytics-node", "delivered", "200", "user-0", "account-0")
	wantJourney(t, server, sdk.Firsts["identify"],
		harness.Source, "@segment/analytics-node", "filtered", "Track Events", `type = "track"`)
}

func send(t *testing.T, host string, calls int) sentBySDK {
	t.Helper()
	output := harness.Node(t, "send.mjs", host, harness.WriteKey, strconv.Itoa(calls))
	var sent sentBySDK
	if err := json.Unmarshal(output, &sent); err != nil {
		t.Fatalf("read what send.mjs sent: %v\n%s", err, output)
	}
	return sent
}

// wantJourney asks the command line where an event is, and looks for what the answer must name.
func wantJourney(t *testing.T, server *harness.Server, messageID string, want ...string) {
	t.Helper()
	journey, err := server.Command("where", messageID)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range append(want, messageID) {
		if !strings.Contains(journey, part) {
			t.Errorf("penstock where %s: does not name %q:\n%s", messageID, part, journey)
		}
	}
}
