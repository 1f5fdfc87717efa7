package deliver

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	kernel "penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// read takes one frame, if there is room for what is in it. It returns a channel that is readable when there may be more, or nil.
func (l *lane) read(ctx context.Context) <-chan struct{} {
	if !l.mayRead(time.Now()) {
		l.discardRest()
		return nil
	}
	chunk, ok, err := l.reader.TryNext(ctx)
	switch {
	case err != nil:
		if ctx.Err() == nil {
			l.logger.LogAttrs(ctx, slog.LevelError, "read events", slog.Any("error", err))
		}
		l.readAt = time.Now().Add(again)
		return nil
	case !ok:
		return l.reader.Wait()
	}
	l.take(ctx, &chunk)
	more := make(chan struct{})
	close(more)
	return more
}

func (l *lane) mayRead(now time.Time) bool {
	if l.held != nil || l.readAt.After(now) || l.full() {
		return false
	}
	newest, ok := l.fold.Newest()
	switch {
	case !ok:
		return true
	case l.reader.Position() < l.since && newest.State != record.FenceDeleted:
		return true
	case newest.State == record.FenceOff:
		return false
	case newest.State == record.FenceDeleted:
		return l.reader.Position() < newest.Seq
	case l.parked != nil:
		return !l.parked.probing && !l.queue.has(now) // one event to probe with is enough
	}
	return l.queue.events < l.cfg.ReadAhead && l.queue.bytes < l.cfg.ReadAheadBytes &&
		l.fold.Waiting()+len(l.unwritten)+len(l.writing)+l.more < l.cfg.RetriesMax // what is not written yet may be retries
}

// full tells whether so much waits to be written that nothing more is read or sent.
func (l *lane) full() bool {
	return len(l.unwritten) >= l.cfg.UnwrittenMax || l.spans >= l.cfg.UnwrittenMax*spansMax
}

// take evaluates the lines of a frame that are owed and not settled.
func (l *lane) take(ctx context.Context, chunk *eventlog.Chunk) {
	l.feed(ctx, chunk)
	if !isEvents(chunk) || l.fold.Deleted() {
		return
	}
	if chunk.Lost > 0 {
		l.tellHoles()
	}
	l.evaluate(ctx, chunk)
}

// tellHoles writes an outcome for each hole that has none.
func (l *lane) tellHoles() {
	for hole := range l.fold.Holes() {
		if !l.lost[hole.Before] {
			l.lost[hole.Before] = true
			l.add(&record.Outcome{Status: record.Lost, Hole: &hole, Reason: "these events cannot be read from the log any more"})
		}
	}
}

// evaluate decides on each line: duplicate, filtered, or to be sent. The spec is that of the newest fence before the frame.
func (l *lane) evaluate(ctx context.Context, chunk *eventlog.Chunk) {
	fence, ok := l.fold.FenceAt(chunk.Seq)
	if !ok || fence.State != record.FenceOn || chunk.Body == nil {
		return
	}
	if chunk.Seq < l.since {
		l.discardChunk(chunk)
		return
	}
	mapping, err := l.compiled(ctx, &fence)
	if err != nil {
		l.cannotCompile(ctx, chunk, &fence, err)
		return
	}
	if l.parked != nil && l.parked.code == CodeInvalid {
		l.resume(ctx, record.Position{})
	}
	batcher, batches := mapping.(Batcher)
	dups := duplicates(chunk)
	body := walker{rest: chunk.Body}
	for line := range l.fold.Pending(chunk.Seq) {
		event, at := body.line(line), record.Position{Seq: chunk.Seq, Line: line}
		if kernel.IsErased(event) {
			l.addSpan(erased(fence.Revision), record.At(at))
		} else if of, dup := dups[line]; dup {
			l.add(&record.Outcome{Status: record.Duplicate, At: []record.Span{record.At(at)}, Of: &of, Revision: fence.Revision})
		} else if mapping.Match(event) {
			if 2*len(event) < len(chunk.Body) {
				event = bytes.Clone(event) // or it would keep the whole frame in memory
			}
			if batches {
				l.gather(batcher, at, event)
			} else {
				l.queue.putRead(work{at: at, event: event})
			}
		} else {
			l.filter(mapping, at, event, fence.Revision)
		}
	}
}

// filter writes that an event was filtered. Events in a row that were filtered under one code are one span, with the reason of the first of them; those that
// filters dropped, under one reason, which names the filter.
func (l *lane) filter(mapping Compiled, at record.Position, event []byte, revision uint64) {
	code, reason := mapping.Explain(event)
	if last := l.lastOf(record.Filtered, revision); last != nil && last.Code == code && (code != CodeFilteredByRules || last.Reason == reason) {
		if span := &last.At[len(last.At)-1]; span.Seq == at.Seq && span.To == at.Line-1 {
			span.To = at.Line
			return
		}
	}
	l.addSpan(&record.Outcome{Status: record.Filtered, Code: code, Reason: reason, Revision: revision}, record.At(at))
}

// cannotCompile parks the lane before a frame whose spec does not compile. Where a newer fence exists, somebody has mended the mapping, and
// what the broken one owes would wait in vain: it is discarded.
func (l *lane) cannotCompile(ctx context.Context, chunk *eventlog.Chunk, fence *fold.Fence, err error) {
	if newest, _ := l.fold.Newest(); newest.Seq == fence.Seq {
		l.held = chunk
		for line := range l.fold.Pending(chunk.Seq) {
			l.parkInvalid(ctx, record.Position{Seq: chunk.Seq, Line: line}, fence, err)
			return
		}
		l.held = nil
		return
	}
	for line := range l.fold.Pending(chunk.Seq) {
		l.discardInvalid(record.Span{Seq: chunk.Seq, From: line, To: line}, fence, err)
	}
}

func (l *lane) discardInvalid(span record.Span, fence *fold.Fence, err error) {
	l.addSpan(&record.Outcome{Status: record.Discarded, Code: CodeInvalid, Reason: invalidReason(err), Revision: fence.Revision}, span)
}

func invalidReason(err error) string {
	return "the mapping cannot be used: " + err.Error() + "; mend it and save it"
}

// discardRest settles all that is left once the mapping is deleted, nothing is in flight, and all that it owes was read.
func (l *lane) discardRest() {
	if !l.fold.Deleted() || l.flying > 0 || len(l.unwritten)+len(l.writing) > 0 || l.readAt.After(time.Now()) {
		return
	}
	fence, _ := l.fold.Newest()
	for span := range l.fold.Unsettled() {
		l.addSpan(&record.Outcome{Status: record.Discarded, Code: CodeDeleted, Reason: "the mapping was deleted before this event was sent", Revision: fence.Revision}, span)
	}
	l.tellHoles()
}

// over tells whether nothing will ever be owed any more.
func (l *lane) over() bool {
	newest, ok := l.fold.Newest()
	if !ok || newest.State != record.FenceDeleted || l.flying > 0 || len(l.unwritten)+len(l.writing) > 0 {
		return false
	}
	return l.reader.Position() >= newest.Seq && l.fold.Cursor().Seq > l.fold.Last()
}

// duplicates says which lines of a frame repeat which positions; nil when none does.
func duplicates(chunk *eventlog.Chunk) map[int]record.Position {
	if len(chunk.Header.Dups) == 0 {
		return nil
	}
	of := make(map[int]record.Position, len(chunk.Header.Dups))
	for _, d := range chunk.Header.Dups {
		of[d.Line] = d.Of
		if d.Of.Seq == 0 {
			of[d.Line] = record.Position{Seq: chunk.Seq - uint64(d.Back), Line: d.Of.Line} //nolint:gosec // frames of one batch
		}
	}
	return of
}

// walker finds lines of a body whose numbers grow.
type walker struct {
	rest []byte
	next int
}

func (w *walker) line(n int) []byte {
	for {
		end := bytes.IndexByte(w.rest, '\n')
		if end < 0 {
			return w.rest
		}
		line := w.rest[:end:end]
		w.rest = w.rest[end+1:]
		w.next++
		if w.next > n {
			return line
		}
	}
}
