package analyze

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/workspace"
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
	// Window is how long after a call the same one is not counted again. A change holds for what comes from then on. Default 7 days.
	Window time.Duration
	// SealRows is how many rows are summed up at a time. Default 100,000.
	SealRows uint64
	// FilterBytesMax bounds each of the three filters that are kept in memory, in bytes. They grow with what is received within the window. Default 128 MiB.
	FilterBytesMax int
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{
		Linger: 50 * time.Millisecond, BatchRows: 20_000, RetryAfter: 5 * time.Second, Window: 7 * 24 * time.Hour,
		SealRows: 100_000, FilterBytesMax: 128 << 20,
	}
}

// Parts is what an Analyzer works with.
type Parts struct {
	DB     *duck.DB
	Log    Log
	Flags  workspace.KV // exclude list and do-not-process; nil: there are none, and none can be set
	Logger *slog.Logger
}

// Analyzer projects RECEIVED into DuckDB and answers questions about it.
type Analyzer struct {
	Parts

	writer   *duck.Writer
	cfg      Config
	numbers  numbers // Run's own
	merged   merged
	filters  filters // Run's own
	at       position
	rows     int // of the next batch
	flags    flags
	erasing  erasing
	commands chan command
	seq      atomic.Uint64 // of position
	changed  signal
}

// position is how far the tables go.
type position struct {
	seq      uint64 // of RECEIVED
	n        uint64 // rows of calls
	sealed   uint64 // rows of calls that are in the sums
	fields   uint64 // rows of metadata
	activity uint64 // rows of activity, when it was summed up last
}

// command is something that Run does between two batches.
type command struct {
	do   func(ctx context.Context) error
	done chan error
}

// New makes an Analyzer and its tables, and reads where they stand. Tables that stand after the end of the log belong to another log, and are
// begun anew.
func New(ctx context.Context, cfg Config, parts Parts) (*Analyzer, error) {
	w, err := parts.DB.Writer(ctx, duck.Analytics, schema())
	if err != nil {
		return nil, err
	}
	a := &Analyzer{Parts: parts, writer: w, cfg: cfg, rows: cfg.BatchRows, commands: make(chan command)}
	a.numbers.merged = &a.merged
	a.flags.init()
	a.changed.init()
	if err := a.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read state of analytics: %w", err), w.Close())
	}
	return a, nil
}

// begin reads where the tables stand; only they know whether a commit that failed was carried out.
func (a *Analyzer) begin(ctx context.Context) error {
	if err := a.stored(ctx); err != nil {
		return err
	}
	if last := a.Log.Last(eventlog.Received); a.at.seq > last {
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "analytics belong to another log, begun anew", slog.String("stage", "analyze"), slog.Uint64("position", a.at.seq), slog.Uint64("last", last))
		if err := a.writer.Reset(ctx); err != nil {
			return err
		}
		if err := a.stored(ctx); err != nil {
			return err
		}
	}
	a.seq.Store(a.at.seq)
	a.filters = filters{}
	return a.numbers.load(ctx, a.writer)
}

// stored reads the position that is in the tables.
func (a *Analyzer) stored(ctx context.Context) error {
	return duck.Each(ctx, a.writer, func(r *sql.Rows) error {
		return r.Scan(&a.at.seq, &a.at.n, &a.at.sealed, &a.at.fields, &a.at.activity)
	}, "SELECT seq, n, sealed, fields, activity FROM analytics.position")
}

// Position is the sequence of RECEIVED that the tables reach.
func (a *Analyzer) Position() uint64 { return a.seq.Load() }

// Close gives the writer back. Run must have ended.
func (a *Analyzer) Close() error { return a.writer.Close() }

// Run follows RECEIVED until ctx ends. A batch that cannot be written is tried again, without end; only duck.ErrDamaged ends Run.
func (a *Analyzer) Run(ctx context.Context) error {
	var watch sync.WaitGroup
	defer watch.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch.Go(func() { a.watchFlags(ctx) })
	select {
	case <-a.flags.synced:
	case <-ctx.Done():
		return nil
	}
	err := a.follow(ctx)
	for !stopped(ctx) {
		if errors.Is(err, duck.ErrDamaged) {
			return fmt.Errorf("write analytics: %w", err)
		}
		a.rows = max(1, a.rows/2) // it may be that there was not enough memory
		a.Logger.LogAttrs(ctx, slog.LevelError, "analytics were not written, trying again", slog.String("stage", "analyze"), slog.Uint64("position", a.Position()), slog.Any("error", err))
		pause(ctx, a.cfg.RetryAfter)
		if err = a.begin(ctx); err == nil {
			err = a.follow(ctx)
		}
	}
	return nil
}

// follow projects from the position on, until something fails.
func (a *Analyzer) follow(ctx context.Context) error {
	if err := a.refill(ctx); err != nil {
		return err
	}
	if err := a.applyFlags(ctx); err != nil {
		return err
	}
	r := a.Log.Read(eventlog.Received, "received.>", a.Position()+1)
	for {
		select {
		case c := <-a.commands:
			if err := a.obey(ctx, c); err != nil {
				return err
			}
			continue
		case <-r.Wait():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		pause(ctx, a.cfg.Linger)
		if err := a.catchUp(ctx, r); err != nil {
			return err
		}
	}
}

// obey carries out a command. One that fails has its error, and Run begins anew, since the tables may be other than it knows.
func (a *Analyzer) obey(ctx context.Context, c command) error {
	err := c.do(ctx)
	c.done <- err
	return err
}

// command has Run do something between two batches, and waits for that.
func (a *Analyzer) command(ctx context.Context, do func(ctx context.Context) error) error {
	c := command{do: do, done: make(chan error, 1)}
	select {
	case a.commands <- c:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
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
		select {
		case c := <-a.commands:
			if err := a.obey(ctx, c); err != nil {
				return err
			}
		default:
		}
	}
}

// signal wakes whoever waits for new rows.
type signal struct {
	mu   sync.Mutex
	wake chan struct{}
}

func (s *signal) init() { s.wake = make(chan struct{}) }

func (s *signal) give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.wake)
	s.wake = make(chan struct{})
}

func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wake
}

// Reached waits until what lies at a sequence of RECEIVED is in the tables.
func (a *Analyzer) Reached(ctx context.Context, seq uint64) error {
	for {
		changed := a.Changed()
		if a.Position() >= seq {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for analytics: %w", context.Cause(ctx))
		}
	}
}

// Changed returns a channel that is closed when the tables have more than they had at the call.
func (a *Analyzer) Changed() <-chan struct{} { return a.changed.wait() }

func stopped(ctx context.Context) bool { return ctx.Err() != nil }

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
