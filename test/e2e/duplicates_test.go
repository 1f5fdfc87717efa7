package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"penstock/test/harness"
)

// A messageId counts once on its source: twice in a request, in many requests at once, and after the server was killed.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	sink := harness.NewSink(t)
	server := harness.Start(t, harness.WithSink(t, sink.URL), harness.EgressLoopback)
	one := func(id string) string { return `{"type":"track","event":"E","userId":"u","messageId":"` + id + `"}` }
	post := func(events ...string) {
		status, answer := server.Post("/v1/batch", `{"batch":[`+strings.Join(events, ",")+`],"writeKey":"`+harness.WriteKey+`"}`)
		if status != http.StatusOK || answer != `{"success":true}` {
			t.Errorf("got %d %s, want 200: a duplicate is acknowledged", status, answer)
		}
	}

	post(one("in one request"), one("in one request"), one("another"), one("in one request"))
	const together = 20
	var all sync.WaitGroup
	for range together {
		all.Go(func() { post(one("at once"), one("at once too")) })
	}
	all.Wait()
	server.Settled(4 + 2*together) // what is in flight when a server is killed may be delivered twice
	server.Kill()
	server.Restart()
	post(one("another"), one("in one request"), one("at once"), one("new"))

	counts := map[string]int{}
	firsts := map[string]string{}
	for _, line := range server.Log(harness.Source) {
		id := named(t, line)
		counts[id]++
		switch {
		case counts[id] == 1 && line.DuplicateOf == "":
			firsts[id] = line.Position
		case counts[id] == 1 || line.DuplicateOf != firsts[id]:
			t.Errorf("%s: %s is a duplicate of %q, want of %q", line.Position, id, line.DuplicateOf, firsts[id])
		}
	}
	lines := 0
	for id, want := range map[string]int{"in one request": 4, "another": 2, "at once": together + 1, "at once too": together, "new": 1} {
		if counts[id] != want {
			t.Errorf("%s: %d lines, want %d", id, counts[id], want)
		}
		lines += want
	}
	for _, row := range server.Settled(lines) {
		if row.Accepted != lines || row.Delivered != len(firsts) || row.Duplicate != lines-len(firsts) {
			t.Errorf("ledger: got %+v, want %d delivered and the rest duplicates", row, len(firsts))
		}
	}
	if sent := server.WantSentOnce(harness.ToSink, sink.Deliveries()); len(sent) != len(firsts) {
		t.Errorf("the sink was sent %d events, want %d", len(sent), len(firsts))
	}
}

// How long a messageId counts as seen can be set.
func TestDuplicateWindow(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example, "--duplicate-window=1s")
	harness.Eventually(t, "the id counts as new again", func() error {
		status, answer := server.Post("/v1/track", `{"event":"E","userId":"u","messageId":"again and again","writeKey":"`+harness.WriteKey+`"}`)
		if status != http.StatusOK {
			t.Fatalf("got %d %s, want 200", status, answer)
		}
		firsts := 0
		for _, line := range server.Log(harness.Source) {
			if line.DuplicateOf == "" {
				firsts++
			}
		}
		if firsts < 2 {
			return fmt.Errorf("%d firsts, want a second one", firsts)
		}
		return nil
	})
}
