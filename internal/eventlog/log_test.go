package eventlog_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// open runs a Log over store until the test ends.
func open(t *testing.T, store eventlog.Store) *eventlog.Log {
	t.Helper()
	l, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l
}

func appendLine(t *testing.T, l *eventlog.Log, subject, text string) record.Position {
	t.Helper()
	p, err := l.Append(t.Context(), eventlog.Events, subject, record.KindEvents, []eventlog.Line{{ID: text, Data: []byte(`"` + text + `"`)}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAppendThenRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, memlog.New())
		r := l.Read(eventlog.Events, "events.>", 1)
		for i := range 5 {
			p := appendLine(t, l, fmt.Sprintf("events.default.s%d", i%2), fmt.Sprint(i))
			c, err := r.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(c.Body), fmt.Sprintf("\"%d\"\n", i); got != want || c.Seq != p.Seq || c.Lost != 0 {
				t.Fatalf("chunk %d: got %q at %d, lost %d; want %q at %d", i, got, c.Seq, c.Lost, want, p.Seq)
			}
		}
	})
}

// A reader that waits goes on past frames that are not its own, also when they come between its last try and its waiting.
func TestWaitingReaderPassesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, memlog.New())
		r := l.Read(eventlog.Events, "events.default.s0", 1)
		appendLine(t, l, "events.default.s0", "mine")
		for want := range 2 {
			if _, ok, err := r.TryNext(t.Context()); ok != (want == 0) || err != nil {
				t.Fatalf("try %d: %v, %v", want, ok, err)
			}
		}
		last := appendLine(t, l, "events.default.s1", "another's")
		<-r.Wait()
		if _, ok, err := r.TryNext(t.Context()); ok || err != nil || r.Position() != last.Seq+1 {
			t.Errorf("stands at %d with %v, %v; want %d and nothing", r.Position(), ok, err, last.Seq+1)
		}
		select {
		case <-r.Wait():
			t.Error("there is nothing more, and it does not wait")
		default:
		}
	})
}
