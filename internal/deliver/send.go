package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"penstock/internal/destination"
	kernel "penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// answer is what came of sending work once.
type answer struct {
	work    work // of a batch, the members that were sent
	result  destination.Result
	err     error             // the event could not be read; nothing was sent
	lost    []record.Position // members of a batch that cannot be read any more
	refused []refused         // members of a batch that have no payload
}

// send starts requests for what waits, as far as there is room. While the lane is parked it starts one, the probe, when that is due.
func (l *lane) send(ctx context.Context) {
	now := time.Now()
	if l.state() != record.FenceOn {
		return
	}
	if l.parked != nil {
		l.probe(ctx, now)
		return
	}
	for l.parked == nil && l.free() && !l.full() {
		w, ok := l.queue.take(now)
		if !ok {
			return
		}
		l.start(ctx, w)
	}
}

// free tells whether a request is.
func (l *lane) free() bool { return l.flying < l.cfg.Concurrency && l.batches < l.cfg.BatchConcurrency }

// probe tries the destination of a parked lane with the first event that waits; where the mapping did not compile, it tries that again.
func (l *lane) probe(ctx context.Context, now time.Time) {
	if l.parked.probing || l.parked.next.After(now) || !l.free() {
		return
	}
	if l.parked.fence != 0 && !l.compilesNow(ctx) {
		l.parkedAgain(0)
		return
	}
	if l.parked == nil { // it compiles now
		l.send(ctx)
		return
	}
	for !l.parked.next.After(now) && !l.parked.probing {
		w, ok := l.queue.take(now)
		if !ok {
			return
		}
		w.probe = true
		l.parked.probing = l.start(ctx, w)
	}
}

// compilesNow tries again to compile what parked the lane, and lets it go on when that works, or when a newer fence has made it pointless.
func (l *lane) compilesNow(ctx context.Context) bool {
	fence, _ := l.fold.FenceAt(l.parked.fence + 1)
	newest, _ := l.fold.Newest()
	delete(l.plans, fence.Seq)
	if _, err := l.compiled(ctx, &fence); err != nil && newest.Seq == fence.Seq {
		return false
	}
	l.parked.fence = 0
	if l.parked.code == CodeInvalid {
		l.resume(ctx, record.Position{})
	}
	if chunk := l.held; chunk != nil {
		l.held = nil
		l.evaluate(ctx, chunk)
	}
	return true
}

// start sends work in a goroutine of its own; false when its mapping does not compile.
func (l *lane) start(ctx context.Context, w work) bool {
	fence, _ := l.fold.FenceAt(w.at.Seq)
	mapping, err := l.compiled(ctx, &fence)
	if err != nil {
		if newest, _ := l.fold.Newest(); newest.Seq != fence.Seq {
			for _, span := range w.spans() {
				l.discardInvalid(span, &fence, err)
			}
			return false
		}
		l.queue.putBack(w)
		l.parkInvalid(ctx, w.at, &fence, err)
		return false
	}
	if w.batch != nil {
		return l.startBatch(ctx, mapping, w)
	}
	l.flying++
	l.workers.Go(func() { l.results <- l.perform(ctx, mapping, w) })
	return true
}

// perform runs beside the lane and touches nothing of it that changes.
func (l *lane) perform(ctx context.Context, mapping Compiled, w work) answer {
	event := w.event
	if event == nil {
		var err error
		if event, err = l.log.Get(ctx, eventlog.Events, w.at); err != nil {
			return answer{work: w, err: err}
		}
		if kernel.IsErased(event) {
			return answer{work: w, result: destination.Result{Class: destination.ClassRejected, Code: kernel.CodeErased, Reason: kernel.ReasonErased}}
		}
	}
	id := fold.WebhookID(l.mapping, w.at)
	return answer{work: w, result: l.limited(ctx, func(ctx context.Context) destination.Result { return mapping.Perform(ctx, id, event) })}
}

// limited sends, and breaks off what takes too long.
func (l *lane) limited(ctx context.Context, send func(context.Context) destination.Result) destination.Result {
	within, cancel := context.WithTimeout(ctx, l.cfg.RequestTimeout)
	defer cancel()
	result := send(within)
	if result.Class == destination.ClassCanceled && ctx.Err() == nil {
		result.Class, result.Code = destination.ClassRetry, destination.CodeTimedOut
		result.Reason = fmt.Sprintf("no answer within %s", l.cfg.RequestTimeout)
	}
	return result
}

// unread decides on a retry whose event could not be read: it is lost if it cannot be read any more, else comes again.
func (l *lane) unread(ctx context.Context, a answer) {
	if a.work.probe && l.parked != nil {
		l.parked.probing = false
	}
	if unreadable(a.err) {
		l.lose(a.work.at)
		return
	}
	if ctx.Err() == nil {
		l.logger.LogAttrs(ctx, slog.LevelError, "read event again", slog.String("position", a.work.at.String()), slog.Any("error", a.err))
	}
	l.queue.putDue(a.work, time.Now().Add(again).UnixMilli())
}

// unreadable tells whether an error says that an event will never be read again.
func unreadable(err error) bool {
	return errors.Is(err, eventlog.ErrNotFound) || errors.Is(err, record.ErrBody) || errors.Is(err, record.ErrHeader)
}

// lose writes that an event is lost.
func (l *lane) lose(at record.Position) {
	l.add(&record.Outcome{Status: record.Lost, At: []record.Span{record.At(at)}, Code: CodeUnreadable, Reason: "the event cannot be read from the log any more"})
}
