package deliver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/deliver"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sink is a destination: it notes what it is sent and answers as told. Events are JSON strings; those that begin with "no" do not match.
type sink struct {
	mu     sync.Mutex
	got    []string
	ids    map[string]string // webhook-id by event
	answer func(ctx context.Context, event string) destination.Result
}

func (s *sink) Match(event []byte) bool { return !strings.HasPrefix(string(event), `"no`) }

func (s *sink) Explain(event []byte) (code, reason string) {
	if rule, ok := strings.CutPrefix(strings.Trim(string(event), `"`), "no-"); ok {
		return deliver.CodeFilteredByRules, rule
	}
	return deliver.CodeFiltered, "begins with no"
}

func (s *sink) Perform(ctx context.Context, id string, event []byte) destination.Result {
	name := strings.Trim(string(event), `"`)
	s.mu.Lock()
	s.got = append(s.got, name)
	if s.ids == nil {
		s.ids = map[string]string{}
	}
	if before, ok := s.ids[name]; ok && before != id {
		s.got = append(s.got, "another id for "+name)
	}
	s.ids[name] = id
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return destination.Result{Class: destination.ClassDelivered, Code: "200"}
	}
	return answer(ctx, name)
}

func (s *sink) set(answer func(ctx context.Context, event string) destination.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// take returns what came since the last call, sorted.
func (s *sink) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	slices.Sort(got)
	return got
}

func always(class destination.Class) func(context.Context, string) destination.Result {
	return func(context.Context, string) destination.Result {
		return destination.Result{Class: class, Code: "XXX", Reason: "because", Suspect: class == destination.ClassRetry}
	}
}

// world is a log, and engines on it.
type world struct {
	t      testing.TB
	store  *memlog.Store
	log    *eventlog.Log
	sinks  map[string]*sink // by mapping
	cfg    deliver.Config
	rev    uint64
	tries  []uint64             // revisions of the fences that were compiled, one lane at a time
	limits destination.Batching // of specs of "batch"
	unset  atomic.Bool          // what specs but {} need is not there
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, store: memlog.New(), sinks: map[string]*sink{}, cfg: deliver.DefaultConfig(), limits: destination.Batching{Events: 3, Bytes: 1000}}
	w.cfg.Random = func() float64 { return 1 } // waits are as long as they may be
	l, err := eventlog.New(t.Context(), w.store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.log = l
	run(t, l)
	return w
}

// run runs a log until the test ends.
func run(t testing.TB, l *eventlog.Log) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func (w *world) fence(mapping string, state record.FenceState) {
	w.t.Helper()
	w.fenceOf(mapping, state, `{}`)
}

func (w *world) fenceOf(mapping string, state record.FenceState, spec string) {
	w.t.Helper()
	w.rev++
	data, err := json.Marshal(record.Fence{Mapping: mapping, Destination: "d", Source: "s", State: state, Revision: w.rev, Spec: json.RawMessage(spec)})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.sinks[mapping] == nil {
		w.sinks[mapping] = &sink{}
	}
	if _, err := w.log.Append(w.t.Context(), eventlog.Events, "fences.w.s", record.KindFence, []eventlog.Line{{Data: data}}); err != nil {
		w.t.Fatal(err)
	}
}

// events appends one chunk.
func (w *world) events(names ...string) {
	w.t.Helper()
	lines := make([]eventlog.Line, len(names))
	for i, name := range names {
		lines[i] = eventlog.Line{ID: name, Data: []byte(`"` + name + `"`)}
	}
	if _, err := w.log.Append(w.t.Context(), eventlog.Events, "events.w.s", record.KindEvents, lines); err != nil {
		w.t.Fatal(err)
	}
}

// runner is an engine that runs.
type runner struct {
	*deliver.Engine

	cancel context.CancelFunc
	done   chan error
	killed atomic.Bool
}

// mortal is a log that a killed engine cannot write to any more.
type mortal struct {
	*eventlog.Log

	dead *atomic.Bool
}

var errKilled = errors.New("killed")

func (m mortal) Append(ctx context.Context, name eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error) {
	if m.dead.Load() {
		return record.Position{}, errKilled
	}
	return m.Log.Append(ctx, name, subject, kind, lines)
}

func (w *world) start() *runner {
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	r := &runner{cancel: cancel, done: make(chan error, 1)}
	var mu sync.Mutex
	compile := func(_ context.Context, fence *record.Fence) (deliver.Compiled, error) {
		mu.Lock()
		w.tries = append(w.tries, fence.Revision)
		mu.Unlock()
		if string(fence.Spec) == `"broken"` {
			return nil, errors.New("the trigger does not parse")
		}
		if string(fence.Spec) != `{}` && w.unset.Load() {
			return nil, errors.New("the API key is not set")
		}
		if string(fence.Spec) == `"batch"` && w.limits.Events > 0 {
			return batchSink{w.sinks[fence.Mapping], w.limits}, nil
		}
		return w.sinks[fence.Mapping], nil
	}
	r.Engine = deliver.New(mortal{w.log, &r.killed}, w.cfg, compile, slog.New(slog.DiscardHandler))
	go func() { r.done <- r.Run(ctx) }()
	return r
}

// stop ends an engine in order.
func (r *runner) stop() {
	r.cancel()
	if err := <-r.done; err != nil {
		panic(err)
	}
}

// kill ends an engine so that nothing more of it reaches the log.
func (r *runner) kill() {
	r.killed.Store(true)
	r.cancel()
	if err := <-r.done; err != nil {
		panic(err)
	}
}

// totals is a fold of the whole log, made anew.
func (w *world) totals(mapping string) fold.Counts {
	w.t.Helper()
	return w.fold(mapping).Counts()
}

func (w *world) fold(mapping string) *fold.Fold {
	w.t.Helper()
	f := fold.New(0)
	events := w.log.Read(eventlog.Events, ">", 1)
	for c, ok, err := events.TryNext(w.t.Context()); ok && err == nil; c, ok, err = events.TryNext(w.t.Context()) {
		if strings.HasPrefix(c.Subject, "events.") {
			f.Frame(fold.Frame{Seq: c.Seq, Header: &c.Header, Lost: c.Lost, Damaged: c.Body == nil})
			continue
		}
		for _, line := range record.Lines(c.Body) {
			var fence record.Fence
			if json.Unmarshal(line, &fence) == nil && fence.Mapping == mapping {
				f.Fence(c.Seq, &fence)
			}
		}
	}
	for _, o := range w.outcomes(mapping) {
		f.Outcome(&o)
	}
	return f
}

// checkpoint writes what a fold of the whole log says, as the ledger does.
func (w *world) checkpoint(mapping string) *record.Checkpoint {
	w.t.Helper()
	c, ok := w.fold(mapping).Checkpoint(w.log.Last(eventlog.Events), w.log.Last(eventlog.Outcomes))
	if !ok {
		return nil
	}
	data, err := json.Marshal(c)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.log.Append(w.t.Context(), eventlog.Outcomes, record.CheckpointSubject("w", mapping), record.KindCheckpoint, []eventlog.Line{{Data: data}}); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) outcomes(mapping string) []record.Outcome {
	w.t.Helper()
	var all []record.Outcome
	r := w.log.Read(eventlog.Outcomes, "outcomes.w."+mapping, 1)
	for {
		c, ok, err := r.TryNext(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if !ok {
			return all
		}
		for _, line := range record.Lines(c.Body) {
			var o record.Outcome
			if err := json.Unmarshal(line, &o); err != nil {
				w.t.Fatal(err)
			}
			all = append(all, o)
		}
	}
}

// statuses is the outcomes of a mapping in short.
func (w *world) statuses(mapping string) []string {
	w.t.Helper()
	var all []string
	for _, o := range w.outcomes(mapping) {
		text := string(o.Status)
		for _, at := range o.At {
			text += " " + at.String()
		}
		all = append(all, text)
	}
	return all
}

// pass lets time pass, of the bubble's clock.
func pass(d time.Duration) { <-time.After(d) }

func wants(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestEachEventGetsItsOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.events("before the fence")
		w.fence("m", record.FenceOn)
		w.events("a", "no1", "no2", "bad", "no3")
		r := w.start()
		defer r.stop()
		w.sinks["m"].set(func(_ context.Context, event string) destination.Result {
			if event == "bad" {
				return destination.Result{Class: destination.ClassRejected, Code: "400", Reason: "say why", Exchange: &record.Exchange{ID: "x", Status: 400}}
			}
			return destination.Result{Class: destination.ClassDelivered}
		})
		synctest.Wait()
		w.events("no4")
		w.events("b")
		synctest.Wait()
		wants(t, "sent", w.sinks["m"].take(), []string{"a", "b", "bad"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 7, Delivered: 2, Filtered: 4, Discarded: 1})
		all := w.outcomes("m")
		bad := all[slices.IndexFunc(all, func(o record.Outcome) bool { return o.Status == record.Discarded })]
		if bad.Code != "400" || bad.Reason != "say why" || bad.Attempt != 1 || bad.Revision != 1 || bad.Exchange == nil || bad.Exchange.Status != 400 {
			t.Errorf("outcome of what was rejected: %+v", bad)
		}
		if first := w.outcomes("m")[0]; first.Code != "NO_MATCHING_MAPPING" || first.Reason != "begins with no" || len(first.At) != 2 {
			t.Errorf("first outcome: %+v", first)
		}
		status := r.Status(t.Context())
		wants(t, "status", status, []deliver.Status{{
			Workspace: "w", Source: "s", Destination: "d", Mapping: "m", State: record.FenceOn, Cursor: record.Position{Seq: 6},
		}})
	})
}

func TestFilteredInARowCostOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		names := make([]string, 1000)
		for i := range names {
			names[i] = fmt.Sprintf("no%d", i)
		}
		w.events(names...)
		defer w.start().stop()
		synctest.Wait()
		wants(t, "outcomes", w.statuses("m"), []string{"filtered 2.0-999"})
	})
}

// What filters drop is told apart by the filter.
func TestFiltersAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.events("no-A", "no-A", "no-B", "no1", "no2")
		defer w.start().stop()
		synctest.Wait()
		wants(t, "outcomes", w.statuses("m"), []string{"filtered 2.0-1", "filtered 2.2", "filtered 2.3-4"})
	})
}

func TestSlowEventHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.fence("other", record.FenceOn)
		for i := range 50 {
			w.events(fmt.Sprintf("%02da", i), fmt.Sprintf("%02db", i))
		}
		release := make(chan struct{})
		w.sinks["m"].set(func(_ context.Context, event string) destination.Result {
			if event == "00a" {
				<-release
			}
			return destination.Result{Class: destination.ClassDelivered}
		})
		r := w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "totals while one is slow", w.totals("m"), fold.Counts{Accepted: 100, Delivered: 99, Pending: 1})
		wants(t, "totals of the other", w.totals("other"), fold.Counts{Accepted: 100, Delivered: 100})
		wants(t, "cursor", r.Status(t.Context())[0].Cursor, record.Position{Seq: 3})
		close(release)
		synctest.Wait()
		wants(t, "totals at the end", w.totals("m"), fold.Counts{Accepted: 100, Delivered: 100})
	})
}

func TestRetriesSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		s := w.sinks["m"]
		s.set(always(destination.ClassRetry))
		began := time.Now()
		w.events("a", "b")
		r := w.start()
		synctest.Wait()
		wants(t, "first attempts", s.take(), []string{"a", "b"})
		pass(time.Second - 1)
		synctest.Wait()
		wants(t, "before they are due", s.take(), []string(nil))
		pass(1)
		synctest.Wait()
		wants(t, "second attempts", s.take(), []string{"a", "b"})
		r.stop()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 2, Retrying: 2})

		s.set(nil)
		r = w.start()
		defer r.stop()
		synctest.Wait()
		wants(t, "nothing is sent before it is due", s.take(), []string(nil))
		pass(2 * time.Second)
		synctest.Wait()
		wants(t, "third attempts", s.take(), []string{"a", "b"})
		wants(t, "took", time.Since(began), 3*time.Second)
		wants(t, "totals at the end", w.totals("m"), fold.Counts{Accepted: 2, Delivered: 2})
		if last := w.outcomes("m"); last[len(last)-1].Attempt != 3 {
			t.Errorf("last outcome: %+v", last[len(last)-1])
		}
	})
}

func TestRetryGivesUpAtItsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.sinks["m"].set(always(destination.ClassRetry))
		w.events("a")
		defer w.start().stop()
		pass(4*time.Hour + 20*time.Minute)
		synctest.Wait()
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 1, Discarded: 1})
		all := w.outcomes("m")
		last := all[len(all)-1]
		if last.Code != "XXX" || !strings.HasPrefix(last.Reason, "given up after ") || last.Attempt != len(all) {
			t.Errorf("last outcome: %+v", last)
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fence("m", record.FenceOn)
		w.sinks["m"].set(func(context.Context, string) destination.Result {
			return destination.Result{Class: destination.ClassRetry, After: 90 * time.Second}
		})
		w.events("a")
		defer w.start().stop()
		pass(90*time.Second - 1)
		synctest.Wait()
		wants(t, "before", w.sinks["m"].take(), []string{"a"})
		pass(1)
		synctest.Wait()
		wants(t, "after", w.sinks["m"].take(), []string{"a"})
	})
}

// seen is an index of ids that forgets nothing.
type seen map[string]record.Position

func (s seen) First(_, id string, _ int64) (record.Position, bool) {
	at, ok := s[id]
	return at, ok
}

func (s seen) Note(_ uint64, entries []eventlog.Seen) error {
	for _, e := range entries {
		if _, known := s[e.ID]; !known {
			s[e.ID] = e.At
		}
	}
	return nil
}

func TestDuplicatesNameTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.log.SetIndex(seen{})
		w.fence("m", record.FenceOn)
		w.events("a", "b", "a", "no")
		w.events("b")
		w.events("no")
		defer w.start().stop()
		synctest.Wait()
		wants(t, "sent", w.sinks["m"].take(), []string{"a", "b"})
		wants(t, "totals", w.totals("m"), fold.Counts{Accepted: 6, Delivered: 2, Filtered: 1, Duplicate: 3})
		of := map[string]string{}
		for _, o := range w.outcomes("m") {
			if o.Status == record.Duplicate {
				of[o.At[0].String()] = o.Of.String()
			}
		}
		wants(t, "firsts", of, map[string]string{"2.2": "2.0", "3.0": "2.1", "4.0": "2.3"})
	})
}
