package jetlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/workspace"
)

// KV is a bucket of the configuration. It implements workspace.KV.
type KV struct {
	log    *JetLog
	name   string
	bucket jetstream.KeyValue
}

// KV returns the bucket of a name, and makes it when it is missing. It keeps no history.
func (j *JetLog) KV(ctx context.Context, bucket string) (*KV, error) {
	b, err := j.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: bucket, History: 1, Storage: jetstream.FileStorage, Replicas: j.replicas()})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	return &KV{log: j, name: bucket, bucket: b}, nil
}

// bucketStream is the stream that a bucket is, by JetStream's convention.
func bucketStream(bucket string) string { return "KV_" + bucket }

// Move makes a bucket of what is in another one, each value as rewrite has it, and then removes the other one with all its bytes. Revisions in the new bucket are greater than
// those in the old one. Where there is no old one, nothing is done; a move that was broken off is finished.
func (j *JetLog) Move(ctx context.Context, from, to string, rewrite func(key string, value []byte) ([]byte, error)) error {
	old, err := j.js.Stream(ctx, bucketStream(from))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("move bucket %s: %w", from, err)
	}
	cfg := old.CachedInfo().Config
	cfg.Name, cfg.Subjects, cfg.FirstSeq = bucketStream(to), []string{"$KV." + to + ".>"}, old.CachedInfo().State.LastSeq+1
	if _, err := j.js.CreateStream(ctx, cfg); err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return fmt.Errorf("move bucket %s: %w", from, err)
	}
	if err := j.copyEntries(ctx, from, to, rewrite); err != nil {
		return fmt.Errorf("move bucket %s: %w", from, err)
	}
	if err := j.js.DeleteStream(ctx, bucketStream(from)); err != nil {
		return fmt.Errorf("move bucket %s: %w", from, err)
	}
	return nil
}

// copyEntries copies what is in a bucket; an entry that is in the other one already was copied by an earlier try.
func (j *JetLog) copyEntries(ctx context.Context, from, to string, rewrite func(key string, value []byte) ([]byte, error)) error {
	source, err := j.js.KeyValue(ctx, from)
	if err != nil {
		return err
	}
	target, err := j.js.KeyValue(ctx, to)
	if err != nil {
		return err
	}
	w, err := source.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer w.Stop() //nolint:errcheck // nobody listens to it any more
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e, open := <-w.Updates():
			switch {
			case !open:
				return errors.New("the watch has ended")
			case e == nil:
				return nil
			}
			value, err := rewrite(e.Key(), e.Value())
			if err != nil {
				return err
			}
			if _, err := target.Create(ctx, e.Key(), value); err != nil && !errors.Is(err, jetstream.ErrKeyExists) {
				return fmt.Errorf("put %s: %w", e.Key(), err)
			}
		}
	}
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
