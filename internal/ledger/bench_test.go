package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/ledger"
	"penstock/internal/record"
)

// BenchmarkStart compares a start from a checkpoint with one from the beginning of the log, in one run: how many times longer the latter takes, and how many times
// as much it allocates. The log has 50,000 frames of ten events, all settled, and a hundred behind the checkpoint.
func BenchmarkStart(b *testing.B) {
	const frames, behind = 50_000, 100
	store, quiet := memlog.New(), slog.New(slog.DiscardHandler)
	log, err := eventlog.New(b.Context(), store, eventlog.DefaultConfig(), quiet)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	put := func(stream eventlog.Stream, subject string, kind record.Kind, lines ...string) {
		all := make([]eventlog.Line, len(lines))
		for i := range lines {
			all[i].Data = []byte(lines[i])
		}
		if _, err := log.Append(b.Context(), stream, subject, kind, all); err != nil {
			b.Fatal(err)
		}
	}
	fence, err := json.Marshal(record.Fence{Mapping: "m1", Destination: "d", Source: "web", State: record.FenceOn})
	if err != nil {
		b.Fatal(err)
	}
	put(eventlog.Events, "fences.default.web", record.KindFence, string(fence))
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = `{"type":"track","event":"Example Event Name","userId":"123","properties":{"groupId":"account"}}`
	}
	fill := func(n int) {
		for range n {
			put(eventlog.Events, "events.default.web", record.KindEvents, ten...)
			put(eventlog.Outcomes, "outcomes.default.m1", record.KindOutcomes, fmt.Sprintf(`{"status":"delivered","at":["%d.0-9"],"ms":1}`, log.Last(eventlog.Events)))
		}
	}
	fill(frames)
	if err := ledger.New(log, ledger.DefaultConfig(), quiet).Checkpoint(b.Context()); err != nil {
		b.Fatal(err)
	}
	fill(behind)
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	start := func() (took time.Duration, bytes uint64) {
		log, err := eventlog.New(b.Context(), store, eventlog.DefaultConfig(), quiet)
		if err != nil {
			b.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := time.Now()
		rows, _, err := ledger.New(log, ledger.DefaultConfig(), quiet).Totals(b.Context())
		took = time.Since(begun)
		runtime.ReadMemStats(&after)
		if err != nil || len(rows) != 1 || rows[0].Delivered != 10*(frames+behind) {
			b.Fatalf("totals: %+v, %v", rows, err)
		}
		return took, after.TotalAlloc - before.TotalAlloc
	}
	var fast, slow time.Duration
	var little, much uint64
	for b.Loop() {
		took, bytes := start()
		fast, little = fast+took, little+bytes
		without(b, store, func() {
			took, bytes = start()
			slow, much = slow+took, much+bytes
		})
	}
	b.ReportMetric(float64(slow)/float64(fast), "beginning/checkpoint-time")
	b.ReportMetric(float64(much)/float64(little), "beginning/checkpoint-bytes")
}

// without does something while the checkpoint cannot be read.
func without(b *testing.B, store *memlog.Store, do func()) {
	b.Helper()
	last, err := store.Before(b.Context(), eventlog.Outcomes, "checkpoints.default.m1", 0)
	if err != nil {
		b.Fatal(err)
	}
	store.Damage(eventlog.Outcomes, last.Seq, func([]byte) []byte { return nil })
	do()
	store.Damage(eventlog.Outcomes, last.Seq, func([]byte) []byte { return last.Data })
}
