package eventlog

import (
	"context"

	"penstock/internal/record"
)

// plan is one commit: the frames that requests become, in the order in which they will be stored.
type plan struct {
	messages []Message
	chunks   []Chunk // as readers will get them; their sequences are known once stored
	heads    map[string]*head
	seen     []Seen
	requests []placed
	at       int64
}

// placed is where a request's first line went: a line of the plan's chunk.
type placed struct {
	request *request
	chunk   int
	line    int
}

// builder collects the lines of one frame.
type builder struct {
	kind  record.Kind
	body  []byte
	lines int
	dups  []record.Dup
}

// plan makes frames of requests: one for each subject and kind, or more where they would be too large. The frames of a subject keep the
// order of its requests.
func (c *committer) plan(ctx context.Context, batch []*request) (*plan, error) {
	p := &plan{heads: map[string]*head{}}
	groups, floor := bySubject(batch), int64(0)
	for _, group := range groups {
		h, err := c.headOf(ctx, group[0].subject)
		if err != nil {
			return nil, err
		}
		p.heads[group[0].subject] = &h
		floor = max(floor, h.at)
	}
	p.at = c.now(floor)
	for _, group := range groups {
		c.fill(p, group)
	}
	return p, nil
}

// bySubject groups requests, in the order in which each subject came first.
func bySubject(batch []*request) [][]*request {
	if len(batch) == 1 {
		return [][]*request{batch}
	}
	place := make(map[string]int, 16)
	var groups [][]*request
	for _, r := range batch {
		i, ok := place[r.subject]
		if !ok {
			i = len(groups)
			place[r.subject] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// fill adds the frames of one subject to the plan.
func (c *committer) fill(p *plan, group []*request) {
	subject := group[0].subject
	var size int64
	for _, r := range group {
		size += r.bytes
	}
	b := &builder{kind: group[0].kind, body: make([]byte, 0, min(size, record.FrameBytesMax))}
	known := map[string]first{}
	for _, r := range group {
		if len(r.lines) == 0 {
			p.requests = append(p.requests, placed{request: r, chunk: len(p.chunks), line: b.lines})
		}
		for i := range r.lines {
			line := &r.lines[i]
			if b.lines > 0 && (r.kind != b.kind || !r.whole && len(b.body)+len(line.Data) >= record.FrameBytesMax) {
				p.close(subject, b)
				b = &builder{kind: r.kind, body: make([]byte, 0, record.FrameBytesMax/8)}
			}
			b.kind = r.kind
			if i == 0 {
				p.requests = append(p.requests, placed{request: r, chunk: len(p.chunks), line: b.lines})
			}
			if c.stream.index != nil && r.kind == record.KindEvents && line.ID != "" {
				c.mark(p, b, subject, line.ID, known)
			}
			b.body = append(append(b.body, line.Data...), '\n')
			b.lines++
		}
	}
	p.close(subject, b)
}

// first is where an id was seen first: in the log, or in this commit, where the sequence is the chunk's place in the
// plan.
type first struct {
	at     record.Position
	stored bool
}

// dup marks a line of a chunk as a repeat.
func (f first) dup(chunk uint64, line int) record.Dup {
	if f.stored {
		return record.Dup{Line: line, Of: f.at}
	}
	back := int(chunk - f.at.Seq) //nolint:gosec // frames of one batch
	return record.Dup{Line: line, Of: record.Position{Line: f.at.Line}, Back: back}
}

// mark looks a line's id up, and marks the line if it was seen before. The first position in the log wins. An id is
// looked up in the index once, however often a commit has it.
func (c *committer) mark(p *plan, b *builder, subject, id string, known map[string]first) {
	chunk := uint64(len(p.chunks)) // the place of the chunk stands for its sequence until settle
	seen := Seen{Source: sourceOf(subject), ID: id, At: record.Position{Seq: chunk, Line: b.lines}, Millis: p.at}
	of, repeat := known[id]
	if !repeat {
		at, stored := c.stream.index.First(seen.Source, id, p.at-c.log.cfg.Window.Milliseconds())
		if of = (first{at: at, stored: stored}); !stored {
			of.at = seen.At
		}
		known[id], repeat = of, stored
	}
	if repeat {
		b.dups = append(b.dups, of.dup(chunk, b.lines))
	}
	seen.Repeat = repeat
	p.seen = append(p.seen, seen)
}

// close ends a frame: gives it its place in the chain and encodes it.
func (p *plan) close(subject string, b *builder) {
	h := p.heads[subject]
	header := record.Header{Kind: b.kind, N: h.n + 1, Prev: h.seq, First: h.total, Lines: b.lines, Bytes: h.bytes, At: p.at, Dups: b.dups}
	expect := h.seq
	if h.placed {
		header.Prev, expect = 0, NoExpect
	}
	data := record.AppendFrame(make([]byte, 0, len(b.body)+160+24*len(b.dups)), &header, b.body)
	p.messages = append(p.messages, Message{Subject: subject, Data: data, Expect: expect})
	p.chunks = append(p.chunks, Chunk{Subject: subject, Header: header, Body: data[len(data)-len(b.body):]})
	h.n, h.total, h.at, h.placed = header.N, header.Total(), header.At, true
	h.bytes += uint64(len(b.body))
}

// settle gives everything in the plan its position, now that the sequence of its first message is known.
func (p *plan) settle(first uint64) {
	for i := range p.chunks {
		p.chunks[i].Seq = first + uint64(i)
		p.heads[p.chunks[i].Subject].seq = p.chunks[i].Seq
	}
	for i := range p.seen {
		p.seen[i].At.Seq += first
	}
	for _, at := range p.requests {
		at.request.first = record.Position{Seq: p.chunks[at.chunk].Seq, Line: at.line}
	}
	for _, h := range p.heads {
		h.placed = false
	}
}
