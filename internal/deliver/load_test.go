package deliver_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/deliver"
	"penstock/internal/destination"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// TestTenThousandAreDeliveredOnce: without faults each matching event is sent once by each of two mappings, in chunks of all sizes.
func TestTenThousandAreDeliveredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m1", record.FenceOn)
		w.fence("m2", record.FenceOn)
		defer w.start().stop()
		var inFlight, most atomic.Int64
		w.sinks["m2"].set(func(_ context.Context, event string) destination.Result {
			n := inFlight.Add(1)
			for old := most.Load(); n > old; old = most.Load() {
				most.CompareAndSwap(old, n)
			}
			pass(time.Duration(len(event)) * time.Millisecond)
			inFlight.Add(-1)
			return destination.Result{Class: destination.ClassDelivered}
		})
		matching := 0
		for n := 0; n < 10_000; {
			var names []string
			for range min(1+n%97, 10_000-n) {
				if n%3 == 0 {
					names = append(names, fmt.Sprintf("no%d", n))
				} else {
					names = append(names, fmt.Sprintf("%05d", n))
					matching++
				}
				n++
			}
			w.events(names...)
		}
		pass(time.Minute)
		synctest.Wait()
		for _, mapping := range []string{"m1", "m2"} {
			got := w.sinks[mapping].take()
			if len(got) != matching || len(slices.Compact(got)) != matching {
				t.Errorf("%s: %d were sent, not each of %d once", mapping, len(got), matching)
			}
			wants(t, mapping, w.totals(mapping), fold.Counts{Accepted: 10_000, Delivered: uint64(matching), Filtered: uint64(10_000 - matching)})
		}
		if most.Load() != 32 {
			t.Errorf("%d were in flight at most, want 32", most.Load())
		}
	})
}

// BenchmarkDeliver delivers 10,000 events, in chunks of 100, to a destination that does nothing.
func BenchmarkDeliver(b *testing.B) { benchmark(b, 10_000, "", `{}`) }

// BenchmarkBatches delivers 100,000 events, in chunks of 100, to a destination that does nothing, in batches of 1,000.
func BenchmarkBatches(b *testing.B) { benchmark(b, 100_000, "", `"batch"`) }

// BenchmarkFilter filters 100,000 events, in chunks of 100.
func BenchmarkFilter(b *testing.B) { benchmark(b, 100_000, "no", `{}`) }

func benchmark(b *testing.B, events int, prefix, spec string) {
	b.Helper()
	body := prefix + strings.Repeat("x", 800)
	names := slices.Repeat([]string{body}, 100)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		w.limits = destination.Batching{Events: 1000, Bytes: 4_000_000}
		w.fenceOf("m", record.FenceOn, spec)
		w.sinks["m"] = &sink{}
		done := make(chan struct{})
		var left atomic.Int64
		left.Store(int64(events))
		w.sinks["m"].set(func(_ context.Context, sent string) destination.Result {
			if left.Add(-int64(strings.Count(sent, "+")+1)) == 0 {
				close(done)
			}
			return destination.Result{Class: destination.ClassDelivered}
		})
		for range events / 100 {
			w.events(names...)
		}
		b.StartTimer()
		r := w.start()
		if prefix == "" {
			<-done
		} else {
			for w.behind(b, r, uint64(events/100)) {
				pass(100 * time.Microsecond)
			}
		}
		r.stop()
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// behind tells whether a lane's cursor has not passed the last of so many chunks.
func (w *world) behind(b *testing.B, r *runner, chunks uint64) bool {
	b.Helper()
	status := r.Status(b.Context())
	return len(status) == 0 || status[0].Cursor.Seq <= chunks+1 || status[0].Unwritten > 0
}

var _ deliver.Compiled = (*sink)(nil)
