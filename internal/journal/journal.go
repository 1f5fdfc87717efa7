package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
)

// Log is what journal needs of the log.
type Log interface {
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(stream eventlog.Stream) uint64
}

// Config is what an operator may set.
type Config struct {
	// Linger is how long an event or outcome waits for others, to be written with them; so it is about the age of the newest row. Default 100 ms.
	Linger time.Duration
	// BatchRows is about how many rows are written at a time. Default 20,000.
	BatchRows int
	// RetryAfter is how long to wait after a batch could not be written. Default 5 s.
	RetryAfter time.Duration
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{Linger: 100 * time.Millisecond, BatchRows: 20_000, RetryAfter: 5 * time.Second}
}

const batchBytesMax = 16 << 20 // about how many bytes of the log are written at a time

// Journal projects EVENTS and OUTCOMES into DuckDB and answers questions about them.
type Journal struct {
	db        *duck.DB
	writer    *duck.Writer
	log       Log
	cfg       Config
	logger    *slog.Logger
	followed  []*followed
	forgets   chan forget
	positions map[eventlog.Stream]*atomic.Uint64
}

// followed is one of the streams that are followed.
type followed struct {
	stream eventlog.Stream
	filter string
	reader *eventlog.Reader // Run's own
}

// New makes a Journal and its tables, and reads where they stand. Tables that stand after the end of the log belong to another log, and are begun
// anew.
func New(ctx context.Context, db *duck.DB, log Log, cfg Config, logger *slog.Logger) (*Journal, error) {
	w, err := db.Writer(ctx, duck.Journal, schema())
	if err != nil {
		return nil, err
	}
	j := &Journal{
		db: db, writer: w, log: log, cfg: cfg, logger: logger,
		followed:  []*followed{{stream: eventlog.Events, filter: "*.>"}, {stream: eventlog.Outcomes, filter: "outcomes.>"}},
		forgets:   make(chan forget),
		positions: map[eventlog.Stream]*atomic.Uint64{eventlog.Events: {}, eventlog.Outcomes: {}},
	}
	if err := j.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read state of journal: %w", err), w.Close())
	}
	return j, nil
}

func (j *Journal) begin(ctx context.Context) error {
	if err := j.load(ctx); err != nil {
		return err
	}
	for stream, p := range j.positions {
		if last := j.log.Last(stream); p.Load() > last {
			j.logger.LogAttrs(ctx, slog.LevelWarn, "journal belongs to another log, begun anew", slog.String("stage", "journal"), slog.String("stream", string(stream)), slog.Uint64("position", p.Load()), slog.Uint64("last", last))
			if err := j.writer.Reset(ctx); err != nil {
				return err
			}
			return j.load(ctx)
		}
	}
	return nil
}

// load takes the positions from the tables.
func (j *Journal) load(ctx context.Context) error {
	return duck.Each(ctx, j.writer, func(r *sql.Rows) error {
		var stream string
		var seq uint64
		if err := r.Scan(&stream, &seq); err != nil {
			return err
		}
		if p := j.positions[eventlog.Stream(stream)]; p != nil {
			p.Store(seq)
		}
		return nil
	}, "SELECT stream, seq FROM journal.positions")
}

// Position is the sequence of EVENTS, or of OUTCOMES, that the tables reach.
func (j *Journal) Position(stream eventlog.Stream) uint64 { return j.positions[stream].Load() }

// Close gives the writer back. Run must have ended.
func (j *Journal) Close() error { return j.writer.Close() }

// Run follows both streams until ctx ends. A batch that cannot be written is tried again, without end; only duck.ErrDamaged ends Run.
func (j *Journal) Run(ctx context.Context) error {
	err := j.follow(ctx)
	for !stopped(ctx) {
		if errors.Is(err, duck.ErrDamaged) {
			return fmt.Errorf("write journal: %w", err)
		}
		j.logger.LogAttrs(ctx, slog.LevelError, "journal was not written, trying again", slog.String("stage", "journal"), slog.Any("error", err))
		pause(ctx, j.cfg.RetryAfter)
		if err = j.begin(ctx); err == nil { // only the tables know whether a commit that failed was carried out
			err = j.follow(ctx)
		}
	}
	return nil
}

// follow projects from the positions on, until something fails.
func (j *Journal) follow(ctx context.Context) error {
	j.open()
	for {
		select {
		case <-j.followed[0].reader.Wait():
		case <-j.followed[1].reader.Wait():
		case f := <-j.forgets:
			f.done <- j.writer.Transact(ctx, func(tx *duck.Tx) error { return f.carryOut(ctx, tx) })
			continue
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		pause(ctx, j.cfg.Linger)
		if err := j.catchUp(ctx); err != nil {
			return err
		}
	}
}

// open begins to read at the positions.
func (j *Journal) open() {
	for _, f := range j.followed {
		f.reader = j.log.Read(f.stream, f.filter, j.Position(f.stream)+1)
	}
}

// catchUp projects what there is to read.
func (j *Journal) catchUp(ctx context.Context) error {
	for {
		b, err := j.gather(ctx)
		if err != nil {
			return err
		}
		if err := j.store(ctx, b); err != nil || !b.more {
			return err
		}
	}
}

// gather takes what there is to read, up to the size of a batch, in turn from each stream.
func (j *Journal) gather(ctx context.Context) (*batch, error) {
	b := &batch{upTo: map[eventlog.Stream]uint64{}, more: true}
	for b.more && b.rows() < j.cfg.BatchRows && b.bytes < batchBytesMax {
		b.more = false
		for _, f := range j.followed {
			c, ok, err := f.reader.TryNext(ctx)
			if err != nil {
				return nil, err
			}
			if !ok {
				b.upTo[f.stream] = f.reader.Position() - 1
				continue
			}
			b.more = true
			if c.Lost += b.add(f.stream, &c); c.Lost > 0 {
				j.logger.LogAttrs(ctx, slog.LevelError, "lines are lost", slog.String("stage", "journal"), slog.String("subject", c.Subject), slog.Uint64("seq", c.Seq), slog.Uint64("lines", c.Lost))
				b.holes = append(b.holes, []driver.Value{string(f.stream), c.Subject, c.Seq, c.Lost})
			}
		}
	}
	return b, nil
}

// store writes a batch and the positions that it reaches.
func (j *Journal) store(ctx context.Context, b *batch) error {
	if b.rows() > 0 || len(b.holes) > 0 {
		if err := j.writer.Transact(ctx, func(tx *duck.Tx) error { return b.write(ctx, tx) }); err != nil {
			return err
		}
	}
	for stream, seq := range b.upTo {
		j.positions[stream].Store(max(seq, j.Position(stream))) // also past fences, which leave nothing to be written
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
