// Package ledger counts what became of every event for every mapping of its source: accepted from the chain of EVENTS, the rest from OUTCOMES and from
// positions that are open. It folds both streams all the time, in memory, with the same fold that deliver uses, and answers at a cut of the
// two that it states: no outcome in it speaks of an event beyond it.
//
// Now and then, and at its end, it writes a checkpoint of each mapping, from which it and deliver go on at the next start. So totals outlive the events that
// they count, and it knows up to where the log may be shortened.
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
	Append(ctx context.Context, name eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
	Read(name eventlog.Stream, filter string, from uint64) *eventlog.Reader
	LastOf(ctx context.Context, name eventlog.Stream, subject string, before uint64) (eventlog.Chunk, bool, error)
	Prune(ctx context.Context, name eventlog.Stream, subject string, before uint64) error
	Subjects(ctx context.Context, name eventlog.Stream, filter string) ([]string, error)
	Kept(ctx context.Context, name eventlog.Stream, subject string) (record.Kept, error)
	Last(name eventlog.Stream) uint64
}

// Config is what an operator may set.
type Config struct {
	// CheckpointFrames is after how many frames of the log checkpoints are written. Default 50,000.
	CheckpointFrames int
	// CheckpointBytes is after how much of the log they are, in bytes. Default 256 MiB.
	CheckpointBytes int64
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config { return Config{CheckpointFrames: 50_000, CheckpointBytes: 256 << 20} }

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
	cfg    Config
	logger *slog.Logger
	round  chan struct{} // holds one token: who has it may write checkpoints

	turn     chan struct{} // holds one token: who has it owns the rest
	begun    bool          // checkpoints and fences were read
	events   cursor
	outcomes cursor
	mappings map[string]*account   // by workspace and mapping
	sources  map[string][]*account // by workspace and source
	frames   int                   // that were read since the last checkpoints
	bytes    int64                 // in them
}

// account is what is known of one mapping.
type account struct {
	workspace, source, destination, mapping string

	fold     *fold.Fold
	begin    uint64  // sequence of the first fence
	outcomes uint64  // up to this sequence of OUTCOMES, everything is in the fold
	older    covered // by the checkpoint before the newest, or all that is there
	newest   covered
}

// New makes a Ledger that has read nothing yet.
func New(log Log, cfg Config, logger *slog.Logger) *Ledger {
	l := &Ledger{
		log: log, cfg: cfg, logger: logger.With(slog.String("stage", "ledger")), turn: make(chan struct{}, 1), round: make(chan struct{}, 1),
		mappings: map[string]*account{}, sources: map[string][]*account{},
	}
	l.turn <- struct{}{}
	l.round <- struct{}{}
	return l
}

// Run keeps up with the log until ctx ends, so that Totals has little to do. Checkpoints are written on the way, and at the end, for which the log must
// still run.
func (l *Ledger) Run(ctx context.Context) error {
	for {
		events, outcomes, err := l.keepUp(ctx)
		if err == nil && l.isDue() {
			err = l.Checkpoint(ctx)
		}
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
			return l.atEnd(ctx)
		}
	}
}

// keepUp catches up, and returns what to wait for.
func (l *Ledger) keepUp(ctx context.Context) (events, outcomes <-chan struct{}, err error) {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return nil, nil, nil
	}
	defer func() { l.turn <- struct{}{} }()
	if _, err := l.catchUp(ctx); err != nil {
		return nil, nil, err
	}
	return l.events.wait(), l.outcomes.wait(), nil
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
	if err := l.begin(ctx); err != nil {
		return Cut{}, err
	}
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
			l.took(event)
			l.events.pop()
		}
		if outcome == nil {
			return cut, nil
		}
		l.takeOutcomes(ctx, outcome)
		l.took(outcome)
		l.outcomes.pop()
	}
}

// took counts what was read.
func (l *Ledger) took(chunk *eventlog.Chunk) {
	l.frames++
	l.bytes += int64(len(chunk.Body))
}

// takeEvents folds a frame of EVENTS.
func (l *Ledger) takeEvents(ctx context.Context, chunk *eventlog.Chunk) {
	kind, workspace, source := split(chunk.Subject)
	switch kind {
	case "events":
		frame := fold.Frame{Seq: chunk.Seq, Header: &chunk.Header, Lost: chunk.Lost, Removed: chunk.Removed, Damaged: chunk.Body == nil}
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
				a.source, a.destination, a.begin = source, fence.Destination, chunk.Seq
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
	if chunk.Seq <= a.outcomes {
		return
	}
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
