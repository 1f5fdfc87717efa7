package analyze

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
)

// Log is what analyze needs of the log.
type Log interface {
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(stream eventlog.Stream) uint64
}

// Config is what an operator may set.
type Config struct {
	// Linger is how long a call that was received waits for others, to be written with them; so it is about the age of the newest row. Default 50 ms.
	Linger time.Duration
	// BatchRows is about how many rows are written at a time. Default 20,000.
	BatchRows int
	// RetryAfter is how long to wait after a batch could not be written. Default 5 s.
	RetryAfter time.Duration
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{Linger: 50 * time.Millisecond, BatchRows: 20_000, RetryAfter: 5 * time.Second}
}

const batchBytesMax = 16 << 20 // about how many bytes of the log are written at a time

// Analyzer projects RECEIVED into DuckDB and answers questions about it.
type Analyzer struct {
	db       *duck.DB
	writer   *duck.Writer
	log      Log
	cfg      Config
	logger   *slog.Logger
	filter   *filter // of the hashes that are in the table; Run's own
	position atomic.Uint64
	forgets  chan forget
}

// New makes an Analyzer and its tables, and reads where they stand. Tables that stand after the end of the log belong to another log, and are
// begun anew.
func New(ctx context.Context, db *duck.DB, log Log, cfg Config, logger *slog.Logger) (*Analyzer, error) {
	w, err := db.Writer(ctx, duck.Analytics, schema())
	if err != nil {
		return nil, err
	}
	a := &Analyzer{db: db, writer: w, log: log, cfg: cfg, logger: logger, forgets: make(chan forget)}
	if err := a.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read state of analytics: %w", err), w.Close())
	}
	return a, nil
}

func (a *Analyzer) begin(ctx context.Context) error {
	position, err := a.stored(ctx)
	if err != nil {
		return err
	}
	if last := a.log.Last(eventlog.Received); position > last {
		a.logger.LogAttrs(ctx, slog.LevelWarn, "analytics belong to another log, begun anew", slog.String("stage", "analyze"), slog.Uint64("position", position), slog.Uint64("last", last))
		if err := a.writer.Reset(ctx); err != nil {
			return err
		}
		position = 0
	}
	a.position.Store(position)
	return a.refill(ctx)
}

// stored is the position in the tables.
func (a *Analyzer) stored(ctx context.Context) (seq uint64, err error) {
	err = duck.Each(ctx, a.writer, func(r *sql.Rows) error { return r.Scan(&seq) }, "SELECT seq FROM analytics.position")
	return seq, err
}

// refill makes the filter anew, from the table.
func (a *Analyzer) refill(ctx context.Context) error {
	n := 0
	err := duck.Each(ctx, a.writer, func(r *sql.Rows) error { return r.Scan(&n) }, "SELECT count(call_hash) + count(message_hash) FROM analytics.calls")
	if err != nil {
		return err
	}
	f := newFilter(n)
	err = duck.Each(ctx, a.writer, func(r *sql.Rows) error {
		var call, message sql.Null[uint64]
		if err := r.Scan(&call, &message); err != nil {
			return err
		}
		f.add(call.V)
		f.add(message.V)
		return nil
	}, "SELECT call_hash, message_hash FROM analytics.calls WHERE call_hash IS NOT NULL OR message_hash IS NOT NULL")
	a.filter = f
	return err
}

// Position is the sequence of RECEIVED that the tables reach.
func (a *Analyzer) Position() uint64 { return a.position.Load() }

// Close gives the writer back. Run must have ended.
func (a *Analyzer) Close() error { return a.writer.Close() }

// Run follows RECEIVED until ctx ends. A batch that cannot be written is tried again, without end; only duck.ErrDamaged ends Run.
func (a *Analyzer) Run(ctx context.Context) error {
	err := a.follow(ctx)
	for !stopped(ctx) {
		if errors.Is(err, duck.ErrDamaged) {
			return fmt.Errorf("write analytics: %w", err)
		}
		a.logger.LogAttrs(ctx, slog.LevelError, "analytics were not written, trying again", slog.String("stage", "analyze"), slog.Uint64("position", a.Position()), slog.Any("error", err))
		pause(ctx, a.cfg.RetryAfter)
		if err = a.begin(ctx); err == nil { // only the tables know whether a commit that failed was carried out
			err = a.follow(ctx)
		}
	}
	return nil
}

// follow projects from the position on, until something fails.
func (a *Analyzer) follow(ctx context.Context) error {
	r := a.log.Read(eventlog.Received, "received.>", a.Position()+1)
	for {
		select {
		case <-r.Wait():
		case f := <-a.forgets:
			f.done <- a.writer.Transact(ctx, func(tx *duck.Tx) error { return f.carryOut(ctx, tx) })
			continue
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		pause(ctx, a.cfg.Linger)
		if err := a.catchUp(ctx, r); err != nil {
			return err
		}
	}
}

// catchUp projects what there is to read.
func (a *Analyzer) catchUp(ctx context.Context, r *eventlog.Reader) error {
	for {
		b, err := a.gather(ctx, r)
		if err != nil {
			return err
		}
		if err := a.store(ctx, &b); err != nil || !b.more {
			return err
		}
	}
}

// batch is what is written in one transaction.
type batch struct {
	calls []call
	holes [][]driver.Value
	upTo  uint64
	more  bool // there may be more to read
}

// gather takes what there is to read, up to the size of a batch.
func (a *Analyzer) gather(ctx context.Context, r *eventlog.Reader) (batch, error) {
	b := batch{}
	for size := 0; len(b.calls) < a.cfg.BatchRows && size < batchBytesMax; {
		c, ok, err := r.TryNext(ctx)
		if err != nil {
			return b, err
		}
		if !ok {
			b.upTo = r.Position() - 1
			return b, nil
		}
		var unreadable uint64
		b.calls, unreadable = decode(&c, b.calls)
		if c.Lost += unreadable; c.Lost > 0 {
			a.logger.LogAttrs(ctx, slog.LevelError, "received lines are lost", slog.String("stage", "analyze"), slog.String("subject", c.Subject), slog.Uint64("seq", c.Seq), slog.Uint64("lines", c.Lost))
			b.holes = append(b.holes, []driver.Value{c.Subject, c.Seq, c.Lost})
		}
		size += len(c.Body)
		b.upTo = c.Seq
	}
	b.more = true
	return b, nil
}

// store writes a batch and the position that it reaches.
func (a *Analyzer) store(ctx context.Context, b *batch) error {
	if b.upTo <= a.Position() {
		return nil
	}
	calls, messages, err := a.known(ctx, b.calls)
	if err != nil {
		return err
	}
	judge(b.calls, calls, messages)
	err = a.writer.Transact(ctx, func(tx *duck.Tx) error {
		if err := tx.Append(ctx, "calls", rows(b.calls)); err != nil {
			return err
		}
		if len(b.holes) > 0 {
			if err := tx.Append(ctx, "holes", slices.Values(b.holes)); err != nil {
				return err
			}
		}
		return tx.Exec(ctx, "UPDATE analytics.position SET seq = ?", b.upTo)
	})
	if err != nil {
		return err
	}
	a.position.Store(b.upTo)
	for i := range b.calls {
		a.filter.add(b.calls[i].callHash)
		a.filter.add(b.calls[i].messageHash)
	}
	if a.filter.full() {
		return a.refill(ctx)
	}
	return nil
}

func stopped(ctx context.Context) bool { return ctx.Err() != nil }

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
