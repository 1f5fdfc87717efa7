package crash

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/test/harness"
)

const (
	kills   = 20
	senders = 4
	askers  = 4
)

// The server is killed twenty times in the middle of its work, and started again on the same folder.
func TestKilledTwentyTimes(t *testing.T) {
	t.Parallel()
	sink := harness.NewSink(t)
	server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)

	stop := make(chan struct{})
	acked := startSenders(t, server.URL, senders, stop)
	var ids []string
	var killed []time.Time // when the process was gone, and the sink had taken all that it sent
	var answered []int     // how many ids there were then
	for kill := range kills {
		// Not at the same point of the work each time.
		for target := len(ids) + 50 + 70*(kill%4); len(ids) < target; {
			batch, open := <-acked
			if !open {
				t.Fatal("the senders gave up")
			}
			ids = append(ids, batch...)
		}
		server.Kill()
		sink.Drained()
		killed, answered = append(killed, time.Now()), append(answered, len(ids))
		server.Restart()
	}
	close(stop)
	for batch := range acked {
		ids = append(ids, batch...)
	}

	tracks := 0
	for _, id := range ids {
		if strings.HasPrefix(id, "track-") {
			tracks++
		}
	}
	t.Logf("%d events were answered 200, %d of them Track calls", len(ids), tracks)
	wantBalance(t, server.Settled(len(ids)), len(ids), tracks)
	server.WantTrackEvents(tracks)
	wantInLog(t, server, ids)
	for _, n := range answered { // what was answered last before the kill, and first after it
		wantJourneys(t, server, ids[n-eventsPerBatch:min(n+eventsPerBatch, len(ids))])
	}
	wantDeliveries(t, server, sink.Deliveries(), tracks, killed)
}

// wantBalance checks the ledger: each event that was taken has one outcome for each mapping. A batch that was in the log
// before the kill, and whose answer was lost with it, was sent again: those lines are accepted, and duplicates.
func wantBalance(t *testing.T, rows []harness.LedgerRow, events, tracks int) {
	t.Helper()
	if len(rows) != 2 {
		t.Errorf("ledger: got %d rows, want those of the two mappings", len(rows))
	}
	for _, row := range rows {
		want := row
		want.Delivered, want.Filtered, want.Duplicate = tracks, events-tracks, row.Accepted-events
		want.Discarded, want.Lost = 0, 0
		if row != want {
			t.Errorf("ledger: got %+v, want %+v", row, want)
		}
		if row.Sum() != row.Accepted {
			t.Errorf("ledger does not balance: accepted %d, outcomes %d: %+v", row.Accepted, row.Sum(), row)
		}
	}
}

// wantInLog looks for every event that was answered 200. Each is there once in effect: whatever has its id besides is a
// duplicate.
func wantInLog(t *testing.T, server *harness.Server, ids []string) {
	t.Helper()
	firsts := map[string]int{}
	for _, line := range server.Log(harness.Source) {
		var event struct {
			MessageID string `json:"messageId"`
		}
		if err := json.Unmarshal(line.Event, &event); err != nil {
			t.Fatalf("%s: %v", line.Position, err)
		}
		if line.DuplicateOf == "" {
			firsts[event.MessageID]++
		}
	}
	for _, id := range ids {
		if firsts[id] != 1 {
			t.Errorf("%s was answered 200, and is in the log %d times, besides its duplicates", id, firsts[id])
		}
	}
}

// wantJourneys asks for the journey of events that were answered 200.
func wantJourneys(t *testing.T, server *harness.Server, ids []string) {
	t.Helper()
	var all sync.WaitGroup
	for part := range slices.Chunk(ids, (len(ids)+askers-1)/askers) {
		all.Go(func() {
			for _, id := range part {
				journey, err := server.Journey(id)
				if err != nil || len(journey.Arrivals) == 0 || journey.MessageID != id {
					t.Errorf("%s was answered 200, and its journey is %+v, %v", id, journey, err)
				}
			}
		})
	}
	all.Wait()
}

// wantDeliveries checks what the sink saw: each Track call, under one webhook-id; and a webhook-id again only after a kill that
// came before the outcome of the request was durable.
func wantDeliveries(t *testing.T, server *harness.Server, deliveries []harness.Delivery, tracks int, killed []time.Time) {
	t.Helper()
	var twice []repeat
	last := map[string]harness.Delivery{} // by webhook-id
	webhookOf := map[string]string{}      // by messageId
	for _, delivery := range deliveries {
		if delivery.WebhookID == "" {
			t.Fatalf("request without a webhook-id: %+v", delivery)
		}
		if other, seen := webhookOf[delivery.MessageID]; seen && other != delivery.WebhookID {
			t.Errorf("%s was sent as %s and as %s", delivery.MessageID, other, delivery.WebhookID)
		}
		webhookOf[delivery.MessageID] = delivery.WebhookID
		if before, seen := last[delivery.WebhookID]; seen {
			twice = append(twice, repeat{before, delivery})
		}
		last[delivery.WebhookID] = delivery
	}
	if len(webhookOf) != tracks {
		t.Errorf("the sink saw %d Track calls, want %d", len(webhookOf), tracks)
	}
	var all sync.WaitGroup
	for part := range slices.Chunk(twice, len(twice)/askers+1) {
		all.Go(func() {
			for _, r := range part {
				wantInFlight(t, server, r.first, r.second, killed)
			}
		})
	}
	all.Wait()
	t.Logf("the sink saw %d requests, %d of them for a second time", len(deliveries), len(twice))
}

// repeat is a request that was sent twice.
type repeat struct{ first, second harness.Delivery }

// wantInFlight checks a request that was sent twice: the process was killed in between, and the outcome that counts was
// written after that kill, so none was durable before it. Or else the first got no answer in time, as its outcomes say.
func wantInFlight(t *testing.T, server *harness.Server, first, second harness.Delivery, killed []time.Time) {
	t.Helper()
	var kill time.Time
	for _, at := range killed {
		if at.After(first.At) && at.Before(second.At) {
			kill = at
		}
	}
	journey, err := server.Journey(first.MessageID)
	if err != nil {
		t.Error(err)
		return
	}
	if kill.IsZero() {
		if journey.TimedOut(harness.ToSink) == 0 {
			t.Errorf("%s was sent twice, at %v and %v, without a kill in between", first.WebhookID, first.At, second.At)
		}
		return
	}
	settled, found := journey.SettledAt(harness.ToSink)
	if !found || settled.Before(kill.Truncate(time.Millisecond)) {
		t.Errorf("%s was sent again at %v, after the kill at %v, though its outcome is of %v: %+v",
			first.WebhookID, second.At, kill, settled, journey)
	}
}
