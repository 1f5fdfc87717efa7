package deliver

import (
	"context"
	"log/slog"
	"time"

	kernel "penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// forgetRewritten lets go of the events in memory when some on the log were erased: they are read again before they are sent, and those that were erased
// are discarded.
func (l *lane) forgetRewritten(ctx context.Context) {
	now := l.log.Rewrites(eventlog.Events)
	if now == l.asOf {
		return
	}
	l.asOf = now
	l.completeDue(time.Now().Add(l.cfg.BatchLinger))
	l.queue.forget()
	if l.held == nil {
		return
	}
	chunk, err := l.log.Chunk(ctx, eventlog.Events, l.held.Seq)
	if err != nil {
		l.logger.LogAttrs(ctx, slog.LevelError, "read frame again", slog.Uint64("seq", l.held.Seq), slog.Any("error", err))
		l.asOf = 0 // and again
		return
	}
	l.held = &chunk
}

// forget lets go of the events; they will be read again.
func (q *queue) forget() {
	for _, all := range [][]work{q.back, q.read} {
		for i := range all {
			all[i].event = nil
			if b := all[i].batch; b != nil {
				all[i].batch = fixedBatch(b.id, positions(b.spans()))
				all[i].batch.fixed = b.fixed
			}
		}
	}
	q.bytes = 0
}

// erased is the outcome of an event that is no longer there to be sent.
func erased(revision uint64) *record.Outcome {
	return &record.Outcome{Status: record.Discarded, Code: kernel.CodeErased, Reason: kernel.ReasonErased, Revision: revision}
}
