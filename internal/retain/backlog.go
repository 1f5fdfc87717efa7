package retain

import (
	"context"
	"log/slog"
	"math"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// watch looks at what is kept of a source, and at its backlog, which begins with the frame at open (math.MaxUint64: there is none).
func (r *round) watch(ctx context.Context, subject, source string, open uint64) error {
	log := r.parts.Log
	kept, err := log.Kept(ctx, eventlog.Events, subject)
	if err != nil {
		return err
	}
	last, ok, err := log.LastOf(ctx, eventlog.Events, subject, 0)
	if err != nil || !ok {
		return err
	}
	end := last.Header.Bytes + uint64(len(last.Body))
	s := State{Source: source, Gone: kept.Lines}
	if first, ok, err := log.FirstOf(ctx, eventlog.Events, subject, kept.Before); err != nil {
		return err
	} else if ok && first.Header.Total() < last.Header.Total() || ok && last.Header.Lines > 0 {
		s.Since, s.Bytes = time.UnixMilli(first.Header.At), asInt(end-min(end, first.Header.Bytes))
	}
	limits := r.limits(source)
	if open < math.MaxUint64 {
		if first, ok, err := log.FirstOf(ctx, eventlog.Events, subject, open); err != nil {
			return err
		} else if ok {
			s.Backlog, s.BacklogBytes = r.now.Sub(time.UnixMilli(first.Header.At)), asInt(end-min(end, first.Header.Bytes))
		}
	}
	s.Share = max(float64(s.Backlog)/float64(time.Duration(limits.BacklogHours)*time.Hour), float64(s.BacklogBytes)/float64(limits.BacklogBytes))
	s.Level = levelOf(s.Share, limits.WhenFull)
	r.tell(ctx, &s)
	if s.Level != LevelDropped {
		return nil
	}
	return r.discard(ctx, subject, source, &limits, end)
}

func levelOf(share float64, whenFull workspace.WhenFull) Level {
	switch {
	case share >= 1 && whenFull == workspace.DiscardOld:
		return LevelDropped
	case share >= 1:
		return LevelFull
	case share >= nearly:
		return LevelNearly
	case share >= half:
		return LevelHalf
	}
	return LevelFine
}

// tell keeps a state, and says so when its level has changed.
func (r *round) tell(ctx context.Context, s *State) {
	r.mu.Lock()
	before := r.states[s.Source].Level
	r.states[s.Source] = *s
	r.mu.Unlock()
	if s.Level == before {
		return
	}
	name := s.Source
	if known := r.snapshot.Source(name); known != nil {
		name = known.Slug
	}
	level, message := slog.LevelError, ""
	switch s.Level {
	case LevelFine:
		level, message = slog.LevelInfo, "backlog is below half of its limit again"
	case LevelHalf:
		level, message = slog.LevelWarn, "backlog has reached half of its limit"
	case LevelNearly:
		message = "backlog has reached 80 % of its limit"
	case LevelFull:
		message = "backlog has reached its limit: the source is answered 503 until a mapping has settled its oldest events"
	case LevelDropped:
		message = "backlog has reached its limit: its oldest events are discarded"
	}
	r.logger.LogAttrs(ctx, level, message, slog.String("source", name), slog.Duration("oldest", s.Backlog.Round(time.Second)), slog.Int64("bytes", s.BacklogBytes)) //nolint:sloglint // one of the constants above
}

// discard has the oldest events given up, as many as are over the limits.
func (r *round) discard(ctx context.Context, subject, source string, limits *workspace.Retention, end uint64) error {
	oldest := r.now.Add(-time.Duration(limits.BacklogHours) * time.Hour).UnixMilli()
	_, before, err := r.parts.Log.Find(ctx, eventlog.Events, subject, func(h *record.Header) bool {
		return h.At > oldest && asInt(end-min(end, h.Bytes)) < limits.BacklogBytes
	})
	if err != nil {
		return err
	}
	r.parts.Discard(ctx, source, before)
	return nil
}

func asInt(n uint64) int64 { return int64(min(n, math.MaxInt64)) }
