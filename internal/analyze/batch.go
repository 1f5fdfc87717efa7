package analyze

import (
	"context"
	"database/sql/driver"
	"iter"
	"log/slog"
	"slices"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
)

const batchBytesMax = 16 << 20 // about how many bytes are written at a time

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
	for size := 0; len(b.calls) < a.rows && size < batchBytesMax; {
		c, ok, err := r.TryNext(ctx)
		if err != nil {
			return b, err
		}
		if !ok {
			b.upTo = r.Position() - 1
			return b, nil
		}
		var unreadable uint64
		before := len(b.calls)
		b.calls, unreadable = decode(&c, b.calls)
		if c.Lost += unreadable; c.Lost > 0 {
			a.Logger.LogAttrs(ctx, slog.LevelError, "received lines are lost", slog.String("stage", "analyze"), slog.String("subject", c.Subject), slog.Uint64("seq", c.Seq), slog.Uint64("lines", c.Lost))
			b.holes = append(b.holes, []driver.Value{c.Subject, c.Seq, c.Lost})
		}
		size += len(c.Body)
		for i := range b.calls[before:] {
			size += b.calls[before+i].size()
		}
		b.upTo = c.Seq
	}
	b.more = true
	return b, nil
}

// store writes a batch and the position that it reaches. What Run knows of the tables is wrong after an error.
func (a *Analyzer) store(ctx context.Context, b *batch) error {
	if b.upTo <= a.at.seq {
		return nil
	}
	b.calls = slices.DeleteFunc(b.calls, a.erasing.hides)
	if err := a.number(ctx, b.calls); err != nil {
		return err
	}
	known, err := a.known(ctx, b.calls)
	if err != nil {
		return err
	}
	replaced := a.judge(b.calls, known)
	hide := a.numbers.merge(b.calls)
	for i := range b.calls {
		c := &b.calls[i]
		c.bits = a.numbers.bits(c.Verdicts)
		a.numbers.spread(c)
	}
	metadata, err := a.describe(ctx, b.calls)
	if err != nil {
		return err
	}
	a.at.seq = b.upTo
	if err := a.writer.Transact(ctx, func(tx *duck.Tx) error { return a.write(ctx, tx, b, metadata, corrections{replaced, hide}) }); err != nil {
		return err
	}
	a.rows = min(2*a.rows, a.cfg.BatchRows)
	a.numbers.fresh = fresh{}
	a.seq.Store(b.upTo)
	a.changed.give()
	a.filters.remember(b.calls)
	if a.filters.full() {
		return a.refill(ctx)
	}
	return nil
}

// number gives each call its row, its app, its event and its people.
func (a *Analyzer) number(ctx context.Context, calls []call) error {
	for i := range calls {
		c := &calls[i]
		a.at.n++
		c.n = a.at.n
		c.app = a.numbers.app(c.appID, c.workspace)
		c.event = a.numbers.name(c)
	}
	return a.resolve(ctx, calls)
}

// corrections are what a batch changes in rows that were written before: those whose place was taken, and the people that are to be hidden.
type corrections struct {
	replaced []uint64
	hide     []uint32
}

// write stores all that a batch brings.
func (a *Analyzer) write(ctx context.Context, tx *duck.Tx, b *batch, metadata [][]driver.Value, fix corrections) error {
	if err := a.numbers.fresh.write(ctx, tx); err != nil {
		return err
	}
	for _, t := range []struct {
		table string
		rows  iter.Seq[[]driver.Value]
		n     int
	}{{"calls", rows(b.calls), len(b.calls)}, {"metadata", slices.Values(metadata), len(metadata)}, {"holes", slices.Values(b.holes), len(b.holes)}} {
		if t.n > 0 {
			if err := tx.Append(ctx, t.table, t.rows); err != nil {
				return err
			}
		}
	}
	if err := a.correct(ctx, tx, fix); err != nil {
		return err
	}
	for a.at.n-a.at.sealed >= a.cfg.SealRows {
		if err := a.seal(ctx, tx, a.at.sealed+a.cfg.SealRows); err != nil {
			return err
		}
	}
	return tx.Exec(ctx, "UPDATE analytics.position SET seq = ?, n = ?, sealed = ?, fields = ?, activity = ?", a.at.seq, a.at.n, a.at.sealed, a.at.fields, a.at.activity)
}

func rows(calls []call) iter.Seq[[]driver.Value] {
	return func(yield func([]driver.Value) bool) {
		var row []driver.Value
		for i := range calls {
			if row = calls[i].row(row); !yield(row) {
				return
			}
		}
	}
}
