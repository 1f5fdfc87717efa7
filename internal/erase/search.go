package erase

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// search finds and rewrites the frames of one erasure.
type search struct {
	*Engine

	job     *record.Erasure
	persons *persons
	erased  map[uint64][]int  // lines of EVENTS that are tombstones, by frame
	changed []record.Position // lines that were changed in a stream, for its projection
}

// all goes through what the app received, then through what came in for the sources and became of it.
func (s *search) all(ctx context.Context) error {
	ws := workspace.Default
	if err := s.through(ctx, eventlog.Received, "received."+ws+"."+s.job.App, func(_ uint64, _ int, line []byte) []byte {
		return pendowire.Erase(line, s.persons.call)
	}); err != nil {
		return err
	}
	for _, source := range s.job.Sources {
		s.erased, s.changed = map[uint64][]int{}, nil
		if err := s.through(ctx, eventlog.Events, "events."+ws+"."+source, s.event); err != nil {
			return err
		}
		if err := s.parts.Journal.Erase(ctx, eventlog.Events, s.changed); err != nil {
			return err
		}
		if err := s.through(ctx, eventlog.Events, "rejected."+ws+"."+source, s.rejected); err != nil {
			return err
		}
		mappings, err := s.mappingsOf(ctx, source)
		if err != nil {
			return err
		}
		s.changed = nil
		for _, mapping := range mappings {
			if err := s.through(ctx, eventlog.Outcomes, "outcomes."+ws+"."+mapping, s.outcome); err != nil {
				return err
			}
		}
		if err := s.parts.Journal.Erase(ctx, eventlog.Outcomes, s.changed); err != nil {
			return err
		}
	}
	return nil
}

// through rewrites the frames of a subject of which change changes a line.
func (s *search) through(ctx context.Context, stream eventlog.Stream, subject string, change func(seq uint64, n int, line []byte) []byte) error {
	r, end := s.parts.Log.Read(stream, subject, 1), s.parts.Log.Last(stream)
	for {
		c, ok, err := r.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("read %s: %w", subject, err)
		}
		if !ok || c.Seq > end {
			return nil
		}
		var lines []int
		for n, line := range record.Lines(c.Body) {
			if !bytes.Equal(change(c.Seq, n, line), line) {
				lines = append(lines, n)
			}
		}
		if len(lines) == 0 {
			continue
		}
		n := -1
		changed, err := s.parts.Log.Rewrite(ctx, stream, c.Seq, func(line []byte) []byte {
			n++
			return change(c.Seq, n, line)
		})
		if errors.Is(err, eventlog.ErrNotFound) {
			continue // it was too old, and has been removed meanwhile
		}
		if err != nil {
			return fmt.Errorf("rewrite %s: %w", subject, err)
		}
		s.job.Lines, s.job.Frames = s.job.Lines+changed, s.job.Frames+1
		s.keep(s.job)
		for _, n := range lines {
			s.changed = append(s.changed, record.Position{Seq: c.Seq, Line: n})
		}
	}
}

// event erases a line of EVENTS, and remembers which lines are erased, also by whom before.
func (s *search) event(seq uint64, n int, line []byte) []byte {
	if !event.IsErased(line) {
		if !s.persons.event(line) {
			return line
		}
		line = event.Erase(line)
	}
	if all := s.erased[seq]; len(all) == 0 || all[len(all)-1] < n {
		s.erased[seq] = append(all, n)
	}
	return line
}

// rejected takes the excerpt from what was not taken, if it names one of the persons.
func (s *search) rejected(_ uint64, _ int, line []byte) []byte {
	var r record.Rejected
	if json.Unmarshal(line, &r) != nil || r.Excerpt == "" || !s.persons.named(r.Excerpt) {
		return line
	}
	r.Excerpt = ""
	return encode(line, &r)
}

// outcome takes from an outcome what may tell of a person: where it speaks of an event that is erased, and where it names one.
func (s *search) outcome(_ uint64, _ int, line []byte) []byte {
	var o record.Outcome
	if json.Unmarshal(line, &o) != nil {
		return line
	}
	told := o.Reason
	if o.Exchange != nil {
		told += "\n" + o.Exchange.URL + "\n" + o.Exchange.Answer
	}
	if strings.TrimSpace(told) == "" || !s.speaksOfErased(&o) && !s.persons.named(told) {
		return line
	}
	o.Reason = ""
	if o.Exchange != nil {
		o.Exchange.URL, o.Exchange.Answer = "", ""
	}
	return encode(line, &o)
}

func (s *search) speaksOfErased(o *record.Outcome) bool {
	for _, span := range o.At {
		for _, n := range s.erased[span.Seq] {
			if span.From <= n && n <= span.To {
				return true
			}
		}
	}
	return false
}

// encode writes a changed line; a line that cannot be written stays as it is, which does not happen to what was read.
func encode(line []byte, v any) []byte {
	if data, err := json.Marshal(v); err == nil {
		return data
	}
	return line
}

// mappingsOf lists the mappings that a source ever had.
func (s *search) mappingsOf(ctx context.Context, source string) ([]string, error) {
	known := map[string]bool{}
	var all []string
	for r := s.parts.Log.Read(eventlog.Events, "fences."+workspace.Default+"."+source, 1); ; {
		c, ok, err := r.TryNext(ctx)
		if err != nil || !ok {
			return all, err
		}
		for _, line := range record.Lines(c.Body) {
			var fence record.Fence
			if json.Unmarshal(line, &fence) == nil && !known[fence.Mapping] {
				known[fence.Mapping], all = true, append(all, fence.Mapping)
			}
		}
	}
}

// persons is who is to be erased.
type persons struct{ visitors, accounts map[string]bool }

func newPersons(job *record.Erasure) *persons {
	p := &persons{visitors: map[string]bool{}, accounts: map[string]bool{}}
	for _, id := range job.Visitors {
		p.visitors[id] = true
	}
	for _, id := range job.Accounts {
		p.accounts[id] = true
	}
	delete(p.visitors, "")
	delete(p.accounts, "")
	return p
}

// call tells whether a call that an app received is one of theirs.
func (p *persons) call(c *pendowire.Call) bool {
	return p.visitors[c.Visitor] || p.visitors[c.OldVisitor] || p.visitors[pendowire.AnonymousPrefix+c.AnonymousID] || p.visitors[c.AnonymousID] ||
		p.accounts[c.Account] || p.accounts[c.ParentAccount]
}

// event tells whether an event of a source is one of theirs: by the ids that the Pendo side would read in it, and the one that it was known by before.
func (p *persons) event(line []byte) bool {
	for c := range pendowire.Decode(&record.Received{Via: pendowire.ViaSegmentio, Body: line}) {
		if p.call(&c) {
			return true
		}
	}
	b := event.BriefOf(line)
	return p.visitors[b.PreviousID] || p.accounts[b.GroupID]
}

// wordMin is the length from which on an id is found anywhere in a text, in bytes; a shorter one only in quotes.
const wordMin = 5

// named tells whether a text names one of them.
func (p *persons) named(text string) bool {
	for _, ids := range []map[string]bool{p.visitors, p.accounts} {
		for id := range ids {
			word := id
			if len(word) < wordMin {
				word = `"` + word + `"`
			}
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}
