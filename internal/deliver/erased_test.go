package deliver_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// TestWhatIsErasedIsNotSent, wherever it waits: in memory, to be tried again, in a batch, or on the log.
func TestWhatIsErasedIsNotSent(t *testing.T) {
	down := destination.Result{Class: destination.ClassUnavailable, Code: "401"}
	later := destination.Result{Class: destination.ClassRetry, After: time.Hour}
	for name, c := range map[string]struct {
		spec   string
		answer destination.Result
	}{
		"parked": {`{}`, down}, "retrying": {`{}`, later}, "a batch, parked": {`"batch"`, down}, "a batch, retrying": {`"batch"`, later},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.cfg.Concurrency = 2
				w.fenceOf("m", record.FenceOn, c.spec)
				s := w.sinks["m"]
				s.set(func(context.Context, string) destination.Result { return c.answer })
				w.events("a1", "b1", "a2")
				w.events("b2", "a3", "no", "b3")
				r := w.start()
				defer r.stop()
				pass(5 * time.Second)
				synctest.Wait()
				w.events("a4", "b4")
				for _, seq := range []uint64{2, 3, 4} {
					if _, err := w.log.Rewrite(t.Context(), eventlog.Events, seq, func(line []byte) []byte {
						if line[1] == 'b' {
							return []byte(`{"type":"$erased"}`)
						}
						return line
					}); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait() // what was on its way has been answered
				s.take()
				s.set(nil)
				pass(24 * time.Hour)
				synctest.Wait()
				wants(t, "sent", strings.Split(strings.Join(s.take(), "+"), "+"), []string{"a1", "a2", "a3", "a4"}) // a batch is one
				erased := 0
				for _, o := range w.outcomes("m") {
					if o.Code == "EVENT_ERASED" {
						for _, span := range o.At {
							erased += span.Len()
						}
					}
				}
				if got := w.totals("m"); erased != 4 || got.Discarded != 4 || got.Delivered != 4 || !got.Balanced() {
					t.Errorf("%d were discarded as erased; totals: %+v", erased, got)
				}
			})
		})
	}
}
