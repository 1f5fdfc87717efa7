package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

const (
	framesMax  = 10_000 // that one search looks through
	voidsAfter = 64     // frames after a record in which there may be another one that makes it void
	missesMax  = 100    // frames in a row that are not there: then what is before them is taken to have aged out
)

// Filter says which records are wanted. The zero Filter wants all.
type Filter struct {
	Actor  string // name or id of who did it
	Action string
	Kind   string
	Name   string // or id, of what it was done to
	Since  time.Time
	Until  time.Time
	Before record.Position // the zero Position: the end
	Limit  int
}

func (f *Filter) wants(r *record.Audit) bool {
	switch {
	case f.Action != "" && f.Action != r.Action, f.Kind != "" && f.Kind != r.Kind, f.Name != "" && f.Name != r.Name && f.Name != r.ID:
		return false
	case f.Actor != "" && (r.Actor == nil || !strings.EqualFold(f.Actor, r.Actor.Name) && f.Actor != r.Actor.ID):
		return false
	case !f.Until.IsZero() && r.At >= f.Until.UnixMilli():
		return false
	}
	return true
}

// Found is a record with its place.
type Found struct {
	record.Audit

	Position record.Position
	// Void says why it was not done after all; empty: it was.
	Void string
}

// Find returns records, the newest first, and the Before that finds more; the zero Position when there are no more.
func (t *Trail) Find(ctx context.Context, f Filter) ([]Found, record.Position, error) {
	s := search{trail: t, filter: f, voids: map[record.Position]string{}}
	seq := t.log.Last(eventlog.Audit)
	if f.Before.Seq > 0 {
		seq = min(seq, f.Before.Seq+voidsAfter)
	}
	misses := 0
	for range framesMax {
		if seq == 0 || misses == missesMax || s.over {
			return s.found, record.Position{}, nil
		}
		c, err := t.log.Chunk(ctx, eventlog.Audit, seq)
		switch {
		case errors.Is(err, eventlog.ErrNotFound), errors.Is(err, record.ErrBody), errors.Is(err, record.ErrHeader):
			misses++
		case err != nil:
			return nil, record.Position{}, fmt.Errorf("read audit trail: %w", err)
		default:
			misses = 0
			if err := s.chunk(&c); err != nil {
				return nil, record.Position{}, err
			}
			if len(s.found) == f.Limit {
				return s.found, s.found[len(s.found)-1].Position, nil
			}
		}
		seq--
	}
	return s.found, record.Position{Seq: seq + 1}, nil
}

// search is what a Find has come to.
type search struct {
	trail  *Trail
	filter Filter
	voids  map[record.Position]string // why what was to be done was not, by the position of its record
	found  []Found
	over   bool // what comes now is older than is wanted
}

// chunk looks through one frame, from its last line to its first.
func (s *search) chunk(c *eventlog.Chunk) error {
	var lines [][]byte
	for _, line := range record.Lines(c.Body) {
		lines = append(lines, line)
	}
	for i, line := range slices.Backward(lines) {
		at := record.Position{Seq: c.Seq, Line: i}
		if s.filter.Before.Seq > 0 && at.Compare(s.filter.Before) >= 0 {
			// It was looked at before, but may say that an older one is void.
			if err := s.note(line); err != nil {
				return err
			}
			continue
		}
		r := record.Audit{}
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("read audit trail at %s: %w", at, err)
		}
		switch {
		case r.Of != nil:
			s.voids[*r.Of] = r.Detail
		case !s.filter.Since.IsZero() && r.At < s.filter.Since.UnixMilli():
			s.over = true
			return nil
		case s.filter.wants(&r):
			s.found = append(s.found, Found{Audit: r, Position: at, Void: s.voids[at]})
			if len(s.found) == s.filter.Limit {
				return nil
			}
		}
	}
	return nil
}

// note takes in a record only as far as it makes another one void.
func (s *search) note(line []byte) error {
	var r record.Audit
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("read audit trail: %w", err)
	}
	if r.Of != nil {
		s.voids[*r.Of] = r.Detail
	}
	return nil
}
