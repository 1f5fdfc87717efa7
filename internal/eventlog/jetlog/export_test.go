package jetlog

import (
	"context"
	"log/slog"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/eventlog"
)

// Remove takes a message out of a stream.
func (j *JetLog) Remove(ctx context.Context, name eventlog.Stream, seq uint64) error {
	s, err := j.js.Stream(ctx, string(name))
	if err != nil {
		return err
	}
	return s.DeleteMsg(ctx, seq)
}

// Plain is what is in a block, compressed or not.
func Plain(stored []byte) ([]byte, error) { return plain(stored) }

// Disconnect closes all connections to the embedded server, as the server does with one that takes too little, and
// returns how many there were.
func (j *JetLog) Disconnect() (int, error) {
	open, err := j.server.Connz(&server.ConnzOptions{})
	if err != nil {
		return 0, err
	}
	for _, c := range open.Conns {
		if err := j.server.DisconnectClientByID(c.Cid); err != nil {
			return 0, err
		}
	}
	return len(open.Conns), nil
}

// Reopen opens the log again, as after a write that has found no room.
func (j *JetLog) Reopen(ctx context.Context) error {
	j.jammed.Store(true)
	return j.reopen(ctx)
}

// Watchers hands over the server's watchers of a bucket as they begin: to stop one is what the server does when it ends
// one.
func (k *KV) Watchers() <-chan jetstream.KeyWatcher {
	b := &watched{KeyValue: k.bucket, watchers: make(chan jetstream.KeyWatcher, 16)}
	k.bucket = b
	return b.watchers
}

type watched struct {
	jetstream.KeyValue

	watchers chan jetstream.KeyWatcher
}

// WatchAll is the bucket's own.
func (w *watched) WatchAll(ctx context.Context, opts ...jetstream.WatchOpt) (jetstream.KeyWatcher, error) {
	watcher, err := w.KeyValue.WatchAll(ctx, opts...)
	if err == nil {
		w.watchers <- watcher
	}
	return watcher, err
}

// Notice hands a line to the logger as the embedded server does what it notes.
func Notice(logger *slog.Logger, format string, v ...any) {
	(&bridge{logger: logger}).Noticef(format, v...)
}
