// Package kvtest is the suite that every implementation of workspace.KV passes.
package kvtest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/workspace"
)

// Run tests the buckets that open makes; each must be empty.
func Run(t *testing.T, open func(t *testing.T) workspace.KV) {
	t.Helper()
	t.Run("an entry is written at the revision that it stands at", func(t *testing.T) { writes(t, open(t)) })
	t.Run("a watch reports what is present and then what changes", func(t *testing.T) { watches(t, open(t)) })
	t.Run("of concurrent writers at one revision one wins", func(t *testing.T) { races(t, open(t)) })
	t.Run("two watches of one bucket do not disturb each other", func(t *testing.T) { twoWatches(t, open(t)) })
	t.Run("an empty bucket is synced at once", func(t *testing.T) {
		w := watch(t, open(t))
		if e := w.next(t); !e.Synced {
			t.Fatalf("first report of an empty bucket: %+v, want Synced", e)
		}
	})
}

func put(t *testing.T, kv workspace.KV, key, value string, expect uint64) uint64 {
	t.Helper()
	revision, err := kv.Put(t.Context(), key, []byte(value), expect)
	if err != nil {
		t.Fatalf("put %s at %d: %v", key, expect, err)
	}
	if revision <= expect {
		t.Fatalf("put %s at %d gave revision %d, want a greater one", key, expect, revision)
	}
	return revision
}

func conflicts(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, workspace.ErrConflict) {
		t.Errorf("%s: %v, want ErrConflict", what, err)
	}
}

func writes(t *testing.T, kv workspace.KV) {
	t.Helper()
	ctx := t.Context()
	first := put(t, kv, "default.sources.a", "1", 0)
	_, err := kv.Put(ctx, "default.sources.a", []byte("2"), 0)
	conflicts(t, "put of an entry that exists as if it did not", err)
	second := put(t, kv, "default.sources.a", "2", first)
	other := put(t, kv, "default.apps.b", "x", 0)
	if other <= second {
		t.Errorf("revision %d of another key after revision %d, want a greater one", other, second)
	}
	_, err = kv.Put(ctx, "default.sources.a", []byte("3"), first)
	conflicts(t, "put at an old revision", err)
	conflicts(t, "delete at an old revision", kv.Delete(ctx, "default.sources.a", first))
	if err := kv.Delete(ctx, "default.sources.a", second); err != nil {
		t.Fatalf("delete: %v", err)
	}
	conflicts(t, "delete of a deleted entry", kv.Delete(ctx, "default.sources.a", second))
	if again := put(t, kv, "default.sources.a", "4", 0); again <= other {
		t.Errorf("revision %d of an entry made anew after revision %d, want a greater one", again, other)
	}
}

func watches(t *testing.T, kv workspace.KV) {
	t.Helper()
	a := put(t, kv, "default.sources.a", "1", 0)
	a = put(t, kv, "default.sources.a", "2", a)
	b := put(t, kv, "default.sources.b", "gone", 0)
	if err := kv.Delete(t.Context(), "default.sources.b", b); err != nil {
		t.Fatalf("delete: %v", err)
	}
	c := put(t, kv, "default.apps.c", "3", 0)

	w := watch(t, kv)
	present := map[string]string{}
	for {
		e := w.next(t)
		if e.Synced {
			break
		}
		if e.Deleted {
			continue // a bucket may report what was deleted before the watch began
		}
		present[e.Key] = string(e.Value)
		if want := map[string]uint64{"default.sources.a": a, "default.apps.c": c}[e.Key]; e.Revision != want {
			t.Errorf("revision of %s: %d, want %d", e.Key, e.Revision, want)
		}
	}
	if diff := cmp.Diff(map[string]string{"default.sources.a": "2", "default.apps.c": "3"}, present); diff != "" {
		t.Errorf("what is present (-want +got):\n%s", diff)
	}

	a = put(t, kv, "default.sources.a", "5", a)
	if e := w.next(t); e.Key != "default.sources.a" || string(e.Value) != "5" || e.Revision != a || e.Deleted || e.Synced {
		t.Errorf("report of a change: %+v", e)
	}
	if err := kv.Delete(t.Context(), "default.sources.a", a); err != nil {
		t.Fatalf("delete: %v", err)
	}
	if e := w.next(t); e.Key != "default.sources.a" || !e.Deleted || e.Revision <= a || e.Synced {
		t.Errorf("report of a deletion: %+v", e)
	}
}

func races(t *testing.T, kv workspace.KV) {
	t.Helper()
	const writers = 16
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { _, errs[i] = kv.Put(t.Context(), "default.sources.a", []byte(strconv.Itoa(i)), 0) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		conflicts(t, "put of a loser", err)
	}
	if won != 1 {
		t.Errorf("%d of %d writers won, want 1", won, writers)
	}
}

func twoWatches(t *testing.T, kv workspace.KV) {
	t.Helper()
	first, second := watch(t, kv), watch(t, kv)
	put(t, kv, "default.sources.a", "1", 0)
	put(t, kv, "default.sources.b", "2", 0)
	for _, w := range []*watcher{first, second} {
		var keys []string
		for len(keys) < 2 {
			if e := w.next(t); !e.Synced {
				keys = append(keys, e.Key)
			}
		}
		if want := []string{"default.sources.a", "default.sources.b"}; !slices.Equal(keys, want) {
			t.Errorf("keys reported: %v, want %v", keys, want)
		}
	}
}

type watcher struct{ entries chan workspace.Entry }

// watch begins a watch that ends with the test.
func watch(t *testing.T, kv workspace.KV) *watcher {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watcher{entries: make(chan workspace.Entry)}
	done := make(chan error, 1)
	go func() {
		done <- kv.Watch(ctx, func(e workspace.Entry) {
			select {
			case w.entries <- e:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("watch ended with %v, want the cause of its context's end", err)
		}
	})
	return w
}

// next waits for the next report; a bucket that never makes it is ended by the test's own timeout.
func (w *watcher) next(t *testing.T) workspace.Entry {
	t.Helper()
	select {
	case e := <-w.entries:
		return e
	case <-t.Context().Done():
		t.Fatal("no report")
		return workspace.Entry{}
	}
}
