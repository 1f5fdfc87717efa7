package jetlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/workspace"
)

// watchPause is how long a watch that has ended waits until it begins again.
const watchPause = time.Second

var (
	errWatchEnded = errors.New("the watch has ended")
	errReopened   = errors.New("the log was opened again")
)

// Watch reports what is present, then that this was all, then each change, until ctx ends: where the server ends the
// watch, another one reports what has changed meanwhile. It fails where it cannot begin.
func (k *KV) Watch(ctx context.Context, changes func(workspace.Entry)) error {
	w := &watching{kv: k, changes: changes, revisions: map[string]uint64{}}
	for {
		err := w.run(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errReopened):
			continue // at once
		case !w.synced && !errors.Is(err, errWatchEnded):
			return fmt.Errorf("watch bucket %s: %w", k.name, err)
		}
		k.log.logger.LogAttrs(ctx, slog.LevelWarn, "watch of bucket begins again",
			slog.String("stage", "jetlog"), slog.String("bucket", k.name), slog.Any("error", err))
		select {
		case <-time.After(watchPause):
		case <-ctx.Done():
		}
	}
}

// watching is a watch over all its beginnings.
type watching struct {
	kv        *KV
	changes   func(workspace.Entry)
	revisions map[string]uint64 // of what was reported and is not deleted
	synced    bool
}

// run watches until ctx ends, or the server ends the watch.
func (w *watching) run(ctx context.Context) error {
	reopened := w.kv.log.reopened.next()
	updates, err := w.kv.bucket.WatchAll(ctx)
	if err != nil {
		return err
	}
	defer updates.Stop() //nolint:errcheck // nobody listens to it any more
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-reopened:
			return errReopened
		case e, open := <-updates.Updates():
			if !open {
				return errWatchEnded
			}
			w.report(e)
		}
	}
}

// report passes an entry on, unless it was reported before; nil says that there are no more for now.
func (w *watching) report(e jetstream.KeyValueEntry) {
	switch {
	case e == nil && w.synced:
		return
	case e == nil:
		w.synced = true
		w.changes(workspace.Entry{Synced: true})
		return
	}
	known, present := w.revisions[e.Key()]
	switch {
	case present && known >= e.Revision():
		return
	case e.Operation() == jetstream.KeyValuePut:
		w.revisions[e.Key()] = e.Revision()
		w.changes(workspace.Entry{Key: e.Key(), Value: e.Value(), Revision: e.Revision()})
	case present:
		delete(w.revisions, e.Key())
		w.changes(workspace.Entry{Key: e.Key(), Revision: e.Revision(), Deleted: true})
	}
}
