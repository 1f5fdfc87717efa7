package deliver

import (
	"context"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// Discard makes the mappings of a source give up what lies before a sequence of EVENTS and is not settled: it has been held too long. Requests in flight are
// left to their answers.
func (e *Engine) Discard(ctx context.Context, source string, before uint64) {
	e.mu.Lock()
	var lanes []*lane
	for _, l := range e.lanes {
		if l.source == source {
			lanes = append(lanes, l)
		}
	}
	e.mu.Unlock()
	for _, l := range lanes {
		select {
		case l.helds <- before:
		case <-l.done:
		case <-ctx.Done():
			return
		}
	}
}

// discardHeld gives up what waits here and has been held too long; what was not read yet is given up as it is read.
func (l *lane) discardHeld() {
	if !l.sweep {
		return
	}
	l.sweep = false
	if len(l.gathering.open) > 0 {
		l.completeDue(time.Now().Add(l.cfg.BatchLinger))
	}
	for _, w := range l.queue.takeBefore(l.since) {
		for _, span := range w.spans() {
			l.discardAsHeld(span)
		}
	}
	if chunk := l.held; chunk != nil && chunk.Seq < l.since {
		l.held = nil
		l.discardChunk(chunk)
	}
}

// discardChunk gives up what of a frame is neither settled nor waiting to be tried again.
func (l *lane) discardChunk(chunk *eventlog.Chunk) {
	for line := range l.fold.Pending(chunk.Seq) {
		l.discardAsHeld(record.Span{Seq: chunk.Seq, From: line, To: line})
	}
}

func (l *lane) discardAsHeld(span record.Span) {
	fence, _ := l.fold.FenceAt(span.Seq)
	l.addSpan(&record.Outcome{
		Status: record.Discarded, Code: CodeHeld, Revision: fence.Revision,
		Reason: "held too long: the source's backlog is over its limit; mend what holds the mapping up, or raise the source's retention.backlogHours and backlogBytes",
	}, span)
}
