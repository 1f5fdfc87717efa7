package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// reopen makes another log on the same store, with nothing in memory. The first must not be appended to any more.
func reopen(t *testing.T, w *world) *eventlog.Log {
	t.Helper()
	l, err := eventlog.New(t.Context(), w.store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	run(t, l)
	return l
}

func TestKillSendsAgainOnlyWhatIsUnsettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(func(ctx context.Context, event string) destination.Result {
			if event >= "07" {
				<-ctx.Done()
				return destination.Result{Class: destination.ClassCanceled}
			}
			return destination.Result{Class: destination.ClassDelivered}
		})
		for i := range 10 {
			w.events(fmt.Sprintf("%02d", i), fmt.Sprintf("no%d", i))
		}
		r := w.start()
		synctest.Wait()
		wants(t, "totals before", w.totals("m"), fold.Counts{Accepted: 20, Delivered: 7, Filtered: 10, Pending: 3})
		s.take()
		r.kill()

		s.set(nil)
		defer w.start().stop()
		synctest.Wait()
		wants(t, "sent again", s.take(), []string{"07", "08", "09"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 20, Delivered: 10, Filtered: 10})
	})
}

func TestStopLetsRequestsFinishThenCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(func(ctx context.Context, event string) destination.Result {
			wait := 3 * time.Second
			if event == "slow" {
				wait = 20 * time.Second
			}
			select {
			case <-time.After(wait):
				return destination.Result{Class: destination.ClassDelivered}
			case <-ctx.Done():
				return destination.Result{Class: destination.ClassCanceled}
			}
		})
		w.events("quick", "slow")
		r := w.start()
		synctest.Wait()
		began := time.Now()
		r.stop()
		wants(t, "stopping took", time.Since(began), 10*time.Second)
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 2, Delivered: 1, Pending: 1})
	})
}

func TestRequestWithoutAnAnswerRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.sinks["m"].set(func(ctx context.Context, _ string) destination.Result {
			<-ctx.Done()
			return destination.Result{Class: destination.ClassCanceled}
		})
		w.events("a")
		defer w.start().stop()
		pass(30 * time.Second)
		synctest.Wait()
		first := w.outcomes("m")[0]
		if first.Status != record.Retrying || first.Code != destination.CodeTimedOut || first.Reason != "no answer within 30s" {
			t.Errorf("outcome: %+v", first)
		}
	})
}

func TestOutcomesThatCannotBeWrittenAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.store.Fault(func(stream eventlog.Stream, _ []eventlog.Message) error {
			if stream == eventlog.Outcomes {
				return errors.Join(eventlog.ErrFull)
			}
			return nil
		})
		for i := range 100 {
			w.events(fmt.Sprintf("%02d", i), fmt.Sprintf("no%d", i))
		}
		r := w.start()
		defer r.stop()
		pass(10 * time.Minute)
		synctest.Wait()
		if got := r.Status(t.Context())[0]; got.Unwritten == 0 || got.InFlight != 0 {
			t.Errorf("while the log is full: %+v", got)
		}
		w.store.Fault(nil)
		pass(time.Minute)
		synctest.Wait()
		if got := w.sinks["m"].take(); len(got) != 100 || len(slices.Compact(got)) != 100 {
			t.Errorf("%d events were sent, not each of 100 once", len(got))
		}
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 200, Delivered: 100, Filtered: 100})
	})
}

func TestReaderPausesWhenTooManyRetriesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.RetriesMax, w.cfg.ReadAhead, w.cfg.SuspectsMax, w.cfg.Concurrency = 10, 2, 1000, 1
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(func(context.Context, string) destination.Result {
			return destination.Result{Class: destination.ClassRetry, After: time.Hour}
		})
		for i := range 100 {
			w.events(fmt.Sprintf("%02d", i))
		}
		r := w.start()
		defer r.stop()
		synctest.Wait()
		if got := r.Status(t.Context())[0].Retries; got < 10 || got > 14 {
			t.Errorf("%d retries wait, want about 10", got)
		}
		s.set(nil)
		pass(time.Hour)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 100, Delivered: 100})
	})
}

// TestEverythingSettlesWhateverHappens sends events through answers of all kinds, failing appends, kills and restarts. At the end the totals balance,
// nothing is open, and what was never in flight at a kill was sent as often as its answers say.
func TestEverythingSettlesWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"events", "events", "kill", "stop", "fault", "down", "flaky", "fence", "off", "wait", "checkpoint", "checkpoint"}), 1, 12).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.StopTimeout = time.Second
			w.fence("m", record.FenceOn)
			s := w.sinks["m"]
			r := w.start()
			for i, step := range steps {
				r = w.step(r, s, i, step)
				synctest.Wait()
			}
			w.store.Fault(nil)
			s.set(nil)
			w.fence("m", record.FenceOn)
			pass(time.Hour)
			synctest.Wait()
			got := w.totals("m")
			if !got.Balanced() || got.Pending+got.Parked+got.Retrying > 0 {
				t.Errorf("after %v: %+v", steps, got)
			}
			if sent := len(slices.Compact(s.take())); uint64(sent) < got.Delivered {
				t.Errorf("after %v: %d sent, %d delivered", steps, sent, got.Delivered)
			}
			r.stop()
		})
	})
}

func (w *world) step(r *runner, s *sink, i int, step string) *runner {
	switch step {
	case "events":
		w.events(fmt.Sprintf("%da", i), fmt.Sprintf("no%d", i), fmt.Sprintf("%db", i), fmt.Sprintf("%dc", i))
	case "kill":
		r.kill()
		return w.start()
	case "stop":
		r.stop()
		return w.start()
	case "fault":
		w.store.Fault(func(stream eventlog.Stream, _ []eventlog.Message) error {
			if stream == eventlog.Outcomes {
				return eventlog.ErrFull
			}
			return nil
		})
	case "down":
		s.set(always(destination.ClassUnavailable))
	case "flaky":
		w.store.Fault(nil)
		s.set(func(_ context.Context, event string) destination.Result {
			classes := []destination.Class{destination.ClassDelivered, destination.ClassRetry, destination.ClassRejected}
			return destination.Result{Class: classes[int(event[len(event)-1])%3]}
		})
	case "fence":
		w.fence("m", record.FenceOn)
	case "off":
		w.fence("m", record.FenceOff)
	case "checkpoint":
		w.store.Fault(nil)
		w.checkpoint("m")
	case "wait":
		pass(7 * time.Second)
	}
	return r
}
