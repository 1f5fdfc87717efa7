package fold

import (
	"slices"

	"penstock/internal/record"
)

// Checkpoint is all that the fold knows, for Resume. The caller says up to which sequences both streams have been fed. Frames at the end that nobody has touched
// are left out: they are to be fed again, from behind Checkpoint.Events on. It is false while outcomes are known whose frames have not come.
func (f *Fold) Checkpoint(events, outcomes uint64) (*record.Checkpoint, bool) {
	f.passed()
	if f.Ahead() {
		return nil, false
	}
	c := &record.Checkpoint{
		Run: f.run, Events: max(events, f.last), Outcomes: outcomes, Begun: f.begun, Frame: f.last, Lines: f.total, Accepted: f.settled.Accepted, Counts: f.settled.terminal(),
	}
	open := f.touched()
	if open < len(f.entries) {
		first := &f.entries[open]
		c.Events, c.Frame, c.Lines = first.seq-1, first.seq-1, first.before
	}
	for i := range f.entries[open:] {
		c.Accepted -= f.entries[open+i].left
	}
	for i := range f.entries[:open] {
		if e := &f.entries[i]; e.left > 0 {
			c.Open = append(c.Open, e.record())
		}
	}
	for r := range f.Retries() {
		c.Retries = append(c.Retries, record.Waiting(r))
	}
	slices.SortFunc(c.Retries, func(a, b record.Waiting) int { return a.At.Compare(b.At) })
	if f.park != nil {
		p := record.Park(*f.park)
		c.Park = &p
	}
	return c, true
}

// passed forgets outcomes of frames that cannot come any more, since a later one has.
func (f *Fold) passed() {
	for seq := range f.ahead {
		if seq <= f.last {
			delete(f.ahead, seq)
		}
	}
	for seq := range f.holes {
		if seq <= f.last {
			delete(f.holes, seq)
		}
	}
}

// touched is the number of entries before the frames at the end that nobody has touched.
func (f *Fold) touched() int {
	n := len(f.entries)
	for n > 0 {
		if e := &f.entries[n-1]; e.hole != nil || e.behindGap || e.seq <= f.reached {
			break
		}
		n--
	}
	return n
}

// record is an entry as a checkpoint has it.
func (e *entry) record() record.Open {
	o := record.Open{Seq: e.seq, First: e.before, Lines: e.lines, BehindGap: e.behindGap}
	if e.hole != nil {
		o.Hole, o.After, o.Last = true, e.hole.after, e.hole.last
		for at := range e.hole.settled {
			o.Settled = append(o.Settled, record.At(at))
		}
		slices.SortFunc(o.Settled, func(a, b record.Span) int {
			return record.Position{Seq: a.Seq, Line: a.From}.Compare(record.Position{Seq: b.Seq, Line: b.From})
		})
		return o
	}
	for line, s := range e.state {
		if s != settled {
			continue
		}
		if n := len(o.Settled); n > 0 && o.Settled[n-1].To == line-1 {
			o.Settled[n-1].To = line
		} else {
			o.Settled = append(o.Settled, record.Span{Seq: e.seq, From: line, To: line})
		}
	}
	return o
}

// Resume makes a Fold that goes on from a checkpoint. Fences are fed to it as to a new one; both streams from behind what the checkpoint covers.
func Resume(c *record.Checkpoint) *Fold {
	f := New(c.Run)
	f.begun, f.last, f.reached, f.total = c.Begun, c.Frame, c.Frame, c.Lines
	f.settled = fromTerminal(c.Counts)
	f.settled.Accepted = c.Accepted
	for i := range c.Open {
		f.entries = append(f.entries, entryOf(&c.Open[i]))
	}
	for _, w := range c.Retries {
		if e := f.chunk(w.At.Seq); e != nil && w.At.Line < int(e.lines) { //nolint:gosec // lines of one frame
			if e.state == nil {
				e.state = make([]lineState, e.lines)
			}
			e.state[w.At.Line] = retrying
			f.retries[w.At] = Retry(w)
		}
	}
	if c.Park != nil {
		p := Park(*c.Park)
		f.park = &p
	}
	return f
}

func entryOf(o *record.Open) entry {
	e := entry{seq: o.Seq, before: o.First, lines: o.Lines, left: o.Lines, behindGap: o.BehindGap}
	if o.Hole {
		e.hole = &hole{after: o.After, last: o.Last, settled: map[record.Position]struct{}{}}
		for _, s := range o.Settled {
			e.hole.settled[record.Position{Seq: s.Seq, Line: s.From}] = struct{}{}
		}
		e.left -= min(e.left, uint64(len(o.Settled)))
		return e
	}
	for _, s := range o.Settled {
		if e.state == nil {
			e.state = make([]lineState, e.lines)
		}
		for line := s.From; line <= min(s.To, len(e.state)-1); line++ {
			e.state[line] = settled
			e.left--
		}
	}
	return e
}
