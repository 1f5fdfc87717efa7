package jetlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/workspace"
)

// KV is a bucket of the configuration. It implements workspace.KV.
type KV struct{ bucket jetstream.KeyValue }

// KV returns the bucket of a name, and makes it when it is missing. It keeps no history.
func (j *JetLog) KV(ctx context.Context, bucket string) (*KV, error) {
	b, err := j.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: bucket, History: 1, Storage: jetstream.FileStorage, Replicas: j.replicas()})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	return &KV{bucket: b}, nil
}

// Put writes an entry that stands at a revision.
func (k *KV) Put(ctx context.Context, key string, value []byte, expectRevision uint64) (revision uint64, err error) {
	if expectRevision == 0 {
		revision, err = k.bucket.Create(ctx, key, value)
	} else {
		revision, err = k.bucket.Update(ctx, key, value, expectRevision)
	}
	if err != nil {
		return 0, fmt.Errorf("put %s: %w", key, conflictOr(err))
	}
	return revision, nil
}

// Delete removes an entry that stands at a revision.
func (k *KV) Delete(ctx context.Context, key string, expectRevision uint64) error {
	if expectRevision == 0 {
		return fmt.Errorf("delete %s: %w", key, workspace.ErrConflict)
	}
	if err := k.bucket.Delete(ctx, key, jetstream.LastRevision(expectRevision)); err != nil {
		return fmt.Errorf("delete %s: %w", key, conflictOr(err))
	}
	return nil
}

// conflictOr makes workspace.ErrConflict of the errors that mean it.
func conflictOr(err error) error {
	if errors.Is(err, jetstream.ErrKeyExists) {
		return workspace.ErrConflict
	}
	if e, ok := errors.AsType[*jetstream.APIError](err); ok && (e.ErrorCode == codeWrongLastSequence || e.ErrorCode == codeWrongLastSequenceFixed) {
		return workspace.ErrConflict
	}
	return err
}

// Watch reports what is present, then that this was all, then each change.
func (k *KV) Watch(ctx context.Context, changes func(workspace.Entry)) error {
	w, err := k.bucket.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch configuration: %w", err)
	}
	defer w.Stop() //nolint:errcheck // nobody listens to it any more
	synced := false
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e, open := <-w.Updates():
			switch {
			case !open && ctx.Err() != nil:
				return context.Cause(ctx)
			case !open:
				return errors.New("watch configuration: the watch has ended")
			case e == nil:
				synced = true
				changes(workspace.Entry{Synced: true})
			case e.Operation() == jetstream.KeyValuePut:
				changes(workspace.Entry{Key: e.Key(), Value: e.Value(), Revision: e.Revision()})
			case synced:
				changes(workspace.Entry{Key: e.Key(), Revision: e.Revision(), Deleted: true})
			}
		}
	}
}
