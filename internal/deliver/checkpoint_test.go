package deliver_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// TestALaneGoesOnFromACheckpoint: what lies before it is not read any more, whatever has become of it; what waits and what is parked is in it.
func TestALaneGoesOnFromACheckpoint(t *testing.T) {
	for name, kept := range map[string]bool{"everything is there": true, "what it covers is gone": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.fence("m", record.FenceOn)
				s := w.sinks["m"]
				s.set(func(_ context.Context, event string) destination.Result {
					switch event {
					case "05":
						return destination.Result{Class: destination.ClassRetry, After: time.Hour}
					case "08", "09":
						return destination.Result{Class: destination.ClassUnavailable, Code: "401"}
					}
					return destination.Result{Class: destination.ClassDelivered}
				})
				for i := range 8 {
					w.events(fmt.Sprintf("%02d", i), fmt.Sprintf("no%d", i))
				}
				r := w.start()
				synctest.Wait()
				w.events("08", "09")
				synctest.Wait()
				r.kill()
				c := w.checkpoint("m")
				if c == nil || len(c.Retries) != 1 || c.Park == nil || len(c.Open) == 0 {
					t.Fatalf("checkpoint: %+v", c)
				}
				want := w.totals("m")
				if !kept {
					for seq := uint64(2); seq < c.Open[0].Seq; seq++ {
						w.store.Damage(eventlog.Events, seq, func([]byte) []byte { return nil })
					}
					for seq := uint64(1); seq <= c.Outcomes; seq++ {
						w.store.Damage(eventlog.Outcomes, seq, func([]byte) []byte { return nil })
					}
				}
				s.take()
				s.set(nil)
				w.log = reopen(t, w)
				r = w.start()
				defer r.stop()
				synctest.Wait()
				pass(2 * time.Hour)
				synctest.Wait()
				wants(t, "sent", s.take(), []string{"05", "08", "09"})
				if kept {
					want.Delivered, want.Retrying, want.Parked = want.Delivered+3, 0, 0
					wants(t, "totals", w.totals("m"), want)
				}
			})
		})
	}
}

// TestACheckpointOfAnotherLogIsNotUsed: one that knows of more than there is.
func TestACheckpointOfAnotherLogIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.events("a")
		line := eventlog.Line{Data: []byte(`{"events":99,"outcomes":99,"begun":true,"frame":99,"lines":99}`)}
		if _, err := w.log.Append(t.Context(), eventlog.Outcomes, record.CheckpointSubject("w", "m"), record.KindCheckpoint, []eventlog.Line{line}); err != nil {
			t.Fatal(err)
		}
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 1, Delivered: 1})
	})
}

// TestWhatIsHeldTooLongIsDiscarded: from a parked mapping, from one that waits to try again, and from one that is off; and what is newer stays.
func TestWhatIsHeldTooLongIsDiscarded(t *testing.T) {
	for name, answer := range map[string]destination.Result{
		"parked":   {Class: destination.ClassUnavailable, Code: "401"},
		"retrying": {Class: destination.ClassRetry, After: 10 * time.Hour},
	} {
		for how, off := range map[string]bool{"on": false, "off": true} {
			t.Run(name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.fence("m", record.FenceOn)
					s := w.sinks["m"]
					s.set(func(context.Context, string) destination.Result { return answer })
					for i := range 6 {
						w.events(fmt.Sprintf("%02da", i), fmt.Sprintf("%02db", i))
					}
					r := w.start()
					defer r.stop()
					synctest.Wait()
					if off {
						w.fence("m", record.FenceOff)
						synctest.Wait()
					}
					r.Discard(t.Context(), "another source", 100)
					r.Discard(t.Context(), "s", 5) // three frames, 2 to 4
					synctest.Wait()
					got := w.totals("m")
					if got.Discarded != 6 || got.Accepted != 12 || !got.Balanced() {
						t.Errorf("totals: %+v", got)
					}
					for _, o := range w.outcomes("m") {
						if o.Status == record.Discarded && (o.Code != "HELD_TOO_LONG" || o.Reason == "" || o.At[0].Seq > 4) {
							t.Errorf("outcome: %+v", o)
						}
					}
					if off {
						return
					}
					s.take()
					s.set(nil)
					pass(24 * time.Hour)
					synctest.Wait()
					wants(t, "sent", s.take(), []string{"03a", "03b", "04a", "04b", "05a", "05b"})
				})
			})
		}
	}
}
