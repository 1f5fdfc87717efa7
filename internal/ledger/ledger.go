// Package ledger counts what became of every accepted event, for each mapping. It folds EVENTS and OUTCOMES, and nothing else: accepted
// comes from the frames of events, the rest from outcomes and from the positions that have none, so the counts balance only when
// nothing is missing.
//
// It stands beside delivery, reads the same log, and does not wait for DuckDB.
package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// followPause is how long Run lets the log go on before it folds what is new: an answer folds up to the end by itself.
const followPause = 100 * time.Millisecond

// Log is what the ledger reads; eventlog.Log is one.
type Log interface {
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(stream eventlog.Stream) uint64
}

// Row is what became of the events that one mapping was owed. Mapping and Destination are ids.
type Row struct {
	Mapping     string
	Destination string
	Deleted     bool
	fold.Counts
}

// Cut is the moment that counts are of: the sequences up to which the streams were folded.
type Cut struct {
	Events   uint64
	Outcomes uint64
}

// Ledger is the fold of all mappings.
type Ledger struct {
	log    Log
	logger *slog.Logger

	mu       sync.Mutex
	events   cursor
	outcomes cursor
	accounts map[string]*account   // by mapping
	sources  map[string][]*account // by source
}

// account is the fold of one mapping.
type account struct {
	fold *fold.Fold
	row  Row
}

// New makes a Ledger; nothing is read before Run or Totals.
func New(log Log, logger *slog.Logger) *Ledger {
	return &Ledger{
		log: log, logger: logger,
		events:   cursor{reader: log.Read(eventlog.Events, ">", 0)},
		outcomes: cursor{reader: log.Read(eventlog.Outcomes, ">", 0)},
		accounts: map[string]*account{},
		sources:  map[string][]*account{},
	}
}

// Run keeps the ledger near the end of the log, so that an answer has little to fold, until ctx ends.
func (l *Ledger) Run(ctx context.Context) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil
		}
		wait, err := l.follow(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("fold the ledger: %w", err)
		}
		select {
		case <-wait[0]:
		case <-wait[1]:
		case <-ctx.Done():
			return nil
		}
		pause.Reset(followPause)
	}
}

// follow folds what is there, and says what to wait for.
func (l *Ledger) follow(ctx context.Context) (wait [2]<-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.catchUp(ctx); err != nil {
		return wait, err
	}
	return [2]<-chan struct{}{l.events.reader.Wait(), l.outcomes.reader.Wait()}, nil
}

// Totals folds the log up to its end, as it is when it is called, and returns a row for each mapping that has ever owed anything.
func (l *Ledger) Totals(ctx context.Context) ([]Row, Cut, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.catchUp(ctx); err != nil {
		return nil, Cut{}, fmt.Errorf("fold the ledger: %w", err)
	}
	rows := make([]Row, 0, len(l.accounts))
	for _, a := range l.accounts {
		row := a.row
		row.Counts, row.Deleted = a.fold.Counts(), a.fold.Deleted()
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.Mapping, b.Mapping))
	})
	return rows, Cut{Events: l.events.folded, Outcomes: l.outcomes.folded}, nil
}

// catchUp folds both streams up to their ends. The end of OUTCOMES is looked at first, so that no outcome speaks of an event behind the end of
// EVENTS. Of the two streams the older frame goes first: the folds stay small, also when the whole log is read.
func (l *Ledger) catchUp(ctx context.Context) error {
	outcomesEnd := l.log.Last(eventlog.Outcomes)
	eventsEnd := l.log.Last(eventlog.Events)
	for {
		event, err := l.events.peek(ctx, eventsEnd)
		if err != nil {
			return err
		}
		outcome, err := l.outcomes.peek(ctx, outcomesEnd)
		if err != nil {
			return err
		}
		switch {
		case event == nil && outcome == nil:
			return nil
		case outcome == nil || event != nil && event.Header.At <= outcome.Header.At:
			err = l.foldEvents(l.events.take())
		default:
			err = l.foldOutcomes(l.outcomes.take())
		}
		if err != nil {
			return err
		}
	}
}

func (l *Ledger) foldEvents(c *eventlog.Chunk) error {
	switch c.Header.Kind {
	case record.KindFence:
		return l.foldFences(c)
	case record.KindEvents:
		for _, a := range l.sources[c.Source()] {
			a.fold.Frame(fold.Frame{Seq: c.Seq, Header: &c.Header, Lost: c.Lost, Damaged: c.Body == nil && c.Header.Lines > 0})
		}
	case record.KindRejected, record.KindOutcomes, record.KindReceived:
	}
	return nil
}

func (l *Ledger) foldFences(c *eventlog.Chunk) error {
	for line, data := range record.Lines(c.Body) {
		var fence record.Fence
		if err := json.Unmarshal(data, &fence); err != nil {
			return fmt.Errorf("read fence %d.%d: %w", c.Seq, line, err)
		}
		a := l.account(fence.Mapping)
		if a.row.Destination == "" {
			a.row.Destination = fence.Destination
			l.sources[fence.Source] = append(l.sources[fence.Source], a)
		}
		a.fold.Fence(c.Seq, &fence)
	}
	return nil
}

func (l *Ledger) foldOutcomes(c *eventlog.Chunk) error {
	a := l.account(c.Source()).fold
	for line, data := range record.Lines(c.Body) {
		var o record.Outcome
		if err := json.Unmarshal(data, &o); err != nil {
			return fmt.Errorf("read outcome %d.%d: %w", c.Seq, line, err)
		}
		a.Outcome(&o)
	}
	return nil
}

func (l *Ledger) account(mapping string) *account {
	a := l.accounts[mapping]
	if a == nil {
		a = &account{fold: fold.New(0), row: Row{Mapping: mapping}}
		l.accounts[mapping] = a
	}
	return a
}

// cursor is a reader that can be looked at before its next frame is taken.
type cursor struct {
	reader *eventlog.Reader
	next   *eventlog.Chunk
	folded uint64 // sequence up to which everything was taken
}

// peek returns the next frame, or nil when there is none up to end.
func (c *cursor) peek(ctx context.Context, end uint64) (*eventlog.Chunk, error) {
	if c.next == nil {
		if c.reader.Position() > end {
			c.folded = max(c.folded, end)
			return nil, nil //nolint:nilnil // none is no error
		}
		chunk, ok, err := c.reader.TryNext(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			c.folded = max(c.folded, end)
			return nil, nil //nolint:nilnil // none is no error
		}
		c.next = &chunk
	}
	if c.next.Seq > end {
		return nil, nil //nolint:nilnil // none is no error
	}
	return c.next, nil
}

func (c *cursor) take() *eventlog.Chunk {
	chunk := c.next
	c.next, c.folded = nil, chunk.Seq
	return chunk
}
