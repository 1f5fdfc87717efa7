package ledger_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/fold"
	"penstock/internal/ledger"
	"penstock/internal/record"
)

func newLedger(b *bench) *ledger.Ledger {
	return ledger.New(b.log, ledger.DefaultConfig(), slog.New(slog.DiscardHandler))
}

func (b *bench) checkpoint(l *ledger.Ledger) {
	b.t.Helper()
	if err := l.Checkpoint(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// floor is that of the one mapping.
func (b *bench) floor(l *ledger.Ledger) ledger.Floor {
	b.t.Helper()
	floors, err := l.Floors(b.t.Context())
	if err != nil || len(floors) != 1 {
		b.t.Fatalf("floors: %+v, %v", floors, err)
	}
	return floors[0]
}

// filled is a log with a mapping that has something of everything.
func filled(t *testing.T) (b *bench, want map[string]fold.Counts) {
	t.Helper()
	b = newBench(t, memlog.New())
	b.fence("m1", record.FenceOn)
	first, second := b.events(3), b.events(2)
	b.outcome("m1", record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: first, To: 2}}})
	b.outcome("m1", record.Outcome{Status: record.Retrying, At: []record.Span{{Seq: second, From: 1, To: 1}}, Attempt: 1, Due: 5})
	b.events(4)
	return b, map[string]fold.Counts{"m1": {Accepted: 9, Delivered: 3, Retrying: 1, Pending: 5}}
}

// TestTotalsOutliveTheLog: what checkpoints cover can go, and nothing changes.
func TestTotalsOutliveTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, want := filled(t)
		l := newLedger(b)
		if f := b.floor(l); f.Events != 1 || f.Outcomes != 0 || f.Open != 3 {
			t.Errorf("without a checkpoint: %+v", f)
		}
		b.checkpoint(l)
		if f := b.floor(l); f.Events != 1 {
			t.Errorf("with one checkpoint: %+v", f)
		}
		more := b.events(1)
		b.outcome("m1", record.Outcome{Status: record.Filtered, At: []record.Span{{Seq: more}}})
		b.checkpoint(l)
		f := b.floor(l)
		if f.Events != 3 || f.Outcomes != 3 {
			t.Errorf("with two: %+v", f)
		}
		want["m1"] = fold.Counts{Accepted: 10, Delivered: 3, Filtered: 1, Retrying: 1, Pending: 5}
		b.want(l, want)
		if _, err := b.log.Shorten(t.Context(), eventlog.Events, "events.default.web", f.Events); err != nil {
			t.Fatal(err)
		}
		if _, err := b.log.Shorten(t.Context(), eventlog.Outcomes, "outcomes.default.m1", f.Outcomes); err != nil {
			t.Fatal(err)
		}
		b = newBench(t, b.store)
		b.want(newLedger(b), want)
		b.outcome("m1", record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: 3, To: 1}}})
		want["m1"] = fold.Counts{Accepted: 10, Delivered: 5, Filtered: 1, Pending: 4}
		b.want(newLedger(b), want)
	})
}

// TestCheckpointsAreDerived: without any, with the newest rotten, and with one that knows of more than there is, the numbers are the same.
func TestCheckpointsAreDerived(t *testing.T) {
	for name, spoil := range map[string]func(*bench){
		"none is left": func(b *bench) {
			if err := b.log.Prune(b.t.Context(), eventlog.Outcomes, "checkpoints.default.m1", 100); err != nil {
				b.t.Fatal(err)
			}
		},
		"the newest is rotten": func(b *bench) {
			b.store.Damage(eventlog.Outcomes, b.log.Last(eventlog.Outcomes), func(data []byte) []byte { data[len(data)-3] ^= 1; return data })
		},
		"the newest is of another log": func(b *bench) {
			b.put(eventlog.Outcomes, "checkpoints.default.m1", record.KindCheckpoint, record.Checkpoint{Events: 1000, Begun: true, Accepted: 7})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, want := filled(t)
				l := newLedger(b)
				b.checkpoint(l)
				b.events(1)
				b.checkpoint(l)
				spoil(b)
				want["m1"] = fold.Counts{Accepted: 10, Delivered: 3, Retrying: 1, Pending: 6}
				b = newBench(t, b.store)
				got, _ := b.totals(newLedger(b))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("counts (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCheckpointsAreWritten after so much of the log, and at the end; two of them stay.
func TestCheckpointsAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, memlog.New())
		b.fence("m1", record.FenceOn)
		l := ledger.New(b.log, ledger.Config{CheckpointFrames: 10, CheckpointBytes: 1 << 40}, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		newest := func() (c record.Checkpoint) {
			return lastOf(t, b.log)
		}
		for range 5 {
			b.events(1)
		}
		synctest.Wait()
		if c := newest(); c.Events != 0 {
			t.Errorf("after 6 frames: %+v", c)
		}
		for range 30 {
			b.events(1)
			synctest.Wait()
		}
		if c := newest(); !c.Begun && c.Events == 0 {
			t.Errorf("after 36 frames: %+v", c)
		}
		b.outcome("m1", record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: 36}}})
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if c := newest(); c.Events != 36 || c.Counts[record.Delivered] != 1 || len(c.Open) != 34 {
			t.Errorf("at the end: %+v", c)
		}
		left := 0
		for r := b.log.Read(eventlog.Outcomes, "checkpoints.>", 1); ; left++ {
			if _, ok, err := r.TryNext(t.Context()); err != nil || !ok {
				break
			}
		}
		if left != 2 {
			t.Errorf("%d checkpoints are left, want 2", left)
		}
	})
}

func lastOf(t *testing.T, log *eventlog.Log) (c record.Checkpoint) {
	t.Helper()
	chunk, ok, err := log.LastOf(t.Context(), eventlog.Outcomes, "checkpoints.default.m1", 0)
	if err != nil {
		t.Fatal(err)
	}
	if ok {
		unmarshal(t, record.Line(chunk.Body, 0), &c)
	}
	return c
}

// TestShortenedLogsCountTheSame: two logs get the same events, fences and outcomes; one is shortened, read by a ledger that starts anew again and again,
// and loses frames to rot. Their totals agree at the end.
func TestShortenedLogsCountTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"events", "events", "deliver", "retry", "fence", "checkpoint", "shorten", "restart"}), 1, 40).Draw(rt, "steps")
		seed := rapid.IntRange(1, 1000).Draw(rt, "seed")
		synctest.Test(t, func(t *testing.T) {
			whole, short := newBench(t, memlog.New()), newBench(t, memlog.New())
			l := newLedger(short)
			state := record.FenceOn
			both := func(do func(*bench)) { do(whole); do(short) }
			both(func(b *bench) { b.fence("m1", state) })
			var frames []uint64 // sequences on the whole log; the short one has records of its own between
			var places []uint64
			for i, step := range steps {
				n := (seed*7919 + i*104729) % 1009
				switch step {
				case "events":
					frames, places = append(frames, whole.events(1+n%4)), append(places, short.events(1+n%4))
				case "deliver", "retry":
					if len(frames) == 0 {
						continue
					}
					at, o := n%len(frames), record.Outcome{Status: record.Delivered}
					if step == "retry" {
						o.Status, o.Attempt = record.Retrying, 1
					}
					o.At = []record.Span{{Seq: frames[at], To: n % 4}}
					whole.outcome("m1", o)
					o.At = []record.Span{{Seq: places[at], To: n % 4}}
					short.outcome("m1", o)
				case "fence":
					state = map[record.FenceState]record.FenceState{record.FenceOn: record.FenceOff, record.FenceOff: record.FenceOn}[state]
					both(func(b *bench) { b.fence("m1", state) })
				case "checkpoint":
					short.checkpoint(l)
				case "shorten":
					f := short.floor(l)
					for stream, to := range map[eventlog.Stream]uint64{eventlog.Events: f.Events, eventlog.Outcomes: f.Outcomes} {
						subject := map[eventlog.Stream]string{eventlog.Events: "events.default.web", eventlog.Outcomes: "outcomes.default.m1"}[stream]
						if _, err := short.log.Shorten(t.Context(), stream, subject, to); err != nil {
							t.Fatal(err)
						}
					}
				case "restart":
					short = newBench(t, short.store)
					l = newLedger(short)
				}
			}
			want, _ := whole.totals(newLedger(whole))
			for name, l := range map[string]*ledger.Ledger{"that went on": l, "that starts now": newLedger(short)} {
				got, _ := short.totals(l)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("after %v, the ledger %s (-whole +shortened):\n%s", steps, name, diff)
				}
			}
		})
	})
}
