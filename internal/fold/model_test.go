package fold_test

import (
	"slices"

	"pgregory.net/rapid"

	"penstock/internal/fold"
	"penstock/internal/record"
)

// history is what lies on the two streams, with what the model needs to know of it.
type history struct {
	events   []func(*fold.Fold)
	seqs     []uint64 // of the events
	fences   []bool   // which of the events are fences
	outcomes []record.Outcome
	frames   []modelFrame
	states   []record.FenceState // by sequence: in force for the frame there
	deleted  bool
}

type modelFrame struct {
	seq    uint64
	lines  int
	gone   bool   // its lines cannot be read
	before uint64 // where the hole shows that it fell into; 0: never
}

// drawHistory draws frames, fences, holes, and outcomes that deliver could have written, and some that it would not.
func drawHistory(t *rapid.T) *history {
	h := &history{}
	s := &source{}
	in := record.FenceOff
	var lost uint64
	open := 0 // frames from here on lie in a hole that has not shown yet
	for range rapid.IntRange(1, 12).Draw(t, "records") {
		if rapid.IntRange(0, 3).Draw(t, "what") == 0 && in != record.FenceDeleted {
			in = rapid.SampledFrom([]record.FenceState{record.FenceOn, record.FenceOn, record.FenceOff, record.FenceDeleted}).Draw(t, "fence")
			s.seq++
			seq, fence := s.seq, &record.Fence{State: in}
			h.events = append(h.events, func(f *fold.Fold) { f.Fence(seq, fence) })
			h.seqs, h.fences = append(h.seqs, seq), append(h.fences, true)
			h.deleted = in == record.FenceDeleted
			continue
		}
		fr := s.frame(rapid.IntRange(1, 5).Draw(t, "lines"))
		for len(h.states) <= int(fr.Seq) {
			h.states = append(h.states, in)
		}
		fate := rapid.SampledFrom([]string{"whole", "whole", "whole", "missing", "damaged"}).Draw(t, "fate")
		h.frames = append(h.frames, modelFrame{seq: fr.Seq, lines: fr.Header.Lines, gone: fate != "whole"})
		if fate == "missing" {
			lost += uint64(fr.Header.Lines)
			continue
		}
		if fate == "damaged" {
			lost += uint64(fr.Header.Lines)
			fr.Damaged = true
		}
		for i := open; i < len(h.frames); i++ {
			if h.frames[i].gone {
				h.frames[i].before = fr.Seq
			}
		}
		open = len(h.frames)
		fr.Lost, lost = lost, 0
		h.events = append(h.events, func(f *fold.Fold) { f.Frame(fr) })
		h.seqs, h.fences = append(h.seqs, fr.Seq), append(h.fences, false)
	}
	h.drawOutcomes(t)
	return h
}

func (h *history) drawOutcomes(t *rapid.T) {
	statuses := []record.Status{record.Delivered, record.Filtered, record.Duplicate, record.Discarded, record.Retrying, record.Parked, record.Resumed, record.Lost}
	for range rapid.IntRange(0, 25).Draw(t, "outcomes") {
		o := record.Outcome{Status: rapid.SampledFrom(statuses).Draw(t, "status"), Run: uint32(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "run"))}
		if len(h.frames) == 0 {
			continue
		}
		fr := rapid.SampledFrom(h.frames).Draw(t, "frame")
		switch {
		case o.Status == record.Lost:
			if fr.before == 0 {
				continue
			}
			o.Hole = &record.Hole{Before: fr.before}
		case o.Status == record.Parked || o.Status == record.Resumed:
		default:
			from := rapid.IntRange(0, fr.lines-1).Draw(t, "from")
			o.At = span(fr.seq, from, rapid.IntRange(from, fr.lines-1).Draw(t, "to"))
			o.Attempt = rapid.IntRange(1, 9).Draw(t, "attempt")
			if o.Status == record.Retrying {
				o.Batch = rapid.SampledFrom([]string{"", "b1", "b2"}).Draw(t, "batch")
			}
		}
		h.outcomes = append(h.outcomes, o)
	}
}

// owed tells whether a frame's lines are owed: a hole is owed as the last frame in it, unless the mapping was deleted before it showed.
func (h *history) owed(fr modelFrame) bool {
	if !fr.gone {
		return h.states[fr.seq] == record.FenceOn
	}
	last := uint64(0)
	for _, other := range h.frames {
		if other.gone && other.before == fr.before {
			last = other.seq
		}
	}
	return fr.before != 0 && h.states[last] == record.FenceOn && h.states[fr.before] != record.FenceDeleted
}

func (h *history) model() state {
	s := state{Retrying: map[record.Position]again{}, Deleted: h.deleted}
	became := map[record.Position]record.Status{}
	owedFrames := slices.DeleteFunc(slices.Clone(h.frames), func(fr modelFrame) bool { return !h.owed(fr) })
	for i := range h.outcomes {
		o := &h.outcomes[i]
		if o.Run != 0 {
			continue
		}
		switch o.Status {
		case record.Parked:
			s.Parked = true
		case record.Resumed:
			s.Parked = false
		default:
			h.apply(o, owedFrames, became, s.Retrying)
		}
	}
	h.count(&s, owedFrames, became)
	return s
}

// apply gives each line that an outcome speaks of its first terminal status.
func (h *history) apply(o *record.Outcome, owed []modelFrame, became map[record.Position]record.Status, retrying map[record.Position]again) {
	for _, fr := range owed {
		for line := range fr.lines {
			at := record.Position{Seq: fr.seq, Line: line}
			inSpan := len(o.At) == 1 && o.At[0].Seq == fr.seq && o.At[0].From <= line && line <= o.At[0].To
			inHole := o.Hole != nil && o.Hole.Before == fr.before
			if _, settled := became[at]; settled || !(inSpan || inHole) {
				continue
			}
			if o.Status == record.Retrying {
				if !fr.gone {
					retrying[at] = again{o.Attempt, o.Batch}
				}
				continue
			}
			became[at] = o.Status
			delete(retrying, at)
		}
	}
}

func (h *history) count(s *state, owed []modelFrame, became map[record.Position]record.Status) {
	holes := map[uint64]uint64{}
	var cursor record.Position
	consider := func(at record.Position) {
		if cursor.IsZero() || at.Compare(cursor) < 0 {
			cursor = at
		}
	}
	open := uint64(0)
	for _, fr := range owed {
		for line := range fr.lines {
			at := record.Position{Seq: fr.seq, Line: line}
			s.Counts.Accepted++
			status, settled := became[at]
			_, waits := s.Retrying[at]
			switch {
			case settled:
				*map[record.Status]*uint64{
					record.Delivered: &s.Counts.Delivered, record.Filtered: &s.Counts.Filtered, record.Duplicate: &s.Counts.Duplicate,
					record.Discarded: &s.Counts.Discarded, record.Lost: &s.Counts.Lost,
				}[status]++
			case fr.gone:
				holes[fr.before]++
				open++
				consider(record.Position{Seq: fr.before})
			case waits:
				s.Counts.Retrying++
				consider(at)
			default:
				s.Pending = append(s.Pending, at)
				open++
				consider(at)
			}
		}
	}
	if s.Parked {
		s.Counts.Parked = open
	} else {
		s.Counts.Pending = open
	}
	for _, fr := range h.frames {
		if n := holes[fr.before]; fr.gone && n > 0 {
			s.Holes = append(s.Holes, record.Hole{Before: fr.before, Lines: n})
			delete(holes, fr.before)
		}
	}
	if s.Cursor = cursor; cursor.IsZero() {
		s.Cursor = record.Position{Seq: h.lastFed() + 1}
	}
}

// lastFed is the newest frame that a reader hands out.
func (h *history) lastFed() uint64 {
	for _, fr := range slices.Backward(h.frames) {
		if !fr.gone || fr.before == fr.seq {
			return fr.seq
		}
	}
	return 0
}
