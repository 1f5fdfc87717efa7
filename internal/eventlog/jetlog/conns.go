package jetlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"
)

// connect makes the connections to the log's server: one for appends, one for reads, and one for control, which is
// JetStream's API, the buckets with their watches, and the ends of subjects, which a commit asks for. A server answers
// direct reads in the loop that takes a connection's requests, so an append would wait for all reads that were asked
// for before it; and it closes a connection for which more than 64 MiB wait.
func (j *JetLog) connect(ctx context.Context, url string, opts ...nats.Option) error {
	ctx = context.WithoutCancel(ctx) // the connections outlive the call
	var errs []error
	dial := func(name string, lost func()) *nats.Conn {
		conn, err := nats.Connect(url, append(opts,
			nats.Name("penstock "+name), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1),
			nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { j.connFailed(ctx, name, err) }),
			nats.DisconnectErrHandler(func(c *nats.Conn, err error) {
				if c.IsClosed() {
					return
				}
				j.logger.LogAttrs(ctx, slog.LevelError, "log connection is lost", slog.String("stage", "jetlog"),
					slog.String("connection", name), slog.Any("error", err))
				lost()
			}))...)
		errs = append(errs, err)
		return conn
	}
	j.appends, j.reads, j.ends = newAsker(appendsMax, 0), newAsker(readsMax, readTimeout), newAsker(endsMax, askTimeout)
	j.appends.conn = dial("appends", j.appends.lost.tell)
	j.reads.conn = dial("reads", j.reads.lost.tell)
	j.control = dial("control", j.ends.lost.tell)
	j.ends.conn = j.control
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("connect to log server: %w", err)
	}
	return nil
}

// connFailed logs an error of a connection. A slow consumer has lost some of what was sent to it; the bounds on what is
// on its way are there to prevent that.
func (j *JetLog) connFailed(ctx context.Context, name string, err error) {
	level := slog.LevelWarn
	if errors.Is(err, nats.ErrSlowConsumer) {
		level = slog.LevelError
		j.slowConsumers.Add(1)
	}
	j.logger.LogAttrs(ctx, level, "log connection",
		slog.String("stage", "jetlog"), slog.String("connection", name), slog.Any("error", err))
}

// SlowConsumers is how often a connection to the log's server did not take what was sent to it, since the start, and
// something was lost. Anything but 0 is an alarm. It counts on both sides of the embedded server's connections.
func (j *JetLog) SlowConsumers() int64 {
	n := j.slowConsumers.Load()
	if j.server != nil {
		n += j.server.NumSlowConsumers()
	}
	return n
}

// disconnect lets what was sent arrive, and closes the connections.
func (j *JetLog) disconnect() error {
	if j.appends == nil {
		return nil
	}
	var errs []error
	for _, conn := range []*nats.Conn{j.appends.conn, j.reads.conn, j.control} {
		if conn == nil || conn.IsClosed() {
			continue
		}
		if err := conn.FlushTimeout(closeTimeout); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			errs = append(errs, fmt.Errorf("close connection: %w", err))
		}
		conn.Close()
	}
	return errors.Join(errs...)
}
