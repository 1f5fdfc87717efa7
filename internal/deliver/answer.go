package deliver

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"penstock/internal/destination"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// parked is a lane that sends nothing but probes.
type parked struct {
	code, reason string
	since        time.Time
	tries        int // probes that failed
	next         time.Time
	probing      bool   // a probe is in flight
	fence        uint64 // sequence of the fence that does not compile; 0: the destination is unavailable
}

// answered decides what an answer means for the event and for the lane.
func (l *lane) answered(ctx context.Context, a answer) {
	l.flying--
	if a.work.batch != nil {
		l.batches--
	}
	if a.err != nil {
		l.unread(ctx, a)
		return
	}
	if a.work.batch != nil && !l.leftOut(&a) {
		return
	}
	switch l.classOf(&a) {
	case destination.ClassDelivered:
		l.available(ctx, &a)
		l.add(l.outcome(record.Delivered, &a))
	case destination.ClassRejected:
		l.available(ctx, &a)
		l.add(l.outcome(record.Discarded, &a))
	case destination.ClassRetry:
		l.available(ctx, &a)
		l.retry(&a)
	case destination.ClassUnavailable:
		l.takeBack(&a)
		l.park(ctx, &a)
	case destination.ClassCanceled:
		l.takeBack(&a)
		if a.work.probe && l.parked != nil {
			l.parked.probing = false
		}
	}
}

// classOf is the answer's class. An answer that may be the origin's fault says that it is unavailable when it is the last of many in a row over
// distinct events, or when it answers a probe.
func (l *lane) classOf(a *answer) destination.Class {
	class := a.result.Class
	switch {
	case class == destination.ClassCanceled || class == destination.ClassUnavailable:
		return class
	case !a.result.Suspect:
		clear(l.streak)
		return class
	}
	l.streak[a.work.at] = true
	if (a.work.probe && l.parked != nil) || len(l.streak) >= l.cfg.SuspectsMax {
		return destination.ClassUnavailable
	}
	return class
}

// outcome is what an answer makes of its event.
func (l *lane) outcome(status record.Status, a *answer) *record.Outcome {
	fence, _ := l.fold.FenceAt(a.work.at.Seq)
	waiting, _ := l.fold.Retry(a.work.at)
	return &record.Outcome{
		Status: status, At: a.work.spans(), Code: a.result.Code, Reason: a.result.Reason,
		Attempt: waiting.Attempt + 1, Revision: fence.Revision, Exchange: a.result.Exchange,
	}
}

// retry lets an event come again, or gives it up at its age.
func (l *lane) retry(a *answer) {
	now := time.Now()
	o := l.outcome(record.Retrying, a)
	if a.work.batch != nil {
		o.Batch = a.work.batch.id
	}
	var age time.Duration
	if waiting, ok := l.fold.Retry(a.work.at); ok {
		age = now.Sub(time.UnixMilli(waiting.Since))
	}
	if l.cfg.Retries.Exhausted(age) {
		o.Status, o.Batch = record.Discarded, ""
		o.Reason = fmt.Sprintf("given up after %d attempts in %s; the last answer: %s", o.Attempt, age.Round(time.Second), a.result.Reason)
	} else {
		o.Due = now.Add(l.cfg.Retries.Wait(o.Attempt, a.result.After, l.cfg.Random())).UnixMilli()
	}
	l.add(o)
}

// available ends the parking when a probe was answered.
func (l *lane) available(ctx context.Context, a *answer) {
	if a.work.probe && l.parked != nil {
		l.resume(ctx, a.work.at)
	}
}

// resume ends the parking; at is the probe's position, if there was one.
func (l *lane) resume(ctx context.Context, at record.Position) {
	o := &record.Outcome{Status: record.Resumed}
	if !at.IsZero() {
		o.At = []record.Span{record.At(at)}
	}
	l.logger.LogAttrs(ctx, slog.LevelInfo, "mapping resumes", slog.Duration("parked_for", time.Since(l.parked.since)), slog.Int("probes", l.parked.tries+1))
	l.parked = nil
	clear(l.streak)
	l.add(o)
}

// park stops the lane because its destination is unavailable, or lets it wait longer when that was a probe's answer.
func (l *lane) park(ctx context.Context, a *answer) {
	switch {
	case l.fold.Deleted():
	case l.parked == nil:
		l.parkFor(ctx, l.outcome(record.Parked, a), a.result.After)
	case a.work.probe:
		l.parked.code, l.parked.reason = a.result.Code, a.result.Reason
		l.parkedAgain(a.result.After)
	}
}

// parkedAgain waits for the next probe, after one that failed.
func (l *lane) parkedAgain(after time.Duration) {
	l.parked.probing = false
	l.parked.tries++
	l.parked.next = time.Now().Add(l.cfg.Probes.Wait(l.parked.tries+1, after, l.cfg.Random()))
}

// parkInvalid stops the lane because the spec of an event does not compile.
func (l *lane) parkInvalid(ctx context.Context, at record.Position, fence *fold.Fence, err error) {
	if l.parked == nil {
		o := &record.Outcome{Status: record.Parked, At: []record.Span{record.At(at)}, Code: CodeInvalid, Reason: invalidReason(err), Revision: fence.Revision}
		l.parkFor(ctx, o, 0)
	} else {
		l.parked.code, l.parked.reason = CodeInvalid, invalidReason(err)
		l.parkedAgain(0)
	}
	l.parked.fence = fence.Seq
}

func (l *lane) parkFor(ctx context.Context, o *record.Outcome, after time.Duration) {
	now := time.Now()
	o.Attempt = 0
	l.parked = &parked{code: o.Code, reason: o.Reason, since: now, next: now.Add(l.cfg.Probes.Wait(1, after, l.cfg.Random()))}
	l.logger.LogAttrs(ctx, slog.LevelWarn, "mapping is parked", slog.String("code", o.Code), slog.String("reason", o.Reason))
	l.add(o)
}
