package fold

import (
	"cmp"
	"iter"
	"slices"

	"penstock/internal/record"
)

// entry is a chunk, or a hole, that is owed and not settled yet. Entries lie in the order of the stream; a hole lies before the chunk behind it.
type entry struct {
	seq   uint64
	lines uint64
	left  uint64      // of them, not settled
	state []lineState // of a chunk in progress; nil while nobody has touched it
	hole  *hole       // nil for a chunk

	before    uint64 // lines of the source before a chunk
	behindGap bool   // a hole lay before the chunk, or in it
}

// hole is what is known of lines that cannot be read: the frames they were in lie behind after, up to last.
type hole struct {
	after, last uint64
	settled     map[record.Position]struct{} // by outcomes from before they were gone
}

type lineState uint8

const (
	pending lineState = iota
	retrying
	settled
)

// mark is what an outcome says of a span.
type mark struct {
	span     record.Span
	status   record.Status
	attempt  int
	due      int64
	batch    string
	revision uint64
	millis   int64
	order    uint64 // among the outcomes
}

// first is the first line that is not settled.
func (e *entry) first() int {
	return max(0, slices.IndexFunc(e.state, func(s lineState) bool { return s != settled }))
}

// unsettled lists the lines of a chunk that are not settled, as spans.
func (e *entry) unsettled() iter.Seq[record.Span] {
	return func(yield func(record.Span) bool) {
		if e.state == nil {
			yield(record.Span{Seq: e.seq, To: int(e.lines) - 1}) //nolint:gosec // lines of one frame
			return
		}
		for from := 0; from < len(e.state); {
			if e.state[from] == settled {
				from++
				continue
			}
			to := from
			for to+1 < len(e.state) && e.state[to+1] != settled {
				to++
			}
			if !yield(record.Span{Seq: e.seq, From: from, To: to}) {
				return
			}
			from = to + 1
		}
	}
}

// chunk finds the entry of a frame; nil when it is not owed, or settled and gone.
func (f *Fold) chunk(seq uint64) *entry {
	i, _ := slices.BinarySearchFunc(f.entries, seq, func(e entry, seq uint64) int { return cmp.Compare(e.seq, seq) })
	for ; i < len(f.entries) && f.entries[i].seq == seq; i++ {
		if f.entries[i].hole == nil {
			return &f.entries[i]
		}
	}
	return nil
}

// holeOf finds the unsettled hole that a frame fell into; nil when there is none.
func (f *Fold) holeOf(seq uint64) *entry {
	i, _ := slices.BinarySearchFunc(f.entries, seq, func(e entry, seq uint64) int { return cmp.Compare(e.seq, seq) })
	for ; i < len(f.entries); i++ {
		e := &f.entries[i]
		if e.hole != nil && seq > e.hole.after && seq <= e.hole.last {
			return e
		}
		if e.seq > seq {
			return nil
		}
	}
	return nil
}

// mark applies an outcome to a frame that has come. What is not owed, or settled already, stays as it is.
func (f *Fold) mark(m mark) {
	if e := f.chunk(m.span.Seq); e != nil {
		f.markChunk(e, m)
	} else if e := f.holeOf(m.span.Seq); e != nil && m.status.Terminal() {
		f.markHole(e, m)
	}
}

func (f *Fold) markChunk(e *entry, m mark) {
	if e.left == 0 {
		return
	}
	f.reached = max(f.reached, e.seq)
	if e.state == nil {
		if m.status.Terminal() && m.span.From == 0 && uint64(m.span.Len()) >= e.lines { //nolint:gosec // a span has lines
			f.settle(e, m.status, e.lines)
			return
		}
		e.state = make([]lineState, e.lines)
	}
	for line := m.span.From; line <= min(m.span.To, len(e.state)-1); line++ {
		at := record.Position{Seq: e.seq, Line: line}
		switch {
		case e.state[line] == settled:
		case m.status == record.Retrying:
			e.state[line] = retrying
			f.retry(at, m)
		default:
			e.state[line] = settled
			delete(f.retries, at)
			f.settle(e, m.status, 1)
		}
	}
}

func (f *Fold) retry(at record.Position, m mark) {
	since := m.millis
	if r, ok := f.retries[at]; ok {
		since = r.Since
	}
	f.retries[at] = Retry{At: at, Due: m.due, Attempt: m.attempt, Revision: m.revision, Batch: m.batch, Since: since}
}

// markHole settles lines that cannot be read any more, by outcomes from the time when they could.
func (f *Fold) markHole(e *entry, m mark) {
	f.reached = max(f.reached, e.seq)
	for line := m.span.From; line <= m.span.To && e.left > 0; line++ {
		at := record.Position{Seq: m.span.Seq, Line: line}
		if _, known := e.hole.settled[at]; !known {
			e.hole.settled[at] = struct{}{}
			f.settle(e, m.status, 1)
		}
	}
}

// fill settles what is left of the hole before a frame as lost.
func (f *Fold) fill(before uint64) {
	i, ok := slices.BinarySearchFunc(f.entries, before, func(e entry, seq uint64) int { return cmp.Compare(e.seq, seq) })
	if ok && f.entries[i].hole != nil {
		f.reached = max(f.reached, before)
		f.settle(&f.entries[i], record.Lost, f.entries[i].left)
	}
}

// settle counts n lines of an entry as settled.
func (f *Fold) settle(e *entry, status record.Status, n uint64) {
	if n == 0 {
		return
	}
	e.left -= n
	if e.left == 0 {
		e.state = nil
		f.dead++
	}
	f.settled.add(status, n)
}

// compact drops the entries with nothing left, once they are the greater part.
func (f *Fold) compact() {
	if f.dead*2 > len(f.entries) {
		f.entries = slices.DeleteFunc(f.entries, func(e entry) bool { return e.left == 0 })
		f.dead = 0
	}
}
