// Command appender is the child of the crash tests: it appends events to a log on its own data folder, one after the other and then several
// at a time over several sources, and writes each id to standard output once it was answered.
//
//	appender DIR always|never COUNT
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/record"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2] == "always", os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "appender:", err)
		os.Exit(1)
	}
}

const sources = 8

func run(ctx context.Context, dir string, syncAlways bool, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return fmt.Errorf("read count: %w", err)
	}
	cfg := jetlog.DefaultConfig(dir)
	cfg.SyncAlways = syncAlways
	j, err := jetlog.Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	l, err := eventlog.New(ctx, j, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	err = appendAll(ctx, l, n)
	cancel()
	if err := errors.Join(err, <-done); err != nil {
		return err
	}
	return j.Close()
}

// appendAll appends n events alone and n in company: by plain publishes and by atomic batches.
func appendAll(ctx context.Context, l *eventlog.Log, n int) error {
	for i := range n {
		if err := appendOne(ctx, l, "alone", i); err != nil {
			return err
		}
	}
	errs := make([]error, sources)
	var wg sync.WaitGroup
	for s := range sources {
		wg.Go(func() {
			for i := 0; i < n && errs[s] == nil; i++ {
				errs[s] = appendOne(ctx, l, fmt.Sprintf("source%d", s), i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func appendOne(ctx context.Context, l *eventlog.Log, source string, i int) error {
	id := fmt.Sprintf("<%s-%d>", source, i)
	if _, err := l.Append(ctx, eventlog.Events, "events.default."+source, record.KindEvents, []eventlog.Line{{ID: id, Data: []byte(`"` + id + `"`)}}); err != nil {
		return err
	}
	_, err := os.Stdout.WriteString(id + "\n") // one write for each: the tracer takes it for the answer
	return err
}
