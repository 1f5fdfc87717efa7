package deliver_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/deliver"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

func TestUnavailableParksProbesAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Concurrency = 1
		w.fence("m", record.FenceOn)
		w.fence("other", record.FenceOn)
		s := w.sinks["m"]
		s.set(always(destination.ClassUnavailable))
		w.events("a", "b")
		w.events("c")
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "sent at first", s.take(), []string{"a"})
		wants(t, "totals while parked", w.totals("m"), fold.Counts{Accepted: 3, Parked: 3})
		wants(t, "totals of the other", w.totals("other"), fold.Counts{Accepted: 3, Delivered: 3})
		if p := r.Status(t.Context())[0].Parked; p == nil || p.Code != "XXX" || p.Reason != "because" || time.Until(p.NextProbe) != 5*time.Second {
			t.Errorf("parked: %+v", p)
		}
		for _, wait := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute} {
			pass(wait - 1)
			synctest.Wait()
			wants(t, "sent before the probe", s.take(), []string(nil))
			pass(1)
			synctest.Wait()
			wants(t, "probe", s.take(), []string{"a"})
		}
		s.set(nil)
		pass(time.Minute)
		synctest.Wait()
		wants(t, "sent at last", s.take(), []string{"a", "b", "c"})
		wants(t, "totals at the end", w.totals("m"), fold.Counts{Accepted: 3, Delivered: 3})
		wants(t, "outcomes", w.statuses("m")[:3], []string{"parked 3.0", "resumed 3.0", "delivered 3.0"})
	})
}

func TestParkedSurvivesARestartAndAFenceProbesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(always(destination.ClassUnavailable))
		w.events("no", "a", "b")
		r := w.start()
		synctest.Wait()
		r.stop()
		wants(t, "sent by the first", s.take(), []string{"a", "b"})

		r = w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "a parked lane begins with a probe", s.take(), []string{"a"})
		s.set(nil)
		pass(time.Second)
		w.fence("m", record.FenceOn)
		synctest.Wait()
		wants(t, "sent after the fence", s.take(), []string{"a", "b"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3, Delivered: 2, Filtered: 1})
		wants(t, "compiled, by each engine and again after the fence", w.tries, []uint64{1, 1, 1})
	})
}

func TestManySuspectAnswersInARowPark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Concurrency = 1
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(always(destination.ClassRetry))
		for i := range 12 {
			w.events(fmt.Sprintf("%02d", i))
		}
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 12, Retrying: 9, Parked: 3})
		s.take()
		pass(5*time.Second - 1)
		synctest.Wait()
		wants(t, "due retries wait while parked", s.take(), []string(nil))
		s.set(nil)
		pass(1)
		synctest.Wait()
		wants(t, "totals at the end", w.totals("m"), fold.Counts{Accepted: 12, Delivered: 12})
	})
}

func TestSuspectAnswersAmongOthersDoNotPark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Concurrency = 1
		w.fence("m", record.FenceOn)
		w.sinks["m"].set(func(_ context.Context, event string) destination.Result {
			if event[1] == '9' {
				return destination.Result{Class: destination.ClassDelivered}
			}
			return destination.Result{Class: destination.ClassRetry, Suspect: true}
		})
		for i := range 30 {
			w.events(fmt.Sprintf("%02d", i))
		}
		defer w.start().stop()
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 30, Delivered: 3, Retrying: 27})
	})
}

func TestSpecThatDoesNotCompileParks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.events("a")
		w.fenceOf("m", record.FenceOn, `"broken"`)
		w.events("b", "c")
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3, Delivered: 1, Parked: 2})
		if p := r.Status(t.Context())[0].Parked; p == nil || p.Code != deliver.CodeInvalid || p.Reason != "the mapping cannot be used: the trigger does not parse; mend it and save it" {
			t.Errorf("parked: %+v", p)
		}
		pass(time.Hour)
		w.fence("m", record.FenceOn)
		w.events("d")
		synctest.Wait()
		wants(t, "totals once it is mended", w.totals("m"), fold.Counts{Accepted: 4, Delivered: 2, Discarded: 2})
	})
}

func TestOffStopsAndOnGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Concurrency = 1
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		release := make(chan struct{})
		s.set(func(context.Context, string) destination.Result {
			<-release
			return destination.Result{Class: destination.ClassDelivered}
		})
		w.events("a", "b", "c")
		r := w.start()
		synctest.Wait()
		w.fence("m", record.FenceOff)
		w.events("not owed")
		synctest.Wait()
		close(release)
		synctest.Wait()
		wants(t, "sent while it goes off", s.take(), []string{"a"})
		wants(t, "totals while off", w.totals("m"), fold.Counts{Accepted: 3, Delivered: 1, Pending: 2})
		r.stop()
		w.fence("m", record.FenceOn)
		w.events("no")
		w.fence("m", record.FenceOff)
		r = w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "sent while off, after a restart", s.take(), []string(nil))
		wants(t, "totals while off, after a restart", w.totals("m"), fold.Counts{Accepted: 4, Delivered: 1, Pending: 3})
		w.fence("m", record.FenceOn)
		w.events("d")
		synctest.Wait()
		wants(t, "sent once it is on", s.take(), []string{"b", "c", "d"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 5, Delivered: 4, Filtered: 1})
	})
}

func TestDeletedSettlesTheRest(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.fence("m", record.FenceOn)
				s := w.sinks["m"]
				s.set(always(destination.ClassUnavailable))
				w.events("a", "b", "no")
				w.events("c")
				r := w.start()
				synctest.Wait()
				if restart {
					r.stop()
				}
				w.events("d")
				w.fence("m", record.FenceDeleted)
				w.events("not owed")
				if restart {
					r = w.start()
				}
				synctest.Wait()
				wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 5, Filtered: 1, Discarded: 4})
				wants(t, "lanes left", r.Status(t.Context()), []deliver.Status(nil))
				all := w.outcomes("m")
				if last := all[len(all)-1]; last.Code != deliver.CodeDeleted {
					t.Errorf("last outcome: %+v", last)
				}
				r.stop()
			})
		})
	}
}

func TestHoleIsLostWithItsNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.events("a")
		w.events("b", "c", "d")
		w.events("e", "f")
		w.events("g")
		w.events("h")
		w.events("i")
		w.store.Damage(eventlog.Events, 6, func([]byte) []byte { return nil })
		w.store.Damage(eventlog.Events, 3, func([]byte) []byte { return nil })
		w.store.Damage(eventlog.Events, 4, func(b []byte) []byte { b[len(b)-2] ^= 1; return b })
		w.log = reopen(t, w)
		w.store.Fault(func(eventlog.Stream, []eventlog.Message) error { return eventlog.ErrFull })
		defer w.start().stop()
		synctest.Wait()
		w.store.Fault(nil)
		pass(time.Minute)
		wants(t, "sent", w.sinks["m"].take(), []string{"a", "g", "i"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 9, Delivered: 3, Lost: 6})
		var lost []record.Hole
		for _, o := range w.outcomes("m") {
			if o.Status == record.Lost {
				lost = append(lost, *o.Hole)
			}
		}
		wants(t, "outcomes of holes", lost, []record.Hole{{Before: 4, Lines: 5}, {Before: 7, Lines: 1}})
	})
}

func TestSpecThatLacksSettingsResumesOnceTheyAreThere(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.unset.Store(true)
				w.fenceOf("m", record.FenceOn, `"needs settings"`)
				w.events("a", "no")
				r := w.start()
				synctest.Wait()
				if restart {
					r.stop()
					r = w.start()
				}
				pass(time.Minute)
				wants(t, "totals before", w.totals("m"), fold.Counts{Accepted: 2, Parked: 2})
				w.unset.Store(false)
				pass(time.Minute)
				synctest.Wait()
				wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 2, Delivered: 1, Filtered: 1})
				r.stop()
			})
		})
	}
}

// TestRetriesAreProbesToo: when all that is open waits to be tried again, a parked mapping must not wait for ever.
func TestRetriesAreProbesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Concurrency = 1
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(func(_ context.Context, event string) destination.Result {
			if event == "a" {
				return destination.Result{Class: destination.ClassRetry, After: time.Minute}
			}
			return destination.Result{Class: destination.ClassUnavailable}
		})
		w.events("a")
		r := w.start()
		synctest.Wait()
		s.set(always(destination.ClassUnavailable))
		pass(time.Minute)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 1, Retrying: 1})
		r.stop()
		s.set(nil)
		s.take()
		defer w.start().stop()
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"a"})
		wants(t, "totals at the end", w.totals("m"), fold.Counts{Accepted: 1, Delivered: 1})
	})
}
