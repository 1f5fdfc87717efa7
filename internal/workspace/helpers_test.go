package workspace_test

import (
	"context"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sink is a destination with a setting that is a secret.
type sink struct{ definition destination.Definition }

func (s *sink) Definition() *destination.Definition { return &s.definition }

func (s *sink) Perform(context.Context, *destination.Call) destination.Result {
	return destination.Result{Class: destination.ClassDelivered}
}

// catalog has one destination, under the type that the examples use.
type catalog struct{ sink *sink }

func (c catalog) Lookup(typ string) (destination.Destination, bool) {
	return c.sink, typ == "actions-webhook"
}

// tester is what a testing.TB and a rapid.T have in common.
type tester interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// rig is a workspace on a bucket and a log, both in memory and running.
type rig struct {
	*workspace.Store
	log *eventlog.Log
	kv  workspace.KV
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return rigOn(t, memkv.New(), newLog(t), newCatalog())
}

func newLog(t testing.TB) *eventlog.Log {
	t.Helper()
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	run(t, log.Run)
	return log
}

func rigOn(t testing.TB, kv workspace.KV, log *eventlog.Log, catalog workspace.Catalog) *rig {
	t.Helper()
	store := workspace.Open(kv, catalog, workspace.NewFencer(log), slog.New(slog.DiscardHandler))
	run(t, store.Run)
	<-store.Ready()
	return &rig{Store: store, log: log, kv: kv}
}

// run runs a part until the test ends.
func run(t testing.TB, part func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 1)
	go func() { done <- part(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

func parse(t tester, text string) *workspace.File {
	t.Helper()
	f, err := workspace.Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse: %v\n%s", err, text)
	}
	return f
}

func (r *rig) apply(t tester, text string, opts workspace.ApplyOptions) *workspace.Plan {
	t.Helper()
	plan, err := r.Apply(t.Context(), parse(t, text), opts)
	if err != nil {
		t.Fatalf("apply: %v\n%s", err, text)
	}
	return plan
}

func (r *rig) export(t tester) string {
	t.Helper()
	text, err := r.Snapshot().Export(newCatalog()).YAML()
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	return string(text)
}

// fences lists the fences of the log in order.
func (r *rig) fences(t tester) []record.Fence {
	t.Helper()
	var all []record.Fence
	reader := r.log.Read(eventlog.Events, "fences.>", 0)
	for {
		c, more, err := reader.TryNext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return all
		}
		for _, line := range record.Lines(c.Body) {
			all = append(all, decode[record.Fence](t, line))
		}
	}
}
