package deliver

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// lane delivers for one mapping. All fields but the ones that say otherwise belong to the goroutine of run.
type lane struct {
	log     Log
	cfg     Config
	compile Compile
	logger  *slog.Logger

	workspace, source, destination, mapping string

	begin uint64             // sequence of the first fence
	inbox *inbox             // shared with the engine
	asks  chan chan<- Status // from Status
	helds chan uint64        // from Discard
	done  chan struct{}

	fold    *fold.Fold
	reader  *eventlog.Reader
	readAt  time.Time                // when the log may be read again, after an error
	held    *eventlog.Chunk          // read, but its mapping does not compile
	since   uint64                   // what lies before this sequence has been held too long
	sweep   bool                     // there may be such that is not discarded yet
	asOf    uint64                   // what the log said of its rewrites when events were last taken for good
	plans   map[uint64]*plan         // by the sequence of the fence
	lost    map[uint64]bool          // holes whose outcome is on its way
	streak  map[record.Position]bool // suspect answers in a row
	queue   queue
	flying  int // requests
	batches int // of them, for batches
	results chan answer
	parked  *parked
	workers sync.WaitGroup

	gathering gathering

	unwritten []*record.Outcome // waits to be appended
	spans     int               // in unwritten
	writing   []*record.Outcome // being appended
	more      int               // events in what is not written, beyond one for each outcome, that are to be tried again
	written   chan error
	timer     *time.Timer
}

// plan is a fence's mapping, compiled, or why it cannot be.
type plan struct {
	compiled Compiled
	err      error
}

// errStopping is the cause when requests in flight are canceled at the end.
var errStopping = errors.New("delivery is stopping")

// ready makes what a lane needs besides its parts.
func (l *lane) ready() *lane {
	l.inbox = &inbox{ready: make(chan struct{}, 1)}
	l.asks = make(chan chan<- Status)
	l.done = make(chan struct{})
	l.helds = make(chan uint64)
	l.results = make(chan answer, l.cfg.Concurrency)
	l.written = make(chan error, 1)
	l.plans, l.lost, l.streak = map[uint64]*plan{}, map[uint64]bool{}, map[record.Position]bool{}
	l.gathering.linger = l.cfg.BatchLinger
	l.timer = time.NewTimer(time.Hour)
	return l
}

// run delivers until ctx ends, or nothing is owed any more because the mapping was deleted.
func (l *lane) run(ctx context.Context) {
	defer close(l.done)
	defer l.timer.Stop()
	for {
		err := l.rebuild(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			break
		}
		l.logger.LogAttrs(ctx, slog.LevelError, "rebuild what is owed", slog.Any("error", err))
		pause(ctx, again)
	}
	requests, cancelRequests := context.WithCancelCause(context.WithoutCancel(ctx))
	appends, cancelAppends := context.WithCancelCause(context.WithoutCancel(ctx))
	defer l.workers.Wait()
	defer cancelAppends(errStopping)
	defer cancelRequests(errStopping)

	for ctx.Err() == nil && !l.over() {
		l.completeDue(time.Now())
		l.discardHeld()
		l.forgetRewritten(ctx)
		l.send(requests)
		more := l.read(ctx)
		l.write(appends)
		l.wait(ctx, more)
	}
	l.finish(appends, cancelRequests)
}

// wait waits for something to do. more is readable when there is something to read.
func (l *lane) wait(ctx context.Context, more <-chan struct{}) {
	l.timer.Reset(l.sleep())
	select {
	case <-more:
	case a := <-l.results:
		l.answered(ctx, a)
	case err := <-l.written:
		l.settle(ctx, err)
	case <-l.timer.C:
	case <-l.inbox.ready:
		for _, fence := range l.inbox.take() {
			l.learn(fence.Seq, &fence.Fence)
		}
	case ask := <-l.asks:
		ask <- l.status()
	case before := <-l.helds:
		l.since, l.sweep = max(l.since, before), true
	case <-ctx.Done():
	}
	for range len(l.results) {
		l.answered(ctx, <-l.results)
	}
}

// sleep is how long nothing happens by itself.
func (l *lane) sleep() time.Duration {
	now := time.Now()
	wait := time.Hour
	if l.readAt.After(now) {
		wait = min(wait, l.readAt.Sub(now))
	}
	if next, ok := l.gathering.next(); ok {
		wait = min(wait, next.Sub(now))
	}
	switch {
	case l.parked != nil && !l.parked.probing:
		if l.parked.next.After(now) {
			wait = min(wait, l.parked.next.Sub(now))
		}
		if due, ok := l.queue.nextDue(); ok && due.After(now) {
			wait = min(wait, due.Sub(now))
		}
	case l.parked == nil:
		if due, ok := l.queue.nextDue(); ok && due.After(now) {
			wait = min(wait, due.Sub(now))
		}
	}
	return wait
}

// finish waits for what is in flight and writes its outcomes; each of the two is abandoned after its time.
func (l *lane) finish(appends context.Context, cancelRequests context.CancelCauseFunc) {
	deadline := time.NewTimer(l.cfg.StopTimeout)
	defer deadline.Stop()
	canceled := false
	for l.flying > 0 || len(l.unwritten)+len(l.writing) > 0 {
		l.write(appends)
		select {
		case a := <-l.results:
			l.answered(appends, a)
		case err := <-l.written:
			l.settle(appends, err)
		case ask := <-l.asks:
			ask <- l.status()
		case <-deadline.C:
			if canceled {
				l.logger.LogAttrs(appends, slog.LevelError, "outcomes could not be written in time: their events will be sent again",
					slog.Int("outcomes", len(l.unwritten)+len(l.writing)), slog.Int("in_flight", l.flying))
				return
			}
			canceled = true
			cancelRequests(errStopping)
			deadline.Reset(l.cfg.StopTimeout)
		}
	}
}

// ask asks a lane for its status; false when it has ended, or ctx has.
func (l *lane) ask(ctx context.Context) (Status, bool) {
	answer := make(chan Status, 1)
	select {
	case l.asks <- answer:
		return <-answer, true
	case <-l.done:
	case <-ctx.Done():
	}
	return Status{}, false
}

func (l *lane) status() Status {
	s := Status{
		Workspace: l.workspace, Source: l.source, Destination: l.destination, Mapping: l.mapping,
		State: l.state(), Cursor: l.fold.Cursor(), InFlight: l.flying, Ready: l.queue.ready() + l.gathering.events(), Unwritten: len(l.unwritten) + len(l.writing), Retries: l.fold.Waiting(),
	}
	if p := l.parked; p != nil {
		s.Parked = &Parked{Code: p.code, Reason: p.reason, Since: p.since, NextProbe: p.next}
	}
	return s
}

func (l *lane) state() record.FenceState {
	fence, _ := l.fold.Newest()
	return fence.State
}

// learn takes a fence. What was compiled may depend on what changed with it, and what was unavailable may be mended.
func (l *lane) learn(seq uint64, fence *record.Fence) {
	if newest, ok := l.fold.Newest(); ok && newest.Seq >= seq {
		return
	}
	l.fold.Fence(seq, fence)
	clear(l.plans)
	if l.parked != nil {
		l.parked.tries, l.parked.next = 0, time.Now()
	}
	if fence.State == record.FenceDeleted {
		l.queue, l.held, l.parked = queue{}, nil, nil
	}
}

// compiled is the mapping of a fence.
func (l *lane) compiled(ctx context.Context, fence *fold.Fence) (Compiled, error) {
	p := l.plans[fence.Seq]
	if p == nil {
		p = &plan{}
		p.compiled, p.err = l.compile(ctx, &fence.Fence)
		l.plans[fence.Seq] = p
	}
	return p.compiled, p.err
}
