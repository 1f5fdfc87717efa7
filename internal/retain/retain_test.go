package retain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
	"penstock/internal/retain"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a log with a workspace, and a keeper that is told what is settled and read.
type rig struct {
	t           *testing.T
	log         *eventlog.Log
	keeper      *retain.Keeper
	source, app string // ids
	floors      []retain.Floor
	asked       int // for checkpoints
	read        uint64
	forgotten   []string
	discarded   []string
	days        int
}

func (r *rig) Checkpoint(context.Context) error { r.asked++; return nil }

func (r *rig) Floors(context.Context) ([]retain.Floor, error) { return r.floors, nil }

func (r *rig) Position(eventlog.Stream) uint64 { return r.read }

func (r *rig) Forget(_ context.Context, _ eventlog.Stream, subject string, before uint64) error {
	r.forgotten = append(r.forgotten, fmt.Sprintf("%s < %d", subject[:strings.IndexByte(subject, '.')], before))
	return nil
}

// newRig runs in a bubble of synctest: time passes when the test waits.
func newRig(t *testing.T, retention string) *rig {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	store := workspace.Open(memkv.New(), workspace.CatalogFunc(nil), workspace.NewFencer(log), logger)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 2)
	go func() { done <- log.Run(ctx) }()
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	file, err := workspace.Parse([]byte(`
apps: [{slug: acme, name: Acme, key: 00000000000000000000000000000001, retention: {months: 1}}]
sources: [{slug: web, name: Web, type: server, writeKeys: [wk_website_1], retention: ` + retention + `}]`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Apply(t.Context(), file, workspace.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, log: log, source: store.Snapshot().SourceBySlug("web").ID, app: store.Snapshot().AppBySlug("acme").ID, read: 1 << 40}
	projections := map[eventlog.Stream][]retain.Projection{eventlog.Events: {r}, eventlog.Outcomes: {r}, eventlog.Received: {r}}
	r.keeper = retain.New(retain.Parts{
		Log: log, Ledger: r, Snapshot: store.Snapshot, Projections: projections, Logger: logger, KeepIDs: func(days int) { r.days = days },
		Discard: func(_ context.Context, source string, before uint64) {
			r.discarded = append(r.discarded, fmt.Sprintf("%v < %d", source == r.source, before))
		},
	}, retain.DefaultConfig())
	return r
}

// put appends a frame with lines of ten bytes to a subject, a number of days later.
func (r *rig) put(stream eventlog.Stream, subject string, kind record.Kind, lines, days int) uint64 {
	r.t.Helper()
	<-time.After(time.Duration(days) * 24 * time.Hour)
	all := make([]eventlog.Line, lines)
	for i := range all {
		all[i].Data = []byte(`"123456"`)
	}
	p, err := r.log.Append(r.t.Context(), stream, subject, kind, all)
	if err != nil {
		r.t.Fatal(err)
	}
	return p.Seq
}

func (r *rig) events(lines, daysLater int) uint64 {
	r.t.Helper()
	return r.put(eventlog.Events, "events.default."+r.source, record.KindEvents, lines, daysLater)
}

func (r *rig) round() {
	r.t.Helper()
	if err := r.keeper.Round(r.t.Context(), time.Now()); err != nil {
		r.t.Fatal(err)
	}
}

// lines is how many lines are left under a subject, and how many a reader is told to be removed.
func (r *rig) lines(stream eventlog.Stream, subject string) (left, removed uint64) {
	r.t.Helper()
	for reader := r.log.Read(stream, subject, 1); ; {
		c, ok, err := reader.TryNext(r.t.Context())
		if err != nil || !ok {
			return left, removed
		}
		if c.Lost > 0 {
			r.t.Errorf("%s has a hole of %d lines", subject, c.Lost)
		}
		left, removed = left+uint64(c.Header.Lines), removed+c.Removed
	}
}

func (r *rig) wantLeft(what string, stream eventlog.Stream, subject string, left, removed uint64) {
	r.t.Helper()
	if l, gone := r.lines(stream, subject); l != left || gone != removed {
		r.t.Errorf("%s: %d lines are left and %d removed, want %d and %d", what, l, gone, left, removed)
	}
}

// settledUpTo says that the one mapping has settled everything before a sequence of EVENTS and OUTCOMES, and owes from there on.
func (r *rig) settledUpTo(events, outcomes uint64) {
	r.floors = []retain.Floor{{Workspace: "default", Source: r.source, Mapping: "m", Events: events, Outcomes: outcomes, Open: events}}
}

func TestEventsGoByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "{days: 3}")
		subject := "events.default." + r.source
		r.events(1, 0)
		first := r.put(eventlog.Outcomes, "outcomes.default.m", record.KindOutcomes, 1, 0)
		r.put(eventlog.Events, "rejected.default."+r.source, record.KindRejected, 2, 0)
		r.events(2, 2)
		second := r.put(eventlog.Outcomes, "outcomes.default.m", record.KindOutcomes, 1, 0)
		last := r.events(4, 2)
		r.settledUpTo(last, second+1)
		r.round()
		r.wantLeft("events of the last three days", eventlog.Events, subject, 6, 1)
		r.wantLeft("what was not taken", eventlog.Events, "rejected.default."+r.source, 0, 2)
		r.wantLeft("outcomes of events that are kept", eventlog.Outcomes, "outcomes.default.m", 2, 0)
		<-time.After(25 * time.Hour)
		r.round()
		r.wantLeft("a day later", eventlog.Events, subject, 4, 3)
		r.wantLeft("outcomes", eventlog.Outcomes, "outcomes.default.m", 1, 1)
		<-time.After(30 * 24 * time.Hour)
		r.round()
		r.wantLeft("what is not settled stays", eventlog.Events, subject, 4, 3)
		r.settledUpTo(last+100, second+1)
		r.floors[0].Open = math.MaxUint64
		r.read = last - 1
		r.round()
		r.wantLeft("what a projection has not read stays", eventlog.Events, subject, 4, 3)
		r.read = 1 << 40
		r.round()
		r.wantLeft("a month later", eventlog.Events, subject, 0, 7)
		r.round()
		if want := "events rejected events outcomes events outcomes"; strings.Join(names(r.forgotten), " ") != want {
			t.Errorf("projections were told of %v, want %s", r.forgotten, want)
		}
		if r.days != 8 || first == 0 {
			t.Errorf("ids are to be known for %d days, want 8", r.days)
		}
		s := r.keeper.States()[0]
		if want := (retain.State{Source: r.source, Gone: 7}); s != want {
			t.Errorf("state: %s", cmp.Diff(want, s))
		}
	})
}

func names(forgotten []string) []string {
	out := make([]string, len(forgotten))
	for i, f := range forgotten {
		out[i], _, _ = strings.Cut(f, " ")
	}
	return out
}

func TestEventsGoBySize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "{bytes: 100}")
		for range 20 {
			r.events(4, 0) // 36 bytes
		}
		r.round()
		r.wantLeft("of a source that may take 100 bytes", eventlog.Events, "events.default."+r.source, 8, 72)
		if s := r.keeper.States()[0]; s.Bytes != 72 {
			t.Errorf("bytes kept: %d", s.Bytes)
		}
	})
}

func TestReceivedGoesByMonths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "{}")
		mine, unknown := "received.default."+r.app, "received.default._"
		r.put(eventlog.Received, mine, record.KindReceived, 3, 0)
		r.put(eventlog.Received, unknown, record.KindReceived, 1, 0)
		r.put(eventlog.Received, mine, record.KindReceived, 2, 20)
		<-time.After(15 * 24 * time.Hour)
		r.round()
		r.wantLeft("an app that keeps a month", eventlog.Received, mine, 2, 3)
		r.wantLeft("others", eventlog.Received, unknown, 1, 0)
		<-time.After(83 * 31 * 24 * time.Hour)
		r.round()
		r.wantLeft("an app that keeps a month", eventlog.Received, mine, 0, 5)
		r.wantLeft("others, after seven years", eventlog.Received, unknown, 0, 1)
	})
}

// TestCheckpointsAreAskedFor when more is settled than they know of, and not over and over.
func TestCheckpointsAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "{}")
		seq := r.events(1, 0)
		r.settledUpTo(seq, 0)
		r.round()
		if r.asked != 0 {
			t.Errorf("asked %d times with nothing to gain", r.asked)
		}
		r.floors[0].Open = math.MaxUint64
		for range 9 {
			r.round()
			<-time.After(15 * time.Second)
		}
		if r.asked != 3 {
			t.Errorf("asked %d times in two minutes", r.asked)
		}
	})
}

func TestBacklog(t *testing.T) {
	for mode, steps := range map[string][]struct {
		days  int
		level retain.Level
		full  bool
	}{
		"refuse":  {{2, retain.LevelFine, false}, {3, retain.LevelHalf, false}, {3, retain.LevelNearly, false}, {2, retain.LevelFull, true}},
		"discard": {{2, retain.LevelFine, false}, {3, retain.LevelHalf, false}, {3, retain.LevelNearly, false}, {2, retain.LevelDropped, false}},
	} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "{days: 3, backlogHours: 240, whenFull: "+mode+"}")
				first := r.events(3, 0)
				r.settledUpTo(first, 0)
				for _, step := range steps {
					r.events(1, step.days)
					r.round()
					s := r.keeper.States()[0]
					if s.Level != step.level || r.keeper.Full(r.source) != step.full {
						t.Errorf("with a backlog of %s: level %d, full %v; want %d, %v", s.Backlog, s.Level, r.keeper.Full(r.source), step.level, step.full)
					}
				}
				r.wantLeft("events", eventlog.Events, "events.default."+r.source, 7, 0)
				if want := map[string][]string{"discard": {fmt.Sprintf("true < %d", first+1)}}[mode]; !cmp.Equal(r.discarded, want) {
					t.Errorf("discarded: %v, want %v", r.discarded, want)
				}
				r.floors[0].Events, r.floors[0].Open = first+4, math.MaxUint64
				r.round()
				if s := r.keeper.States()[0]; s.Level != retain.LevelFine || r.keeper.Full(r.source) || s.Backlog != 0 {
					t.Errorf("after all was settled: %+v", s)
				}
			})
		})
	}
}

func TestBacklogOfBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "{backlogBytes: 100}")
		first := r.events(4, 0) // 36 bytes each
		r.settledUpTo(first, 0)
		for _, want := range []retain.Level{retain.LevelFine, retain.LevelHalf, retain.LevelFull} {
			r.round()
			if s := r.keeper.States()[0]; s.Level != want {
				t.Errorf("with %d bytes: level %d, want %d", s.BacklogBytes, s.Level, want)
			}
			r.events(4, 0)
		}
	})
}

// TestARoundGoesOnAfterAnError: one subject that cannot be shortened keeps no other from it.
func TestARoundGoesOnAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "{days: 1}")
		r.events(1, 0)
		r.put(eventlog.Received, "received.default."+r.app, record.KindReceived, 1, 0)
		data, err := json.Marshal("not a record of what is kept")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.log.Append(t.Context(), eventlog.Events, "kept.events.default."+r.source, record.KindKept, []eventlog.Line{{Data: data}}); err != nil {
			t.Fatal(err)
		}
		<-time.After(60 * 24 * time.Hour)
		if err := r.keeper.Round(t.Context(), time.Now()); err == nil {
			t.Error("no error was told")
		}
		r.wantLeft("what the app received", eventlog.Received, "received.default."+r.app, 0, 1)
	})
}
