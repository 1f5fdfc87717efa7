package eventlog_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// deaf is a store whose answers do not come while it is deaf, though it stores.
type deaf struct {
	*memlog.Store

	mu   sync.Mutex
	deaf bool
}

func (d *deaf) set(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deaf = on
}

func (d *deaf) Append(ctx context.Context, stream eventlog.Stream, msgs []eventlog.Message) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first, err := d.Store.Append(ctx, stream, msgs)
	if d.deaf {
		return 0, errors.New("no answer")
	}
	return first, err
}

func (d *deaf) Before(ctx context.Context, stream eventlog.Stream, subject string, before uint64) (eventlog.Stored, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.deaf {
		return eventlog.Stored{}, errors.New("no answer")
	}
	return d.Store.Before(ctx, stream, subject, before)
}

// ids is an index of seen ids in memory.
type ids map[string]record.Position

func (x ids) First(source, id string, _ int64) (record.Position, bool) {
	p, ok := x[source+" "+id]
	return p, ok
}

func (x ids) Note(_ uint64, entries []eventlog.Seen) error {
	for _, e := range entries {
		if !e.Repeat {
			x[e.Source+" "+e.ID] = e.At
		}
	}
	return nil
}

// An append whose answer never came is in the log all the same; what its caller sends again is a duplicate, and readers get both.
func TestAppendOfUnknownFateIsFoundAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &deaf{Store: memlog.New()}
		l, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		l.SetIndex(ids{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		line := []eventlog.Line{{ID: "a", Data: []byte(`"a"`)}}

		appendLine(t, l, "events.default.web", "first")
		store.set(true)
		if _, err := l.Append(t.Context(), eventlog.Events, "events.default.web", record.KindEvents, line); err == nil {
			t.Fatal("append without an answer: got no error")
		}
		store.set(false)
		p, err := l.Append(t.Context(), eventlog.Events, "events.default.web", record.KindEvents, line)
		if err != nil {
			t.Fatal(err)
		}
		if want := (record.Position{Seq: 3}); p != want {
			t.Errorf("position of the second try: got %v, want %v", p, want)
		}
		c, err := l.Chunk(t.Context(), eventlog.Events, 3)
		if err != nil {
			t.Fatal(err)
		}
		if of, dup := c.Header.DupOf(3, 0); !dup || of != (record.Position{Seq: 2}) {
			t.Errorf("second try: got duplicate %v of %v, want it to be one of 2.0", dup, of)
		}
		r := l.Read(eventlog.Events, "events.>", 1)
		for want := uint64(1); want <= 3; want++ {
			if c, err := r.Next(t.Context()); err != nil || c.Seq != want || c.Lost != 0 {
				t.Fatalf("read: got frame %d, lost %d, error %v; want frame %d", c.Seq, c.Lost, err, want)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestTimeDoesNotGoBackOverARestart(t *testing.T) {
	store := memlog.New()
	synctest.Test(t, func(t *testing.T) {
		<-time.After(100 * 24 * time.Hour) // fake time
		appendLine(t, open(t, store), "events.default.web", "late")
	})
	synctest.Test(t, func(t *testing.T) { // the clock has been set back
		l := open(t, store)
		first, err := l.Chunk(t.Context(), eventlog.Events, 1)
		if err != nil {
			t.Fatal(err)
		}
		appendLine(t, l, "events.default.web", "early")
		second, err := l.Chunk(t.Context(), eventlog.Events, 2)
		if err != nil {
			t.Fatal(err)
		}
		if second.Header.At < first.Header.At {
			t.Errorf("time of the second frame: got %d, want at least %d", second.Header.At, first.Header.At)
		}
	})
}
