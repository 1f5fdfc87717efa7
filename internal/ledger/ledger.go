// Package ledger counts what became of every event for every mapping of its source: accepted from the chain of EVENTS, the rest from OUTCOMES and from
// positions that are open. It folds both streams all the time, in memory, with the same fold that deliver uses, and answers at a cut of the
// two that it states: no outcome in it speaks of an event beyond it.
//
// What does not belong here: names. Rows carry ids; who shows them looks the names up.
package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// Log is what the ledger needs of eventlog.Log.
type Log interface {
	Read(name eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(name eventlog.Stream) uint64
}

// Cut is up to where both streams were counted: the sequences of the last frames.
type Cut struct {
	Events   uint64 `json:"events"`
	Outcomes uint64 `json:"outcomes"`
}

// Row is the account of one mapping's live delivery, in events.
type Row struct {
	Workspace   string `json:"workspace"`
	Source      string `json:"source"`
	Destination string `json:"destination"`
	Mapping     string `json:"mapping"`
	Deleted     bool   `json:"deleted,omitempty"`

	fold.Counts
}

// pauseAfterError is how long folding rests when the log could not be read.
const pauseAfterError = time.Second

// Ledger folds the log. It is safe for concurrent use.
type Ledger struct {
	log    Log
	logger *slog.Logger

	turn     chan struct{} // holds one token: who has it owns the rest
	events   cursor
	outcomes cursor
	mappings map[string]*account   // by workspace and mapping
	sources  map[string][]*account // by workspace and source
}

// account is what is known of one mapping.
type account struct {
	workspace, source, destination, mapping string

	fold *fold.Fold
}

// New makes a Ledger that has read nothing yet.
func New(log Log, logger *slog.Logger) *Ledger {
	l := &Ledger{
		log: log, logger: logger.With(slog.String("stage", "ledger")), turn: make(chan struct{}, 1),
		events:   cursor{reader: log.Read(eventlog.Events, ">", 1)},
		outcomes: cursor{reader: log.Read(eventlog.Outcomes, "outcomes.>", 1)},
		mappings: map[string]*account{}, sources: map[string][]*account{},
	}
	l.turn <- struct{}{}
	return l
}

// Run keeps up with the log until ctx ends, so that Totals has little to do.
func (l *Ledger) Run(ctx context.Context) error {
	for {
		select {
		case <-l.turn:
		case <-ctx.Done():
			return nil
		}
		_, err := l.catchUp(ctx)
		events, outcomes := l.events.wait(), l.outcomes.wait()
		l.turn <- struct{}{}
		var wait <-chan time.Time
		if err != nil {
			if ctx.Err() == nil {
				l.logger.LogAttrs(ctx, slog.LevelError, "fold the log", slog.Any("error", err))
			}
			wait, events, outcomes = time.After(pauseAfterError), nil, nil
		}
		select {
		case <-events:
		case <-outcomes:
		case <-wait:
		case <-ctx.Done():
			return nil
		}
	}
}

// Totals counts up to where both streams end now, and answers one row for each mapping that has a fence, in the order of workspace, destination and
// mapping. A deleted mapping keeps its row as long as it has counts.
func (l *Ledger) Totals(ctx context.Context) ([]Row, Cut, error) {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return nil, Cut{}, fmt.Errorf("wait for the ledger: %w", context.Cause(ctx))
	}
	defer func() { l.turn <- struct{}{} }()
	if ctx.Err() != nil {
		return nil, Cut{}, fmt.Errorf("wait for the ledger: %w", context.Cause(ctx))
	}
	cut, err := l.catchUp(ctx)
	if err != nil {
		return nil, Cut{}, err
	}
	rows := make([]Row, 0, len(l.mappings))
	for _, a := range l.mappings {
		row := Row{Workspace: a.workspace, Source: a.source, Destination: a.destination, Mapping: a.mapping, Deleted: a.fold.Deleted(), Counts: a.fold.Counts()}
		if a.source != "" && (!row.Deleted || row.Accepted > 0) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.Mapping, b.Mapping))
	})
	return rows, cut, nil
}

// catchUp folds both streams up to their present ends. The end of OUTCOMES is taken first: what it speaks of lies before the end of EVENTS then. The two
// are read side by side by the times of their frames, which keeps the folds small; any order would give the same counts.
func (l *Ledger) catchUp(ctx context.Context) (Cut, error) {
	cut := Cut{Outcomes: l.log.Last(eventlog.Outcomes)}
	cut.Events = l.log.Last(eventlog.Events)
	for {
		outcome, err := l.outcomes.peek(ctx, cut.Outcomes)
		if err != nil {
			return cut, fmt.Errorf("fold outcomes: %w", err)
		}
		for {
			event, err := l.events.peek(ctx, cut.Events)
			if err != nil {
				return cut, fmt.Errorf("fold events: %w", err)
			}
			if event == nil || (outcome != nil && event.Header.At > outcome.Header.At) {
				break
			}
			l.takeEvents(ctx, event)
			l.events.pop()
		}
		if outcome == nil {
			return cut, nil
		}
		l.takeOutcomes(ctx, outcome)
		l.outcomes.pop()
	}
}

// takeEvents folds a frame of EVENTS.
func (l *Ledger) takeEvents(ctx context.Context, chunk *eventlog.Chunk) {
	kind, workspace, source := split(chunk.Subject)
	switch kind {
	case "events":
		frame := fold.Frame{Seq: chunk.Seq, Header: &chunk.Header, Lost: chunk.Lost, Damaged: chunk.Body == nil}
		for _, a := range l.sources[workspace+"."+source] {
			a.fold.Frame(frame)
		}
	case "fences":
		for line, data := range record.Lines(chunk.Body) {
			var fence record.Fence
			if err := json.Unmarshal(data, &fence); err != nil {
				l.unreadable(ctx, chunk, line, err)
				continue
			}
			a := l.account(workspace, fence.Mapping)
			if a.source == "" {
				a.source, a.destination = source, fence.Destination
				l.sources[workspace+"."+source] = append(l.sources[workspace+"."+source], a)
			}
			a.fold.Fence(chunk.Seq, &fence)
		}
	}
}

// takeOutcomes folds a frame of OUTCOMES.
func (l *Ledger) takeOutcomes(ctx context.Context, chunk *eventlog.Chunk) {
	_, workspace, mapping := split(chunk.Subject)
	a := l.account(workspace, mapping)
	for line, data := range record.Lines(chunk.Body) {
		var o record.Outcome
		if err := json.Unmarshal(data, &o); err != nil {
			l.unreadable(ctx, chunk, line, err)
			continue
		}
		a.fold.Outcome(&o)
	}
}

func (l *Ledger) unreadable(ctx context.Context, chunk *eventlog.Chunk, line int, err error) {
	l.logger.LogAttrs(ctx, slog.LevelError, "decode line", slog.String("subject", chunk.Subject), slog.Uint64("seq", chunk.Seq),
		slog.Int("line", line), slog.Any("error", err))
}

// account is the account of a mapping; a new one, if nothing was heard of it yet.
func (l *Ledger) account(workspace, mapping string) *account {
	key := workspace + "." + mapping
	a := l.mappings[key]
	if a == nil {
		a = &account{workspace: workspace, mapping: mapping, fold: fold.New(0)}
		l.mappings[key] = a
	}
	return a
}

// split takes a subject apart: kind, workspace, and source or mapping.
func split(subject string) (kind, workspace, last string) {
	kind, rest, _ := strings.Cut(subject, ".")
	workspace, last, _ = strings.Cut(rest, ".")
	return kind, workspace, last
}

// cursor reads frames up to a bound, one ahead.
type cursor struct {
	reader *eventlog.Reader
	chunk  eventlog.Chunk
	ok     bool
}

// peek returns the next frame; nil when it lies behind bound, or there is none.
func (c *cursor) peek(ctx context.Context, bound uint64) (*eventlog.Chunk, error) {
	if !c.ok {
		var err error
		if c.chunk, c.ok, err = c.reader.TryNext(ctx); err != nil {
			return nil, err
		}
	}
	if !c.ok || c.chunk.Seq > bound {
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	}
	return &c.chunk, nil
}

// wait returns a channel that is closed when there is more to peek at.
func (c *cursor) wait() <-chan struct{} {
	if c.ok {
		more := make(chan struct{})
		close(more)
		return more
	}
	return c.reader.Wait()
}

func (c *cursor) pop() { c.chunk, c.ok = eventlog.Chunk{}, false }
