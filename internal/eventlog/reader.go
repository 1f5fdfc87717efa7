package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"penstock/internal/record"
)

// readBytesMax is how much a reader that is behind takes from the store at a time, in bytes.
const readBytesMax = 4 << 20

// Chunk is one frame, as a reader gets it. Removed is the number of lines of its subject, between the frame that the reader saw before and this one, that
// are no longer kept. Lost is the number of lines of its subject that are gone between the frame that the reader saw
// before and the end of this one; when the frame's own body is damaged its lines are among them, and Body is nil.
type Chunk struct {
	Seq     uint64
	Subject string
	Header  record.Header
	Body    []byte
	Lost    uint64
	Removed uint64
}

// chunkOverhead is about what a Chunk takes in memory besides its body, in bytes.
const chunkOverhead = 200

func (c *Chunk) size() int { return len(c.Body) + chunkOverhead }

// Source is the last token of the chunk's subject: the source, mapping or app.
func (c *Chunk) Source() string { return sourceOf(c.Subject) }

// Reader reads a stream in order from a position of its own. It stands on nobody's memory but its caller's: to go on after a restart, begin
// where the last one ended. It belongs to one goroutine, and needs no closing.
type Reader struct {
	log    *Log
	stream *stream
	filter string
	start  uint64
	next   uint64
	ready  []Stored // taken from the store, not handed out yet
	asOf   uint64   // what changes said before they were taken
	chain  map[string]head
}

// Read makes a reader of the frames from sequence from on (0 and 1: the beginning) whose subject matches filter, which may have NATS wildcards.
func (l *Log) Read(name Stream, filter string, from uint64) *Reader {
	from = max(from, 1)
	return &Reader{log: l, stream: l.streams[name], filter: filter, start: from, next: from, chain: map[string]head{}}
}

// Position is the sequence from which the reader goes on.
func (r *Reader) Position() uint64 {
	if len(r.ready) > 0 {
		return r.ready[0].Seq
	}
	return r.next
}

// Next returns the next frame, and waits for it when the reader is at the end of the stream.
func (r *Reader) Next(ctx context.Context) (Chunk, error) {
	for {
		c, ok, wait, err := r.step(ctx)
		if err != nil || ok {
			return c, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return Chunk{}, context.Cause(ctx)
		}
	}
}

// TryNext returns the next frame, or false when the reader is at the end of the stream.
func (r *Reader) TryNext(ctx context.Context) (Chunk, bool, error) {
	c, ok, _, err := r.step(ctx)
	return c, ok, err
}

// Wait returns a channel that is closed when there is more to read after TryNext said that there is not, or when there are frames to pass over, so that Position
// goes on.
func (r *Reader) Wait() <-chan struct{} {
	v := r.stream.tail.look(r.next, r.filter)
	if v.ok || v.store || v.next > r.next || len(r.ready) > 0 {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return v.changed
}

// step returns the next frame, or what to wait for.
func (r *Reader) step(ctx context.Context) (c Chunk, ok bool, wait <-chan struct{}, err error) { //nolint:revive // the four go together
	for {
		if len(r.ready) > 0 && r.asOf != r.stream.changes() {
			r.next, r.ready = r.ready[0].Seq, nil // some of them may not be what is kept
		}
		if len(r.ready) > 0 {
			if c, ok, err = r.decode(ctx, r.ready[0]); err != nil {
				return c, false, nil, err
			}
			r.ready = r.ready[1:]
			if ok {
				return c, true, nil, nil
			}
			continue
		}
		v := r.stream.tail.look(r.next, r.filter)
		switch {
		case v.ok && isOwn(v.chunk.Subject):
			r.next = v.next
			continue
		case v.ok:
			if c, err = r.link(ctx, v.chunk); err != nil {
				return c, false, nil, err
			}
			r.next = v.next
			return c, true, nil, nil
		case !v.store:
			r.next = v.next
			return Chunk{}, false, v.changed, nil
		}
		if err := r.fetch(ctx, v.end); err != nil {
			return Chunk{}, false, nil, err
		}
	}
}

// fetch takes more from the store; end is the stream's last sequence, known before.
func (r *Reader) fetch(ctx context.Context, end uint64) error {
	r.asOf = r.stream.changes()
	found, err := r.log.store.Read(ctx, r.stream.name, r.filter, r.next, readBytesMax)
	if err != nil {
		return fmt.Errorf("read %s from %d: %w", r.stream.name, r.next, err)
	}
	next := end + 1
	if len(found) > 0 {
		next = found[len(found)-1].Seq + 1
	}
	if r.ready, r.next, err = r.log.replaced(ctx, r.stream, r.filter, found, span{r.next, next}); err != nil {
		return fmt.Errorf("read %s from %d: %w", r.stream.name, r.next, err)
	}
	return nil
}

// decode makes a chunk of a stored frame. One whose header is damaged is passed over: the chain of its subject shows the hole.
func (r *Reader) decode(ctx context.Context, m Stored) (Chunk, bool, error) {
	if isOwn(m.Subject) {
		return Chunk{}, false, nil
	}
	h, body, err := record.DecodeFrame(m.Data)
	if errors.Is(err, record.ErrHeader) {
		r.log.logger.LogAttrs(ctx, slog.LevelError, "frame header is damaged", slog.String("stage", "eventlog"),
			slog.String("stream", string(r.stream.name)), slog.Uint64("seq", m.Seq), slog.String("subject", m.Subject))
		return Chunk{}, false, nil
	}
	c := Chunk{Seq: m.Seq, Subject: m.Subject, Header: h, Body: body}
	if err != nil {
		c.Body, c.Lost = nil, uint64(h.Lines) //nolint:gosec // checked by DecodeFrame
	}
	c, err = r.link(ctx, c)
	return c, err == nil, err
}

// link checks that a chunk follows the one of its subject that the reader saw before, and counts what is gone between them.
func (r *Reader) link(ctx context.Context, c Chunk) (Chunk, error) {
	if !chained(c.Header.Kind) {
		return c, nil
	}
	before, known := r.chain[c.Subject]
	if !known && c.Header.N > 1 && r.owes(&c) {
		var err error
		if before, err = r.log.headBefore(ctx, r.stream.name, c.Subject, c.Seq); err != nil {
			return Chunk{}, err
		}
		known = true
	}
	if known && c.Header.First > before.total {
		kept, err := r.log.Kept(ctx, r.stream.name, c.Subject)
		if err != nil {
			return Chunk{}, err
		}
		gap := c.Header.First - before.total
		c.Removed = min(gap, max(kept.Lines, before.total)-before.total)
		c.Lost += gap - c.Removed
	}
	if c.Lost > 0 {
		r.log.logger.LogAttrs(ctx, slog.LevelError, "log has a hole", slog.String("stage", "eventlog"), slog.String("stream", string(r.stream.name)),
			slog.String("subject", c.Subject), slog.Uint64("before", c.Seq), slog.Uint64("lines", c.Lost))
	}
	r.chain[c.Subject] = head{seq: c.Seq, n: c.Header.N, total: c.Header.Total()}
	return c, nil
}

// owes tells whether the frame before c should have been seen by this reader. Where c does not say which that is, it is the one directly before.
func (r *Reader) owes(c *Chunk) bool {
	prev := c.Header.Prev
	if prev == 0 {
		prev = c.Seq - 1
	}
	return prev >= r.start
}

// Matches tells whether a subject matches a filter with NATS wildcards.
func Matches(filter, subject string) bool {
	if filter == subject || filter == ">" {
		return true
	}
	for {
		f, frest, fmore := strings.Cut(filter, ".")
		s, srest, smore := strings.Cut(subject, ".")
		switch {
		case f == ">":
			return true
		case f != "*" && f != s:
			return false
		case fmore != smore:
			return false
		case !fmore:
			return true
		}
		filter, subject = frest, srest
	}
}
