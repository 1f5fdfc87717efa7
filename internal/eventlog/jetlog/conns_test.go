package jetlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/workspace"
)

// aLog opens a log with the default configuration, which is closed when the test ends.
func aLog(t *testing.T) *jetlog.JetLog {
	t.Helper()
	p := &place{dir: t.TempDir()}
	p.Open(t)
	t.Cleanup(func() { p.Close(t) })
	return p.store
}

// put appends a message of so many bytes to a subject of its own.
func put(ctx context.Context, log *jetlog.JetLog, subject string, size int) error {
	data := []byte(strings.Repeat("x", size))
	_, err := log.Append(ctx, eventlog.Events, []eventlog.Message{{Subject: "events.default." + subject, Data: data}})
	return err
}

// Many readers that read all there is at the same time, each in pieces as large as the lanes', lose no connection, and
// neither do those who append and ask where subjects end meanwhile.
func TestManyReaders(t *testing.T) {
	const readers, frames, size = 32, 16, 1 << 20
	log := aLog(t)
	for i := range frames {
		if err := put(t.Context(), log, fmt.Sprintf("before-%d", i), size); err != nil {
			t.Fatal(err)
		}
	}
	var reading, appending sync.WaitGroup
	var done atomic.Bool
	for range readers {
		reading.Go(func() {
			for from := uint64(1); from <= frames; {
				found, err := log.Read(t.Context(), eventlog.Events, "events.default.*", from, 4<<20)
				if err != nil {
					t.Errorf("read from %d: %v", from, err)
					return
				}
				from = found[len(found)-1].Seq + 1
			}
		})
	}
	appending.Go(func() {
		for i := 0; !done.Load(); i++ {
			if err := put(t.Context(), log, fmt.Sprintf("meanwhile-%d", i), 100); err != nil {
				t.Errorf("append meanwhile: %v", err)
			}
			if _, err := log.Before(t.Context(), eventlog.Events, "events.default.before-0", 0); err != nil {
				t.Errorf("ask for an end meanwhile: %v", err)
			}
		}
	})
	reading.Wait()
	done.Store(true)
	appending.Wait()
	if n := log.SlowConsumers(); n != 0 {
		t.Errorf("%d connections took too little", n)
	}
}

// Reads that nobody waits for any longer do not get in the way of others.
func TestReadsAreGivenUp(t *testing.T) {
	log := aLog(t)
	for i := range 8 {
		if err := put(t.Context(), log, fmt.Sprint(i), 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := log.Read(ctx, eventlog.Events, "events.>", 1, 4<<20); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("a read that is given up: %v", err)
			}
		})
		if i%2 == 0 {
			cancel()
		} else {
			wg.Go(cancel)
		}
	}
	wg.Wait()
	for seq := uint64(1); seq <= 8; seq++ {
		found, err := log.Read(t.Context(), eventlog.Events, "events.>", seq, 1)
		if err != nil || len(found) != 1 || found[0].Seq != seq {
			t.Errorf("read from %d: %d messages, %v", seq, len(found), err)
		}
	}
}

// A log whose connections are lost goes on: what is on its way fails at once, and what follows is carried out.
func TestConnectionsAreLost(t *testing.T) {
	log := aLog(t)
	if err := put(t.Context(), log, "first", 1<<20); err != nil {
		t.Fatal(err)
	}
	bucket, err := log.KV(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	seen := follow(t, bucket)
	want := []string{"all"}
	seen(len(want))
	for round := range 3 {
		n, err := log.Disconnect()
		if err != nil || n < 3 {
			t.Fatalf("%d connections are closed: %v", n, err)
		}
		again(t, func() error {
			err := put(t.Context(), log, fmt.Sprintf("after-%d", round), 100)
			if errors.Is(err, eventlog.ErrConflict) { // an earlier try has arrived
				return nil
			}
			return err
		})
		again(t, func() error {
			_, err := log.Read(t.Context(), eventlog.Events, "events.>", 1, 4<<20)
			return err
		})
		key := fmt.Sprintf("k%d", round)
		again(t, func() error {
			_, err := bucket.Put(t.Context(), key, []byte("v"), 0)
			if errors.Is(err, workspace.ErrConflict) { // here, too
				return nil
			}
			return err
		})
		want = append(want, key+"=v")
		if diff := cmp.Diff(want, seen(len(want))); diff != "" {
			t.Fatalf("the watch (-want +got):\n%s", diff)
		}
	}
}

// again tries until a step succeeds, while there is no connection.
func again(t *testing.T, step func() error) {
	t.Helper()
	for {
		err := step()
		if err == nil {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

// A watch that the server ends, or whose log is opened again, reports what has changed meanwhile and nothing twice.
func TestWatchBeginsAgain(t *testing.T) {
	log := aLog(t)
	bucket, err := log.KV(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	other, err := log.KV(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	watchers := bucket.Watchers()
	revisions := map[string]uint64{}
	write := func(key, value string) {
		t.Helper()
		if revisions[key], err = other.Put(t.Context(), key, []byte(value), revisions[key]); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(key string) {
		t.Helper()
		if err := other.Delete(t.Context(), key, revisions[key]); err != nil {
			t.Fatal(err)
		}
	}
	write("stays", "1")
	write("changes", "1")
	write("goes", "1")
	write("was-gone", "1")
	remove("was-gone")
	seen := follow(t, bucket)
	want := []string{"stays=1", "changes=1", "goes=1", "all"}
	if diff := cmp.Diff(want, seen(len(want))); diff != "" {
		t.Fatalf("what is present (-want +got):\n%s", diff)
	}
	if err := (<-watchers).Stop(); err != nil {
		t.Fatal(err)
	}
	write("changes", "2")
	remove("goes")
	write("comes", "1")
	want = append(want, "changes=2", "goes is deleted", "comes=1")
	if diff := cmp.Diff(want, seen(len(want))); diff != "" {
		t.Fatalf("after the watch has ended (-want +got):\n%s", diff)
	}
	<-watchers
	if err := log.Reopen(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-watchers // it begins again without waiting for the server's heartbeats
	write("changes", "3")
	want = append(want, "changes=3")
	if diff := cmp.Diff(want, seen(len(want))); diff != "" {
		t.Fatalf("after the log was opened again (-want +got):\n%s", diff)
	}
}

// follow watches a bucket until the test ends. The result waits until so many things were reported, and returns them.
func follow(t *testing.T, bucket workspace.KV) func(n int) []string {
	t.Helper()
	reports := make(chan string, 100)
	done := make(chan error, 1)
	go func() {
		done <- bucket.Watch(t.Context(), func(e workspace.Entry) {
			switch {
			case e.Synced:
				reports <- "all"
			case e.Deleted:
				reports <- e.Key + " is deleted"
			default:
				reports <- e.Key + "=" + string(e.Value)
			}
		})
	}()
	t.Cleanup(func() {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the watch ended: %v", err)
		}
	})
	var seen []string
	return func(n int) []string {
		t.Helper()
		for len(seen) < n {
			select {
			case r := <-reports:
				seen = append(seen, r)
			case err := <-done:
				done <- err
				t.Fatalf("the watch ended after %v: %v", seen, err)
			}
		}
		return seen
	}
}

// A connection that the server closes because it takes too little is an error, not a note.
func TestSlowConsumerIsAnError(t *testing.T) {
	var lines strings.Builder
	logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelError}))
	jetlog.Notice(logger, "%s - Slow Consumer Detected: MaxPending of %d Exceeded", "cid:4", 1<<26)
	jetlog.Notice(logger, "Server is ready")
	if got := lines.String(); !strings.Contains(got, "cid:4 - Slow Consumer Detected") || strings.Contains(got, "ready") {
		t.Errorf("at error level: %q, want the slow consumer alone", got)
	}
}
