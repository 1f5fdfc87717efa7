// Package memkv is the workspace's bucket in memory, for tests.
package memkv

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"penstock/internal/workspace"
)

// KV is a bucket in memory. It keeps every change, so that a watch misses none.
type KV struct {
	mu       sync.Mutex
	revision uint64
	present  map[string]workspace.Entry
	changes  []workspace.Entry
	changed  chan struct{} // closed, and made anew, at each change
}

// New makes an empty bucket.
func New() *KV {
	return &KV{present: map[string]workspace.Entry{}, changed: make(chan struct{})}
}

// Put implements workspace.KV.
func (kv *KV) Put(ctx context.Context, key string, value []byte, expectRevision uint64) (uint64, error) {
	return kv.change(ctx, workspace.Entry{Key: key, Value: bytes.Clone(value)}, expectRevision)
}

// Delete implements workspace.KV.
func (kv *KV) Delete(ctx context.Context, key string, expectRevision uint64) error {
	_, err := kv.change(ctx, workspace.Entry{Key: key, Deleted: true}, expectRevision)
	return err
}

func (kv *KV) change(ctx context.Context, e workspace.Entry, expectRevision uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("write %s: %w", e.Key, err)
	}
	kv.mu.Lock()
	defer kv.mu.Unlock()
	if kv.present[e.Key].Revision != expectRevision {
		return 0, fmt.Errorf("write %s at revision %d: %w", e.Key, expectRevision, workspace.ErrConflict)
	}
	kv.revision++
	e.Revision = kv.revision
	if e.Deleted {
		delete(kv.present, e.Key)
	} else {
		kv.present[e.Key] = e
	}
	kv.changes = append(kv.changes, e)
	close(kv.changed)
	kv.changed = make(chan struct{})
	return e.Revision, nil
}

// Watch implements workspace.KV.
func (kv *KV) Watch(ctx context.Context, changes func(workspace.Entry)) error {
	kv.mu.Lock()
	present := slices.SortedFunc(maps.Values(kv.present), func(a, b workspace.Entry) int { return int(a.Revision) - int(b.Revision) }) //nolint:gosec // few revisions
	next := len(kv.changes)
	kv.mu.Unlock()
	for _, e := range present {
		changes(own(e))
	}
	changes(workspace.Entry{Synced: true})
	for {
		kv.mu.Lock()
		fresh, changed := kv.changes[next:], kv.changed
		next = len(kv.changes)
		kv.mu.Unlock()
		for _, e := range fresh {
			changes(own(e))
		}
		if len(fresh) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// own gives an entry a value of its own.
func own(e workspace.Entry) workspace.Entry {
	e.Value = bytes.Clone(e.Value)
	return e
}
