package erase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/erase"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a log, and projections that note what they are told.
type rig struct {
	t     *testing.T
	store *memlog.Store
	log   *eventlog.Log

	mu     sync.Mutex
	fails  func(seq uint64) error // of Erase of the store
	masked []string
	rows   []string
	broken error // of the projection
}

func (r *rig) Erase(_ context.Context, stream eventlog.Stream, lines []record.Position) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, at := range lines {
		r.rows = append(r.rows, string(stream)+" "+at.String())
	}
	return nil
}

// analytics is the rig as the projection of what apps received.
type analytics struct{ *rig }

func (a analytics) Erase(_ context.Context, who erase.Persons) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.masked = append(a.masked, fmt.Sprint(who.App, who.Visitors, who.Accounts))
	return a.broken
}

func (a analytics) Erased(string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.masked = append(a.masked, "done")
}

// breaking is a store that is killed now and then before it erases.
type breaking struct {
	eventlog.Store
	rig *rig
}

func (b breaking) Erase(ctx context.Context, stream eventlog.Stream, seq uint64) error {
	b.rig.mu.Lock()
	fails := b.rig.fails
	b.rig.mu.Unlock()
	if fails != nil {
		if err := fails(seq); err != nil {
			return err
		}
	}
	return b.Store.Erase(ctx, stream, seq)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, store: memlog.New()}
	r.reopen()
	return r
}

func (r *rig) failing(fails func(uint64) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = fails
}

func (r *rig) reopen() {
	r.t.Helper()
	log, err := eventlog.New(r.t.Context(), breaking{r.store, r}, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		r.t.Fatal(err)
	}
	r.log = log
	r.run(log.Run)
}

func (r *rig) run(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
	})
}

func (r *rig) put(stream eventlog.Stream, subject string, kind record.Kind, lines ...string) {
	r.t.Helper()
	all := make([]eventlog.Line, len(lines))
	for i, line := range lines {
		all[i].Data = []byte(line)
	}
	if _, err := r.log.Append(r.t.Context(), stream, subject, kind, all); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) received(app string, bodies ...string) {
	r.t.Helper()
	for i, body := range bodies {
		bodies[i] = `{"at":1,"via":"segmentio","remote":"192.0.2.1","body":` + body + `}`
	}
	r.put(eventlog.Received, "received.default."+app, record.KindReceived, bodies...)
}

// fill puts persons everywhere.
func (r *rig) fill() {
	r.received("acme", `{"type":"track","userId":"ann@example.com","event":"E","properties":{"groupId":"big"}}`, `{"type":"track","userId":"bob","event":"E"}`)
	r.received("acme", `[{"type":"identify","userId":"bob"},{"type":"track","userId":"cid","groupId":"gone"}]`)
	r.received("other", `{"type":"track","userId":"ann@example.com"}`)
	r.put(eventlog.Events, "fences.default.web", record.KindFence, `{"mapping":"m","source":"web","state":"on"}`)
	r.put(eventlog.Events, "events.default.web", record.KindEvents,
		`{"type":"track","userId":"bob","messageId":"m1"}`, `{"type":"track","userId":"ann@example.com","messageId":"m2","receivedAt":"2026-01-02T03:04:05.678Z"}`)
	r.put(eventlog.Events, "events.default.web", record.KindEvents, `{"type":"alias","userId":"bob","previousId":"ann@example.com","messageId":"m3"}`)
	r.put(eventlog.Events, "events.default.api", record.KindEvents, `{"type":"track","userId":"ann@example.com","messageId":"m4"}`)
	r.put(eventlog.Events, "rejected.default.web", record.KindRejected, `{"at":1,"code":"x","excerpt":"{\"userId\":\"ann@example.com\""}`, `{"at":1,"code":"x","excerpt":"bob"}`)
	r.put(eventlog.Outcomes, "outcomes.default.m", record.KindOutcomes,
		`{"status":"delivered","at":["2.0-1"],"ms":1,"exchange":{"method":"POST","url":"http://x/?u=1","bytes":3,"took":1,"answer":"hello"}}`,
		`{"status":"filtered","at":["9.0"],"ms":1,"reason":"userId is bob"}`,
		`{"status":"discarded","at":["9.1"],"ms":1,"code":"400","reason":"ann@example.com is not welcome"}`)
}

// everything is all that readers get.
func (r *rig) everything() string {
	r.t.Helper()
	var text strings.Builder
	for _, name := range []eventlog.Stream{eventlog.Events, eventlog.Outcomes, eventlog.Received} {
		for reader := r.log.Read(name, ">", 1); ; {
			c, ok, err := reader.TryNext(r.t.Context())
			if err != nil {
				r.t.Fatal(err)
			}
			if !ok {
				break
			}
			if c.Lost > 0 || c.Removed > 0 {
				r.t.Errorf("%s at %d: lost %d, removed %d", c.Subject, c.Seq, c.Lost, c.Removed)
			}
			text.WriteString(c.Subject + "\n" + string(c.Body))
		}
	}
	return text.String()
}

func (r *rig) engine() *erase.Engine {
	r.t.Helper()
	e, err := erase.New(r.t.Context(), erase.Parts{Log: r.log, Analytics: analytics{r}, Journal: r, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.run(e.Run)
	return e
}

func begin(t *testing.T, e *erase.Engine) record.Erasure {
	t.Helper()
	job, err := e.Begin(t.Context(), erase.Request{App: "acme", Sources: []string{"web"}, Visitors: []string{"ann@example.com"}, Accounts: []string{"gone"}})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestErase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.fill()
		e := r.engine()
		job := begin(t, e)
		synctest.Wait()
		got, ok := e.Get(job.ID)
		want := record.Erasure{ID: job.ID, App: "acme", Sources: []string{"web"}, Persons: 2, State: record.ErasureDone, Begun: job.Begun, Ended: job.Begun, Lines: 7, Frames: 6}
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("job (-want +got):\n%s", diff)
		}
		if left := e.List("acme"); len(left) != 1 || len(e.List("other")) != 0 {
			t.Errorf("list: %+v", left)
		}
		check := func() {
			t.Helper()
			text := r.everything()
			if n := strings.Count(text, "ann@example.com"); n != 2 {
				t.Errorf("ann is there %d times, want twice: of another app and of another source\n%s", n, text)
			}
			if strings.Contains(text, "gone") || strings.Contains(text, "hello") || strings.Count(text, "bob") != 5 {
				t.Errorf("left:\n%s", text)
			}
			for _, line := range []string{
				`{"type":"$erased","messageId":"m2","receivedAt":"2026-01-02T03:04:05.678Z"}`, `{"type":"$erased","messageId":"m3"}`,
				`"body":[{"type":"identify","userId":"bob"},{"type":"$erased"}]`, `{"status":"delivered","at":["2.0-1"],"ms":1,"exchange":{"method":"POST","url":"","bytes":3,"took":1}}`,
				`{"status":"discarded","at":["9.1"],"code":"400","ms":1}`,
			} {
				if !strings.Contains(text, line) {
					t.Errorf("%s is missing in\n%s", line, text)
				}
			}
		}
		check()
		r.reopen()
		check()
		r.wantGone()
		if diff := cmp.Diff([]string{"EVENTS 2.1", "EVENTS 3.0", "OUTCOMES 1.0", "OUTCOMES 1.2"}, r.rows); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
		// At once, before and after the log is rewritten.
		if once := "acme[ann@example.com] [gone]"; !slices.Equal(r.masked, []string{once, once, once, "done"}) {
			t.Errorf("masked: %v", r.masked)
		}
	})
}

// wantGone looks at what is in the store itself: what replaced and what was asked for included.
func (r *rig) wantGone() {
	r.t.Helper()
	for _, name := range []eventlog.Stream{eventlog.Events, eventlog.Outcomes, eventlog.Received} {
		found, err := r.store.Read(r.t.Context(), name, ">", 1, 1<<30)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, m := range found {
			if text := string(m.Data); strings.Contains(text, "ann@example.com") && !strings.Contains(m.Subject, "other") && !strings.Contains(m.Subject, "api") || strings.Contains(text, "gone") {
				r.t.Errorf("%s at %d is in the store: %s", m.Subject, m.Seq, text)
			}
		}
	}
}

// TestErasureGoesOnAfterAKill, wherever that was.
func TestErasureGoesOnAfterAKill(t *testing.T) {
	for kill := range 9 {
		t.Run(fmt.Sprintf("before erasure %d", kill), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				r.fill()
				erased := 0
				r.failing(func(uint64) error {
					if erased++; erased > kill {
						return errors.New("killed")
					}
					return nil
				})
				job := begin(t, r.engine())
				synctest.Wait()
				r.failing(nil)
				r.reopen()
				e := r.engine()
				synctest.Wait()
				if got, ok := e.Get(job.ID); !ok || got.State != record.ErasureDone || got.Visitors != nil {
					t.Errorf("job: %+v", got)
				}
				r.wantGone()
				if n := strings.Count(r.everything(), `"$erased"`); n != 4 {
					t.Errorf("%d tombstones, want 4", n)
				}
			})
		})
	}
}

// TestAnErasureThatFailsIsTriedAgain by itself.
func TestAnErasureThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.fill()
		e := r.engine()
		r.failing(func(uint64) error { return errors.New("no space left") })
		job := begin(t, e)
		synctest.Wait()
		if got, _ := e.Get(job.ID); got.State != record.ErasureRunning {
			t.Errorf("job: %+v", got)
		}
		r.failing(nil)
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if got, _ := e.Get(job.ID); got.State != record.ErasureDone {
			t.Errorf("job: %+v", got)
		}
		r.wantGone()
	})
}

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		e := r.engine()
		if _, err := e.Begin(t.Context(), erase.Request{App: "acme"}); !errors.Is(err, erase.ErrNobody) {
			t.Errorf("nobody: %v", err)
		}
		if _, err := e.Begin(t.Context(), erase.Request{App: "acme", Visitors: make([]string, 501)}); !errors.Is(err, erase.ErrTooMany) {
			t.Errorf("501 persons: %v", err)
		}
		if _, ok := e.Get("none"); ok {
			t.Error("an erasure that was not begun is known")
		}
	})
}
