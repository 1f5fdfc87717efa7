package fold

import (
	"cmp"
	"iter"
	"slices"

	"penstock/internal/record"
)

// Fold is what is known of one mapping's run. It is not safe for concurrent use.
type Fold struct {
	run     uint32
	fences  []Fence
	begun   bool   // a frame has come
	last    uint64 // sequence of the newest frame
	total   uint64 // lines of the source up to and with that frame
	reached uint64 // sequence of the newest frame that an outcome has touched
	entries []entry
	dead    int               // entries with nothing left
	ahead   map[uint64][]mark // outcomes of frames that have not come yet
	holes   map[uint64]uint64 // outcomes of holes that have not come yet: the frame behind them, and their order
	order   uint64            // of the newest outcome
	retries map[record.Position]Retry
	park    *Park
	settled Counts // the terminal ones, and Accepted
}

// Fence is a fence and where it lies.
type Fence struct {
	Seq uint64
	record.Fence
}

// Frame is a frame of the source's events as a reader of the log hands it out.
type Frame struct {
	Seq     uint64
	Header  *record.Header
	Lost    uint64 // lines of the source that are gone between the frame before and the end of this one
	Removed uint64 // lines of the source between the frame before and this one that are no longer kept; nobody owes them
	Damaged bool   // the frame's own lines cannot be read; they are among Lost
}

// Retry is a position that waits to be tried again.
type Retry struct {
	At       record.Position
	Due      int64  // ms since 1970
	Attempt  int    // attempts made
	Revision uint64 // of the fence that it is evaluated with
	Batch    string // the webhook-id of the batch that it is a member of; empty: it is sent by itself
	Since    int64  // of its first failed attempt, ms since 1970, moved on by the time that the mapping was parked
}

// Park is why a mapping is parked, and since when.
type Park struct {
	At     []record.Span // what was attempted
	Code   string
	Reason string
	Since  int64 // ms since 1970
}

// New makes the Fold of a run; 0 is live delivery.
func New(run uint32) *Fold {
	return &Fold{run: run, ahead: map[uint64][]mark{}, holes: map[uint64]uint64{}, retries: map[record.Position]Retry{}}
}

// Fence takes a fence of the mapping. One that was taken before is passed over.
func (f *Fold) Fence(seq uint64, fence *record.Fence) {
	if n := len(f.fences); n == 0 || f.fences[n-1].Seq < seq {
		f.fences = append(f.fences, Fence{Seq: seq, Fence: *fence})
	}
}

// FenceAt is the newest fence before a sequence, which says whether the frame there is owed; false when there is none.
func (f *Fold) FenceAt(seq uint64) (Fence, bool) {
	for _, fence := range slices.Backward(f.fences) {
		if fence.Seq < seq {
			return fence, true
		}
	}
	return Fence{}, false
}

// Newest is the newest fence; false when there is none.
func (f *Fold) Newest() (Fence, bool) {
	if len(f.fences) == 0 {
		return Fence{}, false
	}
	return f.fences[len(f.fences)-1], true
}

// Owes tells whether the mapping owes outcomes for the frame at a sequence.
func (f *Fold) Owes(seq uint64) bool {
	fence, ok := f.FenceAt(seq)
	return ok && fence.State == record.FenceOn
}

// Deleted tells whether the mapping is gone: it owes nothing new, and what is unsettled is to be discarded.
func (f *Fold) Deleted() bool {
	fence, ok := f.Newest()
	return ok && fence.State == record.FenceDeleted
}

// Last is the sequence of the newest frame that was fed.
func (f *Fold) Last() uint64 { return f.last }

// Ahead tells whether outcomes were fed whose frames have not come yet.
func (f *Fold) Ahead() bool { return len(f.ahead)+len(f.holes) > 0 }

// Frame takes a frame of the source's events. One that was taken before is passed over.
func (f *Fold) Frame(fr Frame) {
	if fr.Seq <= f.last {
		return
	}
	lines := uint64(fr.Header.Lines) //nolint:gosec // checked to be positive when a frame is made or read
	readable := lines
	if fr.Damaged {
		readable = 0
	}
	before, total := f.last, fr.Header.Total()
	if !f.begun {
		f.begun, f.total = true, total-min(total, fr.Lost+readable)
	} else {
		f.total += fr.Removed
	}
	gone := total - min(total, f.total+readable) // by the chain alone: what Lost should be
	if fr.Lost == 0 {
		fr.Lost = gone // the reader began behind the hole, and the fold did not
	}
	f.last, f.total = fr.Seq, total
	if fr.Lost > 0 {
		f.addHole(fr, before, gone)
	}
	if f.Owes(fr.Seq) && readable > 0 {
		f.settled.Accepted += lines
		f.entries = append(f.entries, entry{seq: fr.Seq, before: fr.Header.First, lines: lines, left: lines, behindGap: fr.Lost > 0})
		for _, m := range f.ahead[fr.Seq] {
			f.mark(m)
		}
	}
	delete(f.ahead, fr.Seq)
	f.compact()
}

// addHole takes a hole that lies before a frame, or ends with it. It is owed as its last frame would have been, unless the mapping was deleted before it
// showed.
func (f *Fold) addHole(fr Frame, after, gone uint64) {
	last := cmp.Or(fr.Header.Prev, fr.Seq-1)
	if fr.Damaged {
		last = fr.Seq
	}
	within := func(seq uint64) bool { return seq > after && seq <= last }
	if here, _ := f.FenceAt(fr.Seq); f.Owes(last) && here.State != record.FenceDeleted {
		f.settled.Accepted += gone
		f.entries = append(f.entries, entry{seq: fr.Seq, lines: fr.Lost, left: fr.Lost, hole: &hole{after: after, last: last, settled: map[record.Position]struct{}{}}})
		filled, settled := f.holes[fr.Seq]
		for seq, marks := range f.ahead {
			for _, m := range marks {
				if within(seq) && (!settled || m.order < filled) {
					f.mark(m)
				}
			}
		}
		if settled {
			f.fill(fr.Seq)
		}
	}
	delete(f.holes, fr.Seq)
	for seq := range f.ahead {
		if within(seq) {
			delete(f.ahead, seq)
		}
	}
}

// Outcome takes a line of the mapping's outcomes.
func (f *Fold) Outcome(o *record.Outcome) {
	if o.Run != f.run {
		return
	}
	switch o.Status {
	case record.Parked:
		f.park = &Park{At: o.At, Code: o.Code, Reason: o.Reason, Since: o.Millis}
		return
	case record.Resumed:
		f.resume(o.Millis)
		return
	case record.Delivered, record.Filtered, record.Duplicate, record.Discarded, record.Lost, record.Retrying:
	}
	f.order++
	if o.Hole != nil {
		f.outcomeOfHole(o.Hole.Before)
	}
	for _, span := range o.At {
		m := mark{span: span, status: o.Status, attempt: o.Attempt, due: o.Due, batch: o.Batch, revision: o.Revision, millis: o.Millis, order: f.order}
		if span.Seq > f.last {
			f.ahead[span.Seq] = append(f.ahead[span.Seq], m)
		} else {
			f.mark(m)
		}
	}
	f.compact()
}

func (f *Fold) outcomeOfHole(before uint64) {
	if before <= f.last {
		f.fill(before)
	} else if _, known := f.holes[before]; !known {
		f.holes[before] = f.order
	}
}

// resume ends the parking. The time that it took does not count as age of the retries that waited meanwhile.
func (f *Fold) resume(now int64) {
	if f.park == nil {
		return
	}
	for at, r := range f.retries {
		r.Since += max(0, now-max(f.park.Since, r.Since))
		f.retries[at] = r
	}
	f.park = nil
}

// Parked is why the mapping is parked; false when it is not.
func (f *Fold) Parked() (Park, bool) {
	if f.park == nil {
		return Park{}, false
	}
	return *f.park, true
}

// Retries lists what waits to be tried again, in no order.
func (f *Fold) Retries() iter.Seq[Retry] {
	return func(yield func(Retry) bool) {
		for _, r := range f.retries {
			if !yield(r) {
				return
			}
		}
	}
}

// Retry is the retry that waits for a position; false when none does.
func (f *Fold) Retry(at record.Position) (Retry, bool) {
	r, ok := f.retries[at]
	return r, ok
}

// Waiting is the number of retries that wait.
func (f *Fold) Waiting() int { return len(f.retries) }

// Cursor is the first unsettled position; behind the newest frame when there is none. A hole stands at line 0 of the frame behind it.
func (f *Fold) Cursor() record.Position {
	for i := range f.entries {
		if e := &f.entries[i]; e.left > 0 {
			return record.Position{Seq: e.seq, Line: e.first()}
		}
	}
	return record.Position{Seq: f.last + 1}
}

// Pending lists the lines of a frame that are owed, not settled, and not waiting to be tried again.
func (f *Fold) Pending(seq uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		e := f.chunk(seq)
		if e == nil || e.left == 0 {
			return
		}
		for line := range int(e.lines) { //nolint:gosec // lines of one frame
			if len(e.state) > 0 && e.state[line] != pending {
				continue
			}
			if !yield(line) {
				return
			}
		}
	}
}

// Unsettled lists all that is owed and not settled, retries included, in order, without the holes.
func (f *Fold) Unsettled() iter.Seq[record.Span] {
	return func(yield func(record.Span) bool) {
		for i := range f.entries {
			if e := &f.entries[i]; e.left == 0 || e.hole != nil {
				continue
			}
			for span := range f.entries[i].unsettled() {
				if !yield(span) {
					return
				}
			}
		}
	}
}

// Holes lists the holes that are owed and not settled, in order, each with the lines of which nothing is known.
func (f *Fold) Holes() iter.Seq[record.Hole] {
	return func(yield func(record.Hole) bool) {
		for i := range f.entries {
			if e := &f.entries[i]; e.hole != nil && e.left > 0 && !yield(record.Hole{Before: e.seq, Lines: e.left}) {
				return
			}
		}
	}
}

// Open is the sequence of the first frame of which something is owed and not settled; false when there is none.
func (f *Fold) Open() (uint64, bool) {
	for i := range f.entries {
		if e := &f.entries[i]; e.left > 0 {
			return e.seq, true
		}
	}
	return 0, false
}
