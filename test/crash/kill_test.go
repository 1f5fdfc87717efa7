package crash

import (
	"strings"
	"testing"
	"time"

	"penstock/test/harness"
)

const (
	kills   = 20
	senders = 4
)

// The server is killed twenty times in the middle of its work, and started again on the same folder.
func TestKilledTwentyTimes(t *testing.T) {
	sink := harness.NewSink(t)
	server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)

	stop := make(chan struct{})
	acked := startSenders(t, server.URL, senders, stop)
	var ids []string
	var killed []time.Time // when the process was gone, and the sink had taken all that it sent
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
		killed = append(killed, time.Now())
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

// wantInLog asks for the journey of every event that was answered 200.
func wantInLog(t *testing.T, server *harness.Server, ids []string) {
	t.Helper()
	for _, id := range ids {
		journey, err := server.Journey(id)
		if err != nil {
			t.Fatalf("answered 200, but not in the log: %v", err)
		}
		if len(journey.Arrivals) == 0 || journey.MessageID != id {
			t.Fatalf("answered 200, but not in the log: the journey of %s is %+v", id, journey)
		}
	}
}

// wantDeliveries checks what the sink saw: each Track call, under one webhook-id; and a webhook-id again only after a kill that
// came before the outcome of the request was durable.
func wantDeliveries(t *testing.T, server *harness.Server, deliveries []harness.Delivery, tracks int, killed []time.Time) {
	t.Helper()
	last := map[string]harness.Delivery{} // by webhook-id
	webhookOf := map[string]string{}      // by messageId
	twice := 0
	for _, delivery := range deliveries {
		if delivery.WebhookID == "" {
			t.Fatalf("request without a webhook-id: %+v", delivery)
		}
		if other, seen := webhookOf[delivery.MessageID]; seen && other != delivery.WebhookID {
			t.Errorf("%s was sent as %s and as %s", delivery.MessageID, other, delivery.WebhookID)
		}
		webhookOf[delivery.MessageID] = delivery.WebhookID
		if before, seen := last[delivery.WebhookID]; seen {
			twice++
			wantInFlight(t, server, before, delivery, killed)
		}
		last[delivery.WebhookID] = delivery
	}
	if len(webhookOf) != tracks {
		t.Errorf("the sink saw %d Track calls, want %d", len(webhookOf), tracks)
	}
	t.Logf("the sink saw %d requests, %d of them for a second time", len(deliveries), twice)
}

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
		t.Fatal(err)
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
