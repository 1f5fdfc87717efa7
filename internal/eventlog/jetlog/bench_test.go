package jetlog_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/record"
)

func openBench(b *testing.B) (*jetlog.JetLog, *eventlog.Log) {
	b.Helper()
	j, err := jetlog.Open(b.Context(), jetlog.DefaultConfig(b.TempDir()), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	l, err := eventlog.New(b.Context(), j, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := j.Close(); err != nil {
			b.Error(err)
		}
	})
	return j, l
}

// text is a JSON text of n bytes.
func text(n int) []byte {
	return append(append([]byte{'"'}, bytes.Repeat([]byte{'x'}, n-2)...), '"')
}

func subject(i int) string { return fmt.Sprintf("events.default.src_%02d", i) }

// One caller, one line of 1 KB at a time, each synced before the next: what a commit costs.
func BenchmarkCommit(b *testing.B) {
	_, l := openBench(b)
	line := []eventlog.Line{{Data: text(1024)}}
	for b.Loop() {
		if _, err := l.Append(b.Context(), eventlog.Events, subject(0), record.KindEvents, line); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// 64 callers at a time, over few or many sources: what group commit and atomic batches make of it.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ callers, sources, size int }{{64, 1, 1024}, {64, 64, 1024}, {16, 16, 128 << 10}, {16, 1, 128 << 10}} {
		b.Run(fmt.Sprintf("callers=%d/sources=%d/bytes=%d", c.callers, c.sources, c.size), func(b *testing.B) {
			_, l := openBench(b)
			b.SetBytes(int64(c.size))
			first := l.Last(eventlog.Events)
			line := []eventlog.Line{{Data: text(c.size)}}
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ResetTimer()
			for i := range c.callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := l.Append(b.Context(), eventlog.Events, subject(i%c.sources), record.KindEvents, line); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			b.ReportMetric(float64(l.Last(eventlog.Events)-first)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}

// Reading from the start, past what is in memory: 256 MiB in frames of 128 KB, and 20,000 frames of 1 KB.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct{ frames, size int }{{2048, 128 << 10}, {20000, 1024}} {
		b.Run(fmt.Sprintf("bytes=%d", c.size), func(b *testing.B) {
			j, _ := openBench(b)
			fill(b, j, c.frames, c.size)
			l, err := eventlog.New(b.Context(), j, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(c.frames) * int64(c.size))
			for b.Loop() {
				r := l.Read(eventlog.Events, "events.>", 1)
				for range c.frames {
					if _, err := r.Next(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*c.frames)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}

// fill stores frames of one line each, in batches.
func fill(b *testing.B, j *jetlog.JetLog, frames, size int) {
	b.Helper()
	h := record.Header{Kind: record.KindEvents, Lines: 1}
	body := append(text(size), '\n')
	for from := 0; from < frames; from += 64 {
		var msgs []eventlog.Message
		for i := from; i < min(from+64, frames); i++ {
			h.N, h.First = uint64(i+1), uint64(i)
			msgs = append(msgs, eventlog.Message{Subject: subject(0), Data: record.AppendFrame(nil, &h, body), Expect: eventlog.NoExpect})
		}
		if _, err := j.Append(b.Context(), eventlog.Events, msgs); err != nil {
			b.Fatal(err)
		}
	}
}
