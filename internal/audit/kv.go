package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"penstock/internal/record"
	"penstock/internal/workspace"
)

// KV is a bucket of the configuration whose every change is in the trail, with the principal of the context that it is made in.
type KV struct {
	bucket  workspace.KV
	trail   *Trail
	catalog workspace.Catalog

	mu    sync.Mutex
	known map[string]known // by key
}

// known is what an entry holds, without its secrets.
type known struct {
	revision uint64
	value    json.RawMessage // nil: it was deleted
}

// Wrap makes a KV over a bucket. It must be watched: so it learns what entries were before they change.
func Wrap(bucket workspace.KV, trail *Trail, catalog workspace.Catalog) *KV {
	return &KV{bucket: bucket, trail: trail, catalog: catalog, known: map[string]known{}}
}

// Put implements workspace.KV.
func (kv *KV) Put(ctx context.Context, key string, value []byte, expectRevision uint64) (revision uint64, err error) {
	after, err := kv.masked(key, value)
	if err != nil {
		return 0, fmt.Errorf("write to audit trail: %w", err)
	}
	r := record.Audit{Action: Update, Before: kv.before(key, expectRevision), After: after}
	if expectRevision == 0 {
		r.Action = Create
	}
	r.Kind, r.ID, r.Name, _ = workspace.Describe(key, value)
	err = kv.trail.Around(ctx, r, func() (err error) {
		revision, err = kv.bucket.Put(ctx, key, value, expectRevision)
		return err
	})
	if err == nil {
		kv.learn(key, known{revision: revision, value: after})
	}
	return revision, err
}

// Delete implements workspace.KV.
func (kv *KV) Delete(ctx context.Context, key string, expectRevision uint64) error {
	r := record.Audit{Action: Delete, Before: kv.before(key, expectRevision)}
	r.Kind, r.ID, r.Name, _ = workspace.Describe(key, r.Before)
	return kv.trail.Around(ctx, r, func() error { return kv.bucket.Delete(ctx, key, expectRevision) })
}

// Watch implements workspace.KV.
func (kv *KV) Watch(ctx context.Context, changes func(workspace.Entry)) error {
	return kv.bucket.Watch(ctx, func(e workspace.Entry) {
		if !e.Synced {
			kv.take(e)
		}
		changes(e)
	})
}

// masked is the value of an entry as a record has it. What is no JSON stands there as text.
func (kv *KV) masked(key string, value []byte) (json.RawMessage, error) {
	if !json.Valid(value) {
		return json.Marshal(string(value))
	}
	return workspace.MaskEntry(kv.catalog, key, value)
}

func (kv *KV) take(e workspace.Entry) {
	k := known{revision: e.Revision}
	if !e.Deleted {
		if masked, err := kv.masked(e.Key, e.Value); err == nil {
			k.value = masked
		}
	}
	kv.learn(e.Key, k)
}

func (kv *KV) learn(key string, k known) {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	switch {
	case k.revision < kv.known[key].revision:
	case k.value == nil:
		delete(kv.known, key)
	default:
		kv.known[key] = k
	}
}

// before is what an entry held at a revision; nil when that is not known.
func (kv *KV) before(key string, revision uint64) json.RawMessage {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	if k := kv.known[key]; revision > 0 && k.revision == revision {
		return k.value
	}
	return nil
}
