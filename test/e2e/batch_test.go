package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"penstock/test/harness"
)

// A mapping with batching on delivers lists, each event once, while another mapping of the same source goes on one by one.
func TestBatches(t *testing.T) {
	t.Parallel()
	const events, most = 35, 10
	sink := harness.NewSink(t)
	server := harness.Start(t, harness.WithBatches(t, sink.URL), harness.EgressLoopback)
	var batch []string
	for i := range events {
		batch = append(batch, fmt.Sprintf(`{"type":"track","event":"Order","userId":"u%d","messageId":"m%d"}`, i%3, i))
	}
	batch = append(batch, `{"type":"identify","userId":"u1","messageId":"another"}`)
	status, answer := server.Post("/v1/batch", `{"batch":[`+strings.Join(batch, ",")+`],"writeKey":"`+harness.WriteKey+`"}`)
	if status != http.StatusOK {
		t.Fatalf("POST /v1/batch: got %d %s, want 200", status, answer)
	}
	for _, row := range server.Settled(events + 1) {
		if row.Sum() != row.Accepted || row.Accepted != events+1 || row.Delivered != events || row.Filtered != 1 {
			t.Errorf("ledger: got %+v, want %d delivered and 1 filtered", row, events)
		}
	}
	server.WantTrackEvents(events)

	sent := server.WantSentOnce(harness.ToSink, sink.Deliveries())
	requests := map[string]int{} // events by webhook-id
	for _, d := range sink.Deliveries() {
		requests[d.WebhookID]++
		if d.Batch == 0 || d.Batch > most {
			t.Errorf("%s came in a list of %d, want 1 to %d", d.MessageID, d.Batch, most)
		}
	}
	// A list waits a second for the next event, so that a busy machine may send more lists than the four that are
	// enough.
	least, lists := (events+most-1)/most, len(requests)
	if len(sent) != events || lists < least || lists > events/2 || requests[""] > 0 {
		t.Errorf("%d events came in requests of %v, want %d in %d, or a few more", len(sent), requests, events, least)
	}
}
