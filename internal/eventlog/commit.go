package eventlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"strings"
	"time"

	"penstock/internal/record"
)

const (
	queueLen          = 8192           // requests that wait for a commit, for each stream
	commitBytesMax    = 16 << 20       // of one atomic batch
	appendBytesMax    = 8<<20 - 64<<10 // of one call: even as a single line it fits into a message of the embedded server, with its headers
	commitRequestsMax = 800            // of one atomic batch; with the frames that bytes may add, it stays under JetStream's 1,000 messages
	conflictsMax      = 8              // times that a batch is made anew because somebody else had appended
	yieldsMax         = 32             // times that a commit lets others run before it goes on without them; some microseconds together
	retryPause        = 250 * time.Millisecond
)

// request is one Append that waits for its commit.
type request struct {
	subject string
	whole   bool // its lines lie in one frame, however large
	kind    record.Kind
	lines   []Line
	bytes   int64
	done    chan struct{}
	first   record.Position
	err     error
}

// Append adds lines to the end of a subject and returns when they are durable, with the position of the first. The lines of one call lie in one frame, or
// in frames that were stored by one atomic batch when they are too many for one. When ctx ends first, the lines may still be
// stored.
func (l *Log) Append(ctx context.Context, name Stream, subject string, kind record.Kind, lines []Line) (record.Position, error) {
	if len(lines) == 0 {
		return record.Position{}, fmt.Errorf("append to %s: no lines", subject)
	}
	return l.append(ctx, name, &request{subject: subject, kind: kind, lines: lines})
}

// append hands a request to the committer of a stream, and waits.
func (l *Log) append(ctx context.Context, name Stream, r *request) (record.Position, error) {
	s, subject, lines := l.streams[name], r.subject, r.lines
	r.done = make(chan struct{})
	for i := range lines {
		if len(lines[i].Data) == 0 || bytes.IndexByte(lines[i].Data, '\n') >= 0 {
			return record.Position{}, fmt.Errorf("append to %s: line %d is empty or holds a newline", subject, i)
		}
		r.bytes += int64(len(lines[i].Data)) + 1
	}
	if r.bytes > appendBytesMax {
		return record.Position{}, fmt.Errorf("append to %s: %d bytes in one call, at most %d: %w", subject, r.bytes, appendBytesMax, ErrTooLarge)
	}
	if s.waiting.Add(r.bytes) > l.cfg.QueueBytesMax {
		s.waiting.Add(-r.bytes)
		return record.Position{}, fmt.Errorf("append to %s: %w", subject, ErrBusy)
	}
	select {
	case s.queue <- r:
	default:
		s.waiting.Add(-r.bytes)
		return record.Position{}, fmt.Errorf("append to %s: %w", subject, ErrBusy)
	}
	select {
	case <-r.done:
		return r.first, r.err
	case <-s.closed:
		select {
		case <-r.done: // it was in the last commit
			return r.first, r.err
		default:
			return record.Position{}, fmt.Errorf("append to %s: %w", subject, ErrClosed)
		}
	case <-ctx.Done():
		return record.Position{}, fmt.Errorf("append to %s: %w", subject, context.Cause(ctx))
	}
}

// head is the end of a subject's chain.
type head struct {
	seq, n, total uint64
	bytes         uint64 // of all bodies
	at            int64  // time of its last frame, in ms since 1970
	placed        bool   // its last frame is in the plan that is being made
}

// committer turns the requests of one stream into commits, one after the other: whatever waits when a commit ends is the next one.
type committer struct {
	log     *Log
	stream  *stream
	lastAt  int64
	lastLen int   // requests in the last commit
	unsure  *plan // whose fate was not known when its callers were answered; nil: none
}

func (c *committer) run(ctx context.Context) {
	defer close(c.stream.closed)
	for {
		select {
		case r := <-c.stream.queue:
			c.commit(context.WithoutCancel(ctx), c.gather(r))
		case <-ctx.Done():
			c.drain(context.WithoutCancel(ctx))
			return
		}
	}
}

// drain commits what still waits at the end. Who comes later finds the stream closed.
func (c *committer) drain(ctx context.Context) {
	for {
		select {
		case r := <-c.stream.queue:
			c.commit(ctx, c.gather(r))
		default:
			return
		}
	}
}

// gather takes what waits, up to the size of one atomic batch. Those whom the last commit has answered are often about to come again: while there
// are fewer than it had, it lets them run for a moment. So a lone caller waits for nobody, and many share a commit instead of two.
func (c *committer) gather(first *request) []*request {
	batch, size := []*request{first}, first.bytes
	yields := 0
	for len(batch) < commitRequestsMax && size <= commitBytesMax/2 {
		select {
		case r := <-c.stream.queue:
			batch = append(batch, r)
			size += r.bytes
			continue
		default:
		}
		if len(batch) >= c.lastLen || yields == yieldsMax {
			break
		}
		yields++
		runtime.Gosched()
	}
	c.lastLen = len(batch)
	return batch
}

// commit stores the requests as one atomic batch, and answers them.
func (c *committer) commit(ctx context.Context, batch []*request) {
	plan, err := c.store(ctx, batch)
	if err == nil {
		c.publish(ctx, plan)
	}
	for _, r := range batch {
		c.stream.waiting.Add(-r.bytes)
		if err != nil {
			r.first, r.err = record.Position{}, fmt.Errorf("append to %s: %w", r.subject, err)
		}
		close(r.done)
	}
}

// store makes frames of the requests and stores them; when another process has appended to a subject meanwhile, they are made anew.
func (c *committer) store(ctx context.Context, batch []*request) (*plan, error) {
	deadline := time.Now().Add(c.log.cfg.AppendTimeout)
	for range conflictsMax {
		if err := c.resolve(ctx); err != nil {
			return nil, err
		}
		p, err := c.plan(ctx, batch)
		if err != nil {
			return nil, err
		}
		err = c.append(ctx, p, deadline)
		if err == nil {
			c.unsure = nil // it had the same expectation, or an older one
		}
		if !errors.Is(err, ErrConflict) {
			return p, err
		}
		if err := c.relearn(ctx, p, err); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w, %d times in a row", ErrConflict, conflictsMax)
}

// resolve finds out about a plan whose callers were told that it had failed, though its fate was not known. If it is in the log after all, readers and the
// index of seen ids get it now, so that what its callers send again is a duplicate.
func (c *committer) resolve(ctx context.Context) error {
	p := c.unsure
	if p == nil {
		return nil
	}
	switch err := c.arrived(ctx, p, ErrConflict); {
	case errors.Is(err, ErrConflict):
		return nil // not there
	case err != nil:
		return err
	}
	c.unsure = nil
	c.publish(ctx, p)
	return nil
}

// relearn reads anew where subjects stand, after a conflict.
func (c *committer) relearn(ctx context.Context, p *plan, conflict error) error {
	if at, ok := errors.AsType[*ConflictError](conflict); ok {
		return c.relearnSubject(ctx, at.Subject, at.Stands)
	}
	for subject := range p.heads {
		if err := c.relearnSubject(ctx, subject, 0); err != nil {
			return err
		}
	}
	return nil
}

// relearnSubject reads the end of one subject's chain; stands is the sequence at which the store says it stands, 0 where it does not say.
// Where the chain is known to have gone further than what can be read of it, it goes on from there, so that every reader notices what is gone,
// with the exact number. Where the subject stands at a message that cannot be read, and nobody knows what was in it, one frame of one line, the
// least that it can have been, is left out.
func (c *committer) relearnSubject(ctx context.Context, subject string, stands uint64) error {
	known := c.stream.heads[subject]
	delete(c.stream.heads, subject)
	h, err := c.headOf(ctx, subject)
	if err != nil {
		return err
	}
	switch readable := h.seq; {
	case known != nil && known.n > h.n:
		h = head{seq: max(readable, stands), n: known.n, total: known.total, bytes: known.bytes, at: max(known.at, h.at)}
	case stands > readable:
		if lost, err := c.log.unreadable(ctx, c.stream.name, stands); err != nil || !lost {
			return err // somebody has just stored it
		}
		h = head{seq: stands, n: h.n + 1, total: h.total + 1, bytes: h.bytes, at: h.at}
	default:
		return nil
	}
	c.stream.heads[subject] = &h
	c.log.logger.LogAttrs(ctx, slog.LevelError, "end of subject is lost", slog.String("stage", "eventlog"), slog.String("stream", string(c.stream.name)),
		slog.String("subject", subject), slog.Uint64("seq", stands), slog.Uint64("frame", h.n))
	return nil
}

// append stores a plan, again and again while its fate is unknown: a repeated batch has the same expectations, so it can be stored only once,
// and when it is refused, the end of its last subject tells whether an earlier try had arrived.
func (c *committer) append(ctx context.Context, p *plan, deadline time.Time) error {
	for tries := 0; ; tries++ {
		first, err := c.tryAppend(ctx, p)
		switch {
		case err == nil:
			p.settle(first)
			return nil
		case errors.Is(err, ErrFull) || errors.Is(err, ErrTooLarge):
			if tries > 0 {
				c.doubt(p)
			}
			return err
		case errors.Is(err, ErrConflict):
			return c.arrived(ctx, p, err)
		case time.Now().After(deadline):
			c.doubt(p)
			return err
		}
		c.log.logger.LogAttrs(ctx, slog.LevelWarn, "append again", slog.String("stage", "eventlog"),
			slog.String("stream", string(c.stream.name)), slog.Int("tries", tries+1), slog.Any("error", err))
		timer := time.NewTimer(retryPause)
		<-timer.C
	}
}

// doubt keeps a plan in mind whose callers are told that it was not stored, though an earlier try may have arrived.
func (c *committer) doubt(p *plan) {
	clear(c.stream.heads)
	p.requests = nil // they are answered now
	c.unsure = p
}

func (c *committer) tryAppend(ctx context.Context, p *plan) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.log.cfg.AppendTimeout/4)
	defer cancel()
	return c.log.store.Append(ctx, c.stream.name, p.messages)
}

// arrived tells, after a conflict, whether the plan had been stored by an earlier try: then its last message is the last of its subject.
func (c *committer) arrived(ctx context.Context, p *plan, conflict error) error {
	lastMessage := p.messages[len(p.messages)-1]
	stored, err := c.log.store.Before(ctx, c.stream.name, lastMessage.Subject, 0)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil && bytes.Equal(stored.Data, lastMessage.Data) {
		p.settle(stored.Seq - uint64(len(p.messages)) + 1)
		return nil
	}
	return conflict
}

// publish lets everybody know of a stored plan: the ends of the chains, the index of seen ids, the readers at the tail.
func (c *committer) publish(ctx context.Context, p *plan) {
	maps.Copy(c.stream.heads, p.heads)
	last := p.chunks[len(p.chunks)-1].Seq
	if c.stream.index != nil {
		if err := c.stream.index.Note(last, p.seen); err != nil {
			// The index is behind the log now; it catches up at the next start. Duplicates may get through until then.
			c.log.logger.LogAttrs(ctx, slog.LevelError, "note seen ids", slog.String("stage", "eventlog"), slog.Any("error", err))
		}
	}
	c.stream.tail.put(p.chunks)
}

// headOf is where a subject stands.
func (c *committer) headOf(ctx context.Context, subject string) (head, error) {
	if h := c.stream.heads[subject]; h != nil {
		return *h, nil
	}
	return c.log.headBefore(ctx, c.stream.name, subject, 0)
}

// now is the time of a commit, in ms since 1970. It never goes backwards within a stream of this node, nor within a subject, whose last frame
// (at floor) another node with another clock may have written.
func (c *committer) now(floor int64) int64 {
	c.lastAt = max(c.lastAt, floor, time.Now().UnixMilli())
	return c.lastAt
}

// sourceOf is the last token of a subject.
func sourceOf(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }
