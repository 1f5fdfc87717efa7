package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"penstock/internal/admin"
	"penstock/internal/analyze"
	"penstock/internal/eventlog"
	"penstock/internal/ledger"
	"penstock/internal/retain"
)

// retention is what keeps the log short.
func (s *server) retention() retain.Parts {
	return retain.Parts{
		Log: s.log, Ledger: settled{s.ledger}, Snapshot: s.workspace.Snapshot,
		Projections: map[eventlog.Stream][]retain.Projection{
			eventlog.Events: {s.journal}, eventlog.Outcomes: {s.journal}, eventlog.Received: {received{s.analyzer}},
		},
		Discard: s.deliver.Discard, KeepIDs: s.index.Keep, Logger: s.cfg.Logger,
	}
}

// settled is the ledger as retention sees it.
type settled struct{ *ledger.Ledger }

// Floors says up to where the log may be shortened.
func (l settled) Floors(ctx context.Context) ([]retain.Floor, error) {
	floors, err := l.Ledger.Floors(ctx)
	out := make([]retain.Floor, 0, len(floors))
	for _, f := range floors {
		out = append(out, retain.Floor(f))
	}
	return out, err
}

// received is the analyzer as retention sees it.
type received struct{ *analyze.Analyzer }

// Position is the sequence of RECEIVED up to which the analyzer has read.
func (r received) Position(eventlog.Stream) uint64 { return r.Analyzer.Position() }

// keeping is what the log keeps, and what is wrong with it, as the control API tells it.
func (s *server) keeping() admin.Keeping {
	out := admin.Keeping{Sources: []admin.KeptSource{}, Alarms: []string{}}
	if n := s.index.Lost(); n > 0 {
		out.Alarms = append(out.Alarms, fmt.Sprintf("the log has lost its end: %d frames of events that were answered 200 were not there at the last start; restore the disk from a copy, or have the clients send again what they sent last", n))
	}
	snapshot := s.workspace.Snapshot()
	for _, state := range s.keeper.States() {
		k := admin.KeptSource{
			Source: state.Source, Bytes: state.Bytes, Removed: state.Gone,
			Backlog: admin.Backlog{Seconds: int64(state.Backlog / time.Second), Bytes: state.BacklogBytes, Share: state.Share, State: backlogStates()[state.Level]},
		}
		if known := snapshot.Source(state.Source); known != nil {
			k.Source = known.Slug
		}
		if !state.Since.IsZero() {
			since := state.Since.UTC()
			k.Since = &since
		}
		if state.Level != retain.LevelFine {
			out.Alarms = append(out.Alarms, fmt.Sprintf("the backlog of source %s is at %.0f %% of its limit (%s): its oldest event has waited for %s", k.Source, 100*state.Share, k.Backlog.State, state.Backlog.Round(time.Second)))
		}
		out.Sources = append(out.Sources, k)
	}
	slices.SortFunc(out.Sources, func(a, b admin.KeptSource) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// backlogStates names the levels of a backlog.
func backlogStates() map[retain.Level]string {
	return map[retain.Level]string{
		retain.LevelFine: "fine", retain.LevelHalf: "half", retain.LevelNearly: "nearlyFull", retain.LevelFull: "full", retain.LevelDropped: "discarding",
	}
}
