package deliver

import (
	"context"
	"slices"
	"time"

	"penstock/internal/destination"
	kernel "penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// batch is events that go out in one request.
type batch struct {
	id      string   // the webhook-id
	members []member // in the order of the log
	fixed   bool     // the members are on the log, as retries under this id: all further attempts are theirs
}

// member is an event of a batch, and where it lies; without an event it is to be read from the log.
type member struct {
	at record.Position
	Member
}

// fixedBatch is a batch as an outcome has it.
func fixedBatch(id string, at []record.Position) *batch {
	b := &batch{id: id, fixed: true, members: make([]member, len(at))}
	for i := range at {
		b.members[i].at = at[i]
	}
	return b
}

// spans are the places of the members; those in a row are one.
func (b *batch) spans() []record.Span {
	var spans []record.Span
	for _, m := range b.members {
		if n := len(spans); n > 0 && spans[n-1].Seq == m.at.Seq && spans[n-1].To == m.at.Line-1 {
			spans[n-1].To = m.at.Line
		} else {
			spans = append(spans, record.At(m.at))
		}
	}
	return spans
}

// gather puts an event that matched into the batch that it belongs to. One that has no payload is discarded by itself.
func (l *lane) gather(mapping Batcher, at record.Position, event []byte) {
	m, err := mapping.Member(event)
	if err != nil {
		l.refuse(at, rejection(err))
		return
	}
	fence, _ := l.fold.FenceAt(at.Seq)
	key := gatherKey{fence.Seq, m.Key}
	for _, full := range l.gathering.put(key, member{at, m}, mapping.Batching()) {
		l.complete(full)
	}
}

// completeDue completes the batches that have waited long enough.
func (l *lane) completeDue(now time.Time) {
	for _, g := range l.gathering.due(now) {
		l.complete(g)
	}
}

// complete hands a batch over to be sent.
func (l *lane) complete(members []member) {
	b := &batch{members: members}
	b.id = fold.BatchID(l.mapping, b.spans())
	l.queue.putRead(work{at: members[0].at, batch: b})
}

// refuse writes that an event was left out of its batch.
func (l *lane) refuse(at record.Position, result destination.Result) {
	l.add(l.outcome(record.Discarded, &answer{work: work{at: at}, result: result}))
}

// startBatch sends a batch; false when the mapping sends events one by one, as another version of the program may have it: then its members are on
// their own again.
func (l *lane) startBatch(ctx context.Context, mapping Compiled, w work) bool {
	batcher, ok := mapping.(Batcher)
	if !ok {
		for _, m := range w.batch.members {
			l.queue.putBack(work{at: m.at, event: m.Event})
		}
		return false
	}
	l.flying++
	l.batches++
	l.workers.Go(func() { l.results <- l.performBatch(ctx, batcher, w) })
	return true
}

// performBatch runs beside the lane and touches nothing of it that changes.
func (l *lane) performBatch(ctx context.Context, mapping Batcher, w work) answer {
	a, err := l.load(ctx, mapping, w)
	if err != nil {
		return answer{work: w, err: err}
	}
	if members := a.work.batch.members; len(members) > 0 {
		sent := make([]Member, len(members))
		for i := range members {
			sent[i] = members[i].Member
		}
		a.result = l.limited(ctx, func(ctx context.Context) destination.Result { return mapping.PerformBatch(ctx, w.batch.id, sent) })
	}
	return a
}

// load reads the events of a batch that are not here. Those that cannot be read any more, or have no payload, are left out, and the answer says so.
func (l *lane) load(ctx context.Context, mapping Batcher, w work) (answer, error) {
	b := *w.batch
	b.members = make([]member, 0, len(w.batch.members))
	a := answer{work: w}
	a.work.batch = &b
	var chunk eventlog.Chunk
	var body walker
	for _, m := range w.batch.members {
		if m.Event != nil {
			b.members = append(b.members, m)
			continue
		}
		if chunk.Seq != m.at.Seq {
			var err error
			if chunk, err = l.log.Chunk(ctx, eventlog.Events, m.at.Seq); err != nil && !unreadable(err) {
				return answer{}, err
			}
			chunk.Seq, body = m.at.Seq, walker{rest: chunk.Body}
		}
		if chunk.Body == nil || m.at.Line >= chunk.Header.Lines {
			a.lost = append(a.lost, m.at)
			continue
		}
		line := body.line(m.at.Line)
		if kernel.IsErased(line) {
			a.refused = append(a.refused, refused{m.at, destination.Result{Class: destination.ClassRejected, Code: kernel.CodeErased, Reason: kernel.ReasonErased}})
			continue
		}
		event, err := mapping.Member(line)
		if err != nil {
			a.refused = append(a.refused, refused{m.at, rejection(err)})
			continue
		}
		b.members = append(b.members, member{m.at, event})
	}
	return a, nil
}

// refused is a member of a batch that has no payload.
type refused struct {
	at     record.Position
	result destination.Result
}

// leftOut settles the members that were not sent with their batch; false when none was sent.
func (l *lane) leftOut(a *answer) bool {
	for _, at := range a.lost {
		l.lose(at)
	}
	for _, r := range a.refused {
		l.refuse(r.at, r.result)
	}
	members := a.work.batch.members
	if len(members) == 0 {
		if a.work.probe && l.parked != nil {
			l.parked.probing = false
		}
		return false
	}
	a.work.at = members[0].at
	return true
}

// takeBack takes work back that is as good as not sent. What was in a batch stays together from its first attempt on, also after a restart: so that attempt is
// written.
func (l *lane) takeBack(a *answer) {
	if b := a.work.batch; b == nil || b.fixed {
		l.queue.putBack(a.work)
		l.sweep = l.sweep || a.work.at.Seq < l.since
		return
	}
	o := l.outcome(record.Retrying, a)
	o.Batch = a.work.batch.id
	o.Attempt--
	o.Due = time.Now().UnixMilli()
	l.add(o)
}

// putRetry lets what an outcome says is to be tried again wait for its time.
func (l *lane) putRetry(o *record.Outcome) {
	at := positions(o.At)
	w := work{at: at[0]}
	if o.Batch != "" {
		w.batch = fixedBatch(o.Batch, at)
	}
	l.queue.putDue(w, o.Due)
	l.sweep = l.sweep || w.at.Seq < l.since
}

// positions lists the lines of spans.
func positions(spans []record.Span) []record.Position {
	var all []record.Position
	for _, span := range spans {
		for line := span.From; line <= span.To; line++ {
			all = append(all, record.Position{Seq: span.Seq, Line: line})
		}
	}
	return all
}

// waiting finds what waits to be tried again: events, and batches of them.
func (l *lane) waiting() {
	batches := map[string][]fold.Retry{}
	for r := range l.fold.Retries() {
		if r.Batch == "" {
			l.queue.putDue(work{at: r.At}, r.Due)
		} else {
			batches[r.Batch] = append(batches[r.Batch], r)
		}
	}
	for id, members := range batches {
		slices.SortFunc(members, func(a, b fold.Retry) int { return a.At.Compare(b.At) })
		at := make([]record.Position, len(members))
		for i := range members {
			at[i] = members[i].At
		}
		l.queue.putDue(work{at: at[0], batch: fixedBatch(id, at)}, members[0].Due)
	}
}
