package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/fold"
	"penstock/internal/ledger"
	"penstock/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a log in memory with what tests put on it.
type bench struct {
	t     *testing.T
	store *memlog.Store
	log   *eventlog.Log
}

func newBench(t *testing.T, store *memlog.Store) *bench {
	t.Helper()
	log, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &bench{t: t, store: store, log: log}
}

func (b *bench) fence(mapping string, state record.FenceState) {
	b.t.Helper()
	b.put(eventlog.Events, "fences.default.web", record.KindFence, record.Fence{Mapping: mapping, Destination: "d", Source: "web", State: state})
}

// events appends a frame of n events and returns its sequence.
func (b *bench) events(n int) uint64 {
	b.t.Helper()
	lines := make([]any, n)
	for i := range lines {
		lines[i] = map[string]int{"event": i}
	}
	return b.put(eventlog.Events, "events.default.web", record.KindEvents, lines...)
}

func (b *bench) outcome(mapping string, o record.Outcome) {
	b.t.Helper()
	b.put(eventlog.Outcomes, "outcomes.default."+mapping, record.KindOutcomes, o)
}

func (b *bench) put(stream eventlog.Stream, subject string, kind record.Kind, values ...any) uint64 {
	b.t.Helper()
	lines := make([]eventlog.Line, len(values))
	for i, v := range values {
		data, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		lines[i].Data = data
	}
	p, err := b.log.Append(b.t.Context(), stream, subject, kind, lines)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Seq
}

func (b *bench) totals(l *ledger.Ledger) (map[string]fold.Counts, ledger.Cut) {
	b.t.Helper()
	rows, cut, err := l.Totals(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	counts := map[string]fold.Counts{}
	for _, r := range rows {
		if !r.Balanced() {
			b.t.Errorf("mapping %s does not balance: %+v", r.Mapping, r.Counts)
		}
		counts[r.Mapping] = r.Counts
	}
	return counts, cut
}

func (b *bench) want(l *ledger.Ledger, want map[string]fold.Counts) {
	b.t.Helper()
	got, cut := b.totals(l)
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("counts (-want +got):\n%s", diff)
	}
	if end := (ledger.Cut{Events: b.log.Last(eventlog.Events), Outcomes: b.log.Last(eventlog.Outcomes)}); cut != end {
		b.t.Errorf("cut: got %+v, want the ends of the streams, %+v", cut, end)
	}
}

func TestCountsFollowTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, memlog.New())
		l := ledger.New(b.log, ledger.DefaultConfig(), slog.New(slog.DiscardHandler))
		b.want(l, map[string]fold.Counts{})

		b.events(3) // before there is a mapping: owed by nobody
		b.fence("m1", record.FenceOn)
		first := b.events(4)
		b.fence("m2", record.FenceOn)
		second := b.events(2)
		b.want(l, map[string]fold.Counts{"m1": {Accepted: 6, Pending: 6}, "m2": {Accepted: 2, Pending: 2}})

		b.outcome("m1", record.Outcome{Status: record.Filtered, At: []record.Span{{Seq: first, From: 0, To: 2}, {Seq: second, From: 1, To: 1}}})
		b.outcome("m1", record.Outcome{Status: record.Retrying, At: []record.Span{{Seq: first, From: 3, To: 3}}, Due: 1, Attempt: 1})
		b.outcome("m2", record.Outcome{Status: record.Parked, Code: "401"})
		b.want(l, map[string]fold.Counts{
			"m1": {Accepted: 6, Filtered: 4, Retrying: 1, Pending: 1},
			"m2": {Accepted: 2, Parked: 2},
		})

		b.outcome("m1", record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: first, From: 3, To: 3}}})
		b.outcome("m1", record.Outcome{Status: record.Discarded, At: []record.Span{{Seq: first, From: 3, To: 3}}}) // too late: the first one wins
		b.fence("m1", record.FenceOff)
		b.events(5)
		want := map[string]fold.Counts{
			"m1": {Accepted: 6, Filtered: 4, Delivered: 1, Pending: 1},
			"m2": {Accepted: 7, Parked: 7},
		}
		b.want(l, want)
		b.want(ledger.New(b.log, ledger.DefaultConfig(), slog.New(slog.DiscardHandler)), want) // from nothing, the same
	})
}

func TestHoleIsPendingUntilItIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memlog.New()
		b := newBench(t, store)
		b.fence("m1", record.FenceOn)
		b.events(2)
		rotten := b.events(3)
		after := b.events(1)
		store.Damage(eventlog.Events, rotten, func([]byte) []byte { return nil })

		reopened := newBench(t, store)
		l := ledger.New(reopened.log, ledger.DefaultConfig(), slog.New(slog.DiscardHandler))
		reopened.want(l, map[string]fold.Counts{"m1": {Accepted: 6, Pending: 6}})
		reopened.outcome("m1", record.Outcome{Status: record.Lost, Hole: &record.Hole{Before: after, Lines: 3}})
		reopened.want(l, map[string]fold.Counts{"m1": {Accepted: 6, Lost: 3, Pending: 3}})
	})
}

func TestRunKeepsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, memlog.New())
		l := ledger.New(b.log, ledger.DefaultConfig(), slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		b.fence("m1", record.FenceOn)
		for i := range 20 {
			seq := b.events(1 + i%3)
			b.outcome("m1", record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: seq, From: 0, To: i % 3}}})
			<-time.After(30 * time.Millisecond) // fake time
		}
		got, _ := b.totals(l)
		if c := got["m1"]; c.Accepted != 39 || c.Delivered != 39 {
			t.Errorf("counts: got %s, want 39 accepted and delivered", fmt.Sprint(c))
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func unmarshal(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}
