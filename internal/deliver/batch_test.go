package deliver_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"penstock/internal/deliver"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// batchSink takes the same events as its sink, several at once: their names, joined by "+". What stands before a slash is an event's key; those
// that begin with "bad" have no payload.
type batchSink struct {
	*sink

	limits destination.Batching
}

func (s batchSink) Batching() destination.Batching { return s.limits }

func (s batchSink) Member(event []byte) (deliver.Member, error) {
	name := strings.Trim(string(event), `"`)
	if strings.HasPrefix(name, "bad") {
		return deliver.Member{}, &destination.PayloadError{Code: destination.CodePayloadValidation, Message: "it is bad"}
	}
	key, _, _ := strings.Cut(name, "/")
	if key == name {
		key = ""
	}
	return deliver.Member{Event: event, Key: key, Size: len(name) + 1}, nil
}

func (s batchSink) PerformBatch(ctx context.Context, id string, members []deliver.Member) destination.Result {
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = strings.Trim(string(m.Event), `"`)
	}
	r := s.Perform(ctx, id, []byte(`"`+strings.Join(names, "+")+`"`))
	r.Exchange = &record.Exchange{ID: id}
	return r
}

func newBatchWorld(t testing.TB) (*world, *sink) {
	t.Helper()
	w := newWorld(t)
	w.fenceOf("m", record.FenceOn, `"batch"`)
	return w, w.sinks["m"]
}

func TestBatchIsSentWhenItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.events("a", "no", "b")
		w.events("c", "d", "e", "f", "g")
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "sent at once", s.take(), []string{"a+b+c", "d+e+f"})
		wants(t, "wait", r.Status(t.Context())[0].Ready, 1)
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 8, Filtered: 1, Delivered: 6, Pending: 1})
		pass(time.Second - 1)
		synctest.Wait()
		wants(t, "sent before the time", s.take(), []string(nil))
		pass(1)
		synctest.Wait()
		wants(t, "sent in time", s.take(), []string{"g"})
		got := w.statuses("m")
		slices.Sort(got)
		wants(t, "outcomes", got, []string{"delivered 2.0 2.2 3.0", "delivered 3.1-3", "delivered 3.4", "filtered 2.1"})
		for _, o := range w.outcomes("m") {
			if o.Status == record.Delivered && (o.Exchange == nil || o.Exchange.ID != fold.BatchID("m", o.At) || o.Batch != "" || o.Attempt != 1 || o.Revision != 1) {
				t.Errorf("outcome: %+v", o)
			}
		}
	})
}

func TestBatchWaitsForOthersNoLongerThanItsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.cfg.BatchLinger = 10 * time.Second
		defer w.start().stop()
		w.events("a")
		pass(9 * time.Second)
		w.events("b")
		synctest.Wait()
		wants(t, "sent before", s.take(), []string(nil))
		pass(time.Second)
		w.events("c")
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"a+b"})
		pass(10 * time.Second)
		synctest.Wait()
		wants(t, "sent at last", s.take(), []string{"c"})
	})
}

func TestBatchIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.limits = destination.Batching{Events: 100, Bytes: len("[aaaa,bbb]")}
		defer w.start().stop()
		w.events("aaaa", "bbb", "cccc", "dddd", "larger than the limit", "e")
		synctest.Wait()
		wants(t, "sent at once", s.take(), []string{"aaaa+bbb", "cccc", "dddd", "larger than the limit"})
		pass(time.Second)
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"e"})
	})
}

func TestBatchHoldsOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		defer w.start().stop()
		w.events("x/1", "y/1", "x/2", "z", "y/2", "x/3", "x/4")
		synctest.Wait()
		wants(t, "sent at once", s.take(), []string{"x/1+x/2+x/3"})
		pass(time.Second)
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"x/4", "y/1+y/2", "z"})
		var many []string
		for i := range 70 {
			many = append(many, fmt.Sprintf("%02d/a", i))
		}
		w.events(many...)
		synctest.Wait()
		wants(t, "sent early, the oldest first", s.take(), many[:6])
		pass(time.Second)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 77, Delivered: 77})
	})
}

func TestEventsWithoutPayloadAreLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		defer w.start().stop()
		w.events("bad1", "a", "bad2", "b", "bad3", "c")
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"a+b+c"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 6, Delivered: 3, Discarded: 3})
		wants(t, "outcomes", w.statuses("m"), []string{"discarded 2.0", "discarded 2.2", "discarded 2.4", "delivered 2.1 2.3 2.5"})
		if o := w.outcomes("m")[0]; o.Code != destination.CodePayloadValidation || o.Reason != "it is bad" || o.Attempt != 1 {
			t.Errorf("outcome: %+v", o)
		}
	})
}

func TestRejectedBatchDiscardsAllWithTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		s.set(always(destination.ClassRejected))
		defer w.start().stop()
		w.events("a", "b", "c")
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3, Discarded: 3})
		wants(t, "outcomes", w.statuses("m"), []string{"discarded 2.0-2"})
		if o := w.outcomes("m")[0]; o.Code != "XXX" || o.Reason != "because" || o.Exchange == nil {
			t.Errorf("outcome: %+v", o)
		}
	})
}

// TestBatchKeepsItsMembers: whatever comes of the first attempt, and whichever way the engine ends, all attempts are of the same members under the
// same id; the sink notes it when they are not.
func TestBatchKeepsItsMembers(t *testing.T) {
	for _, class := range []destination.Class{destination.ClassRetry, destination.ClassUnavailable} {
		for _, end := range []string{"stop", "kill"} {
			t.Run(fmt.Sprintf("%s %s", class, end), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := newBatchWorld(t)
					s.set(always(class))
					w.events("a", "no", "bad")
					w.events("b")
					r := w.start()
					pass(time.Second)
					synctest.Wait()
					wants(t, "first attempt", s.take(), []string{"a+b"})
					w.events("c") // there is room for it, but too late
					synctest.Wait()
					if end == "stop" {
						r.stop()
					} else {
						r.kill()
					}
					wants(t, "totals between", w.totals("m").Retrying, uint64(2))
					r = w.start()
					pass(10 * time.Second)
					synctest.Wait()
					if got := s.take(); !slices.Contains(got, "a+b") {
						t.Errorf("sent after the restart: %q", got)
					}
					s.set(nil)
					pass(10 * time.Minute)
					synctest.Wait()
					wants(t, "sent at last", slices.Compact(s.take()), []string{"a+b", "c"})
					wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 5, Delivered: 3, Filtered: 1, Discarded: 1})
					wants(t, "id", s.id("a+b"), fold.BatchID("m", []record.Span{{Seq: 2}, {Seq: 3}}))
					r.stop()
				})
			})
		}
	}
}

func TestBatchThatWasBrokenOffKeepsItsMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		s.set(func(ctx context.Context, _ string) destination.Result {
			<-ctx.Done()
			return destination.Result{Class: destination.ClassCanceled}
		})
		w.events("a", "b")
		r := w.start()
		pass(time.Second)
		synctest.Wait()
		r.stop()
		wants(t, "sent", s.take(), []string{"a+b"})
		w.events("c")
		s.set(nil)
		defer w.start().stop()
		pass(time.Second)
		synctest.Wait()
		wants(t, "sent after the restart", s.take(), []string{"a+b", "c"})
		wants(t, "outcomes", w.statuses("m"), []string{"retrying 2.0-1", "delivered 2.0-1", "delivered 3.0"})
		if all := w.outcomes("m"); all[0].Attempt != 0 || all[1].Attempt != 1 {
			t.Errorf("outcomes: %+v", all)
		}
	})
}

func TestBatchGivesUpAtItsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		s.set(always(destination.ClassRetry))
		w.events("a", "b", "c")
		defer w.start().stop()
		pass(4*time.Hour + 20*time.Minute)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3, Discarded: 3})
		all := w.outcomes("m")
		if last := all[len(all)-1]; last.Attempt != len(all) || last.Batch != "" || !strings.HasPrefix(last.Reason, "given up after ") {
			t.Errorf("last outcome: %+v", last)
		}
	})
}

func TestParkedBatchesProbeAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.cfg.BatchConcurrency = 1
		s.set(always(destination.ClassUnavailable))
		w.events("a", "b", "c")
		w.events("d", "e", "f", "g")
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "sent at first", s.take(), []string{"a+b+c"})
		wants(t, "totals while parked", w.totals("m"), fold.Counts{Accepted: 7, Retrying: 3, Parked: 4})
		if p := r.Status(t.Context())[0].Parked; p == nil || time.Until(p.NextProbe) != 5*time.Second {
			t.Errorf("parked: %+v", p)
		}
		for _, wait := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second} {
			pass(wait)
			synctest.Wait()
			if got := s.take(); len(got) != 1 {
				t.Errorf("sent by the probe: %q", got)
			}
		}
		s.set(nil)
		pass(time.Minute)
		synctest.Wait()
		wants(t, "sent at last", s.take(), []string{"a+b+c", "d+e+f", "g"})
		wants(t, "totals at the end", w.totals("m"), fold.Counts{Accepted: 7, Delivered: 7})
		wants(t, "first outcomes", w.statuses("m")[:2], []string{"retrying 2.0-2", "parked 2.0-2"})
	})
}

func TestDeletedDiscardsRetryingBatches(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := newBatchWorld(t)
				s.set(always(destination.ClassRetry))
				w.events("a", "b", "c", "d")
				r := w.start()
				synctest.Wait()
				if restart {
					r.stop()
				}
				w.fence("m", record.FenceDeleted)
				if restart {
					r = w.start()
				}
				synctest.Wait()
				wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 4, Discarded: 4})
				wants(t, "lanes left", r.Status(t.Context()), []deliver.Status(nil))
				r.stop()
			})
		})
	}
}

// TestMembersThatWereSettledOtherwiseAreLeftOut: what is left of a batch goes out under its id.
func TestMembersThatWereSettledOtherwiseAreLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		s.set(always(destination.ClassRetry))
		w.events("a")
		w.events("b")
		w.events("c")
		r := w.start()
		synctest.Wait()
		r.stop()
		wants(t, "first attempt", s.take(), []string{"a+b+c"})
		outcome := []byte(`{"status":"discarded","at":["2.0"],"ms":1}`)
		if _, err := w.log.Append(t.Context(), eventlog.Outcomes, "outcomes.w.m", record.KindOutcomes, []eventlog.Line{{Data: outcome}}); err != nil {
			t.Fatal(err)
		}
		w.events("d") // or nothing would show the hole
		w.store.Damage(eventlog.Events, 3, func(b []byte) []byte { b[len(b)-2] ^= 1; return b })
		w.log = reopen(t, w)
		s.set(nil)
		defer w.start().stop()
		pass(2 * time.Second)
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"c", "d"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 4, Delivered: 2, Discarded: 1, Lost: 1})
		wants(t, "id", s.id("c"), fold.BatchID("m", []record.Span{{Seq: 2}, {Seq: 3}, {Seq: 4}}))
	})
}

// TestMembersThatCannotBeReadAnyMoreAreLost: their frame is damaged while they wait.
func TestMembersThatCannotBeReadAnyMoreAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.log = reopen(t, w)
		s.set(always(destination.ClassRetry))
		w.events("a", "b")
		w.events("c")
		w.log = reopen(t, w) // with nothing in memory
		defer w.start().stop()
		synctest.Wait()
		wants(t, "first attempt", s.take(), []string{"a+b+c"})
		w.store.Damage(eventlog.Events, 3, func(b []byte) []byte { b[len(b)-2] ^= 1; return b })
		s.set(nil)
		pass(time.Second)
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"a+b"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3, Delivered: 2, Lost: 1})
	})
}

func TestBatchesAreBoundedInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.cfg.ReadAhead = 10
		release := make(chan struct{})
		s.set(func(context.Context, string) destination.Result {
			<-release
			return destination.Result{Class: destination.ClassDelivered}
		})
		for i := range 100 {
			w.events(fmt.Sprintf("%02d", i))
		}
		r := w.start()
		defer r.stop()
		synctest.Wait()
		got := r.Status(t.Context())[0]
		if got.InFlight != 4 || got.Ready < 10 || got.Ready > 14 {
			t.Errorf("while none is answered: %+v", got)
		}
		close(release)
		pass(time.Second)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 100, Delivered: 100})
	})
}

func TestReaderPausesWhenTooManyMembersWait(t *testing.T) {
	for _, stuck := range []bool{false, true} { // outcomes cannot be written
		t.Run(fmt.Sprintf("stuck %v", stuck), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := newBatchWorld(t)
				w.cfg.RetriesMax, w.cfg.ReadAhead, w.cfg.BatchConcurrency, w.cfg.SuspectsMax = 30, 3, 1, 1000
				s.set(func(context.Context, string) destination.Result {
					return destination.Result{Class: destination.ClassRetry, After: time.Hour}
				})
				for i := range 100 {
					w.events(fmt.Sprintf("%02d", i))
				}
				if stuck {
					w.store.Fault(func(eventlog.Stream, []eventlog.Message) error { return eventlog.ErrFull })
				}
				defer w.start().stop()
				pass(time.Minute)
				synctest.Wait()
				if got := len(s.take()); got < 10 || got > 13 {
					t.Errorf("%d batches of 3 were sent, want about 10", got)
				}
				w.store.Fault(nil)
				s.set(nil)
				pass(2 * time.Hour)
				synctest.Wait()
				wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 100, Delivered: 100})
			})
		})
	}
}

// TestWhatIsGatheredIsBoundedInBytes: a batch is complete before its time when its events take too much memory.
func TestWhatIsGatheredIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.limits = destination.Batching{Events: 100, Bytes: 1 << 30}
		defer w.start().stop()
		for i := range 20 {
			w.events(fmt.Sprintf("%02d", i) + strings.Repeat("x", 1<<20))
		}
		synctest.Wait()
		got := s.take()
		if len(got) != 2 || strings.Count(got[0], "+")+1 != 8 {
			t.Errorf("%d batches were sent early, want two of 8", len(got))
		}
	})
}

// TestUnwrittenOutcomesAreBoundedInSpans: the members of these batches do not lie in a row, so that each takes a span.
func TestUnwrittenOutcomesAreBoundedInSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.cfg.UnwrittenMax, w.cfg.BatchConcurrency = 4, 1 // so 1024 spans
		w.limits = destination.Batching{Events: 600, Bytes: 1 << 20}
		for i := range 6 * 600 {
			w.events(fmt.Sprintf("%04d", i))
		}
		w.store.Fault(func(eventlog.Stream, []eventlog.Message) error { return eventlog.ErrFull })
		defer w.start().stop()
		pass(time.Minute)
		synctest.Wait()
		wants(t, "batches sent", len(s.take()), 3) // the outcome of one is being written, those of two wait
		w.store.Fault(nil)
		pass(time.Minute)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3600, Delivered: 3600})
	})
}

// TestMixedMappings: one mapping batches and another does not, and the first changes its mind now and then.
func TestMixedMappings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		w.fence("single", record.FenceOn)
		w.events("a", "b")
		w.fence("m", record.FenceOn)
		w.events("c", "d")
		w.fenceOf("m", record.FenceOn, `"batch"`)
		w.events("e", "f")
		s.set(always(destination.ClassRetry))
		defer w.start().stop()
		synctest.Wait()
		wants(t, "sent at once", s.take(), []string{"c", "d"})
		pass(time.Second)
		s.set(nil)
		pass(10 * time.Second)
		synctest.Wait()
		wants(t, "sent", slices.Compact(s.take()), []string{"a+b", "c", "d", "e+f"})
		wants(t, "sent by the other", w.sinks["single"].take(), []string{"a", "b", "c", "d", "e", "f"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 6, Delivered: 6})
		wants(t, "totals of the other", w.totals("single"), fold.Counts{Accepted: 6, Delivered: 6})
	})
}

// TestBatchOfAMappingThatBatchesNoMore: another version of the program may see the same spec with other eyes.
func TestBatchOfAMappingThatBatchesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newBatchWorld(t)
		s.set(always(destination.ClassRetry))
		w.events("a", "b", "c")
		r := w.start()
		synctest.Wait()
		r.stop()
		s.take()
		s.set(nil)
		w.limits = destination.Batching{}
		defer w.start().stop()
		pass(time.Second)
		synctest.Wait()
		wants(t, "sent", s.take(), []string{"a", "b", "c"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 3, Delivered: 3})
	})
}

func TestBatchWhoseSpecDoesNotCompile(t *testing.T) {
	for name, mended := range map[string]bool{"and is mended": true, "and is replaced": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := newBatchWorld(t)
				s.set(always(destination.ClassRetry))
				w.events("a", "b", "c")
				r := w.start()
				synctest.Wait()
				r.stop()
				s.take()
				s.set(nil)
				w.unset.Store(true)
				r = w.start()
				defer r.stop()
				pass(2 * time.Second)
				synctest.Wait()
				if p := r.Status(t.Context())[0].Parked; p == nil || p.Code != deliver.CodeInvalid {
					t.Errorf("parked: %+v", p)
				}
				if mended {
					w.unset.Store(false)
				} else {
					w.fence("m", record.FenceOn)
				}
				pass(time.Minute)
				synctest.Wait()
				if mended {
					wants(t, "sent", s.take(), []string{"a+b+c"})
				}
				want := fold.Counts{Accepted: 3, Delivered: 3}
				if !mended {
					want = fold.Counts{Accepted: 3, Discarded: 3}
				}
				wants(t, "totals", w.totals("m"), want)
			})
		})
	}
}

// TestBatchesSettleWhateverHappens is TestEverythingSettlesWhateverHappens with batches. An id never stands for two bodies, and each event that was
// delivered is in what was sent.
func TestBatchesSettleWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"events", "events", "kill", "stop", "fault", "down", "flaky", "batch", "batch", "fence", "off", "wait"}), 1, 12).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			w, s := newBatchWorld(t)
			w.cfg.StopTimeout = time.Second
			r := w.start()
			for i, step := range steps {
				if step == "batch" {
					w.fenceOf("m", record.FenceOn, `"batch"`)
				} else {
					r = w.step(r, s, i, step)
				}
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
			bodies := map[string]bool{}
			names := map[string]bool{}
			for body, id := range s.ids {
				if bodies[id] {
					t.Errorf("after %v: two bodies have the id %s", steps, id)
				}
				bodies[id] = true
				for name := range strings.SplitSeq(body, "+") {
					names[name] = true
				}
			}
			if uint64(len(names)) < got.Delivered {
				t.Errorf("after %v: %d sent, %d delivered", steps, len(names), got.Delivered)
			}
			r.stop()
		})
	})
}

// id is the webhook-id that something was sent under.
func (s *sink) id(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[name]
}

var _ deliver.Batcher = batchSink{}
