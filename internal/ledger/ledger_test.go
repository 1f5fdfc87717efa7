package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/fold"
	"penstock/internal/ledger"
	"penstock/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book is a log to write to.
type book struct {
	t     *testing.T
	store *memlog.Store
	log   *eventlog.Log
}

func open(t *testing.T, store *memlog.Store) *book {
	t.Helper()
	l, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return &book{t: t, store: store, log: l}
}

func (b *book) write(stream eventlog.Stream, subject string, kind record.Kind, values ...any) uint64 {
	b.t.Helper()
	lines := make([]eventlog.Line, len(values))
	for i, v := range values {
		data, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		lines[i].Data = data
	}
	at, err := b.log.Append(b.t.Context(), stream, subject, kind, lines)
	if err != nil {
		b.t.Fatal(err)
	}
	return at.Seq
}

func (b *book) fence(source, mapping string, state record.FenceState) {
	b.t.Helper()
	b.write(eventlog.Events, "fences.w."+source, record.KindFence, record.Fence{Mapping: mapping, Destination: "d-" + mapping, Source: source, State: state})
}

func (b *book) events(source string, n int) uint64 {
	b.t.Helper()
	values := make([]any, n)
	for i := range values {
		values[i] = i
	}
	return b.write(eventlog.Events, "events.w."+source, record.KindEvents, values...)
}

func (b *book) outcome(mapping string, o record.Outcome) {
	b.t.Helper()
	b.write(eventlog.Outcomes, "outcomes.w."+mapping, record.KindOutcomes, o)
}

func totals(t *testing.T, l *ledger.Ledger) ([]ledger.Row, ledger.Cut) {
	t.Helper()
	rows, cut, err := l.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rows, cut
}

func spans(seq uint64, from, to int) []record.Span {
	return []record.Span{{Seq: seq, From: from, To: to}}
}

func TestTotals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memlog.New())
		l := ledger.New(b.log, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		defer func() { cancel(); <-done }()

		b.events("s", 5) // before any fence: owed by nobody
		b.fence("s", "m1", record.FenceOn)
		seq := b.events("s", 10)
		b.fence("s", "m2", record.FenceOn)
		b.fence("s", "gone", record.FenceDeleted)
		b.write(eventlog.Events, "rejected.w.s", record.KindRejected, "x")
		b.events("s", 1)
		b.events("other", 7)
		b.outcome("m1", record.Outcome{Status: record.Delivered, At: spans(seq, 0, 3)})
		b.outcome("m1", record.Outcome{Status: record.Retrying, At: spans(seq, 4, 4)})
		b.outcome("m1", record.Outcome{Status: record.Parked, At: spans(seq, 5, 5)})

		want := []ledger.Row{
			{Workspace: "w", Source: "s", Destination: "d-m1", Mapping: "m1", Counts: fold.Counts{Accepted: 11, Delivered: 4, Retrying: 1, Parked: 6}},
			{Workspace: "w", Source: "s", Destination: "d-m2", Mapping: "m2", Counts: fold.Counts{Accepted: 1, Pending: 1}},
		}
		rows, cut := totals(t, l)
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if cut != (ledger.Cut{Events: 8, Outcomes: 3}) {
			t.Errorf("cut: %+v", cut)
		}

		b.fence("s", "m2", record.FenceDeleted)
		want[1].Deleted = true
		rows, cut = totals(t, l)
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("rows after the deletion (-want +got):\n%s", diff)
		}
		if cut.Events != 9 {
			t.Errorf("cut after the deletion: %+v", cut)
		}
	})
}

func TestLostEventsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memlog.New())
		b.fence("s", "m", record.FenceOn)
		b.events("s", 3)
		gone := b.events("s", 4)
		behind := b.events("s", 2)
		b.store.Damage(eventlog.Events, gone, func([]byte) []byte { return nil })
		b = open(t, b.store)
		l := ledger.New(b.log, slog.New(slog.DiscardHandler))
		if rows, _ := totals(t, l); rows[0].Counts != (fold.Counts{Accepted: 9, Pending: 9}) {
			t.Errorf("before the outcome: %+v", rows[0].Counts)
		}
		b.outcome("m", record.Outcome{Status: record.Lost, Hole: &record.Hole{Before: behind, Lines: 4}})
		if rows, _ := totals(t, l); rows[0].Counts != (fold.Counts{Accepted: 9, Lost: 4, Pending: 5}) {
			t.Errorf("after it: %+v", rows[0].Counts)
		}
	})
}

func TestTotalsEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memlog.New())
		l := ledger.New(b.log, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			if _, _, err := l.Totals(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v", err)
			}
		}
	})
}

// TestEveryCutBalances asks a ledger that follows, and one that reads it all at the end, at random moments of a random history.
func TestEveryCutBalances(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(0, 99), 1, 60).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			b := open(t, memlog.New())
			l := ledger.New(b.log, slog.New(slog.DiscardHandler))
			var frames []uint64
			statuses := []record.Status{record.Delivered, record.Filtered, record.Duplicate, record.Discarded, record.Retrying, record.Parked, record.Resumed}
			states := []record.FenceState{record.FenceOn, record.FenceOff}
			for i, step := range steps {
				mapping := fmt.Sprintf("m%d", step%3)
				switch {
				case step < 20:
					b.fence("s", mapping, states[i%2])
				case step < 50:
					frames = append(frames, b.events("s", 1+step%5))
				case step < 90 && len(frames) > 0:
					b.outcome(mapping, record.Outcome{Status: statuses[step%len(statuses)], At: spans(frames[step%len(frames)], i%3, i%3+step%4)})
				default:
					mustBalance(t, l)
				}
			}
			fresh := ledger.New(b.log, slog.New(slog.DiscardHandler))
			if diff := cmp.Diff(mustBalance(t, l), mustBalance(t, fresh)); diff != "" {
				t.Errorf("a ledger that reads it all at once differs after %v:\n%s", steps, diff)
			}
		})
	})
}

func mustBalance(t *testing.T, l *ledger.Ledger) []ledger.Row {
	t.Helper()
	rows, _ := totals(t, l)
	for _, row := range rows {
		if !row.Balanced() {
			t.Errorf("does not balance: %+v", row)
		}
	}
	return rows
}
