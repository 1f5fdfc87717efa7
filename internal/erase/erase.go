package erase

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Log is what erase needs of eventlog.Log.
type Log interface {
	Append(ctx context.Context, name eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
	Read(name eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(name eventlog.Stream) uint64
	LastOf(ctx context.Context, name eventlog.Stream, subject string, before uint64) (eventlog.Chunk, bool, error)
	Subjects(ctx context.Context, name eventlog.Stream, filter string) ([]string, error)
	Rewrite(ctx context.Context, name eventlog.Stream, seq uint64, change func(line []byte) []byte) (int, error)
	EraseReplaced(ctx context.Context, name eventlog.Stream) error
	Wipe(ctx context.Context, name eventlog.Stream, subject string, before uint64) error
}

// Analytics is the projection of what apps received.
type Analytics interface {
	// Erase makes the visitors and accounts of an app vanish from every answer, with all of theirs that lies up to a sequence of RECEIVED, also what is only
	// projected later, until Erased.
	Erase(ctx context.Context, who Persons) error
	// Erased tells that the log does not hold the persons of an erasure (id) any more.
	Erased(id string)
}

// Persons are visitors and accounts of an app (id), as one erasure (id) names them, in what was received up to a sequence of RECEIVED.
type Persons struct {
	Erasure, App       string
	Visitors, Accounts []string
	UpTo               uint64
}

// Journal is the projection of events and outcomes.
type Journal interface {
	// Erase takes from the rows of lines of EVENTS or OUTCOMES all that tells of persons.
	Erase(ctx context.Context, stream eventlog.Stream, lines []record.Position) error
}

// Parts is what an Engine works with.
type Parts struct {
	Log       Log
	Analytics Analytics
	Journal   Journal
	Logger    *slog.Logger
}

// PersonsMax bounds the visitors and accounts of one erasure, together.
const PersonsMax = 500

const (
	waitingMax = 64          // erasures that are not done
	again      = time.Minute // until one that failed is tried again
)

// What Begin answers besides errors of the log.
var (
	ErrNobody  = errors.New("an erasure names at least one visitor or account")
	ErrTooMany = fmt.Errorf("an erasure names at most %d visitors and accounts", PersonsMax)
	ErrBusy    = fmt.Errorf("%d erasures are not done yet, and that is as many as may be", waitingMax)
)

// Request says who is to be erased. App and Sources are ids.
type Request struct {
	App                string
	Sources            []string // whose events are to be looked through as well
	Visitors, Accounts []string
}

// Engine carries erasures out, one after the other.
type Engine struct {
	parts  Parts
	logger *slog.Logger
	more   chan struct{} // gets a value when there is something to do

	wipes map[string]uint64 // subjects of erasures that are done, whose records before a sequence are to go; Run's own after New

	mu   sync.Mutex
	jobs map[string]record.Erasure
	upTo map[string]uint64 // sequence of the record that began each
}

// New makes an Engine, which knows of what is on the log.
func New(ctx context.Context, parts Parts) (*Engine, error) {
	e := &Engine{parts: parts, logger: parts.Logger.With(slog.String("stage", "erase")), more: make(chan struct{}, 1), jobs: map[string]record.Erasure{}, upTo: map[string]uint64{}, wipes: map[string]uint64{}}
	subjects, err := parts.Log.Subjects(ctx, eventlog.Received, "erasures.>")
	if err != nil {
		return nil, fmt.Errorf("read erasures: %w", err)
	}
	for _, subject := range subjects {
		c, ok, err := parts.Log.LastOf(ctx, eventlog.Received, subject, 0)
		if err != nil {
			return nil, fmt.Errorf("read erasures: %w", err)
		}
		if !ok {
			continue
		}
		var job record.Erasure
		if err := json.Unmarshal(record.Line(c.Body, 0), &job); err != nil {
			return nil, fmt.Errorf("read %s: %w", subject, err)
		}
		e.jobs[job.ID], e.upTo[job.ID] = job, c.Seq
		if job.State == record.ErasureDone {
			e.wipes[subject] = c.Seq
		}
	}
	e.wake()
	return e, nil
}

func (e *Engine) wake() {
	select {
	case e.more <- struct{}{}:
	default: // one is waiting
	}
}

// Begin writes an erasure down and masks its persons. When it returns, they show in no answer any more, and their data will be gone from the log, whatever
// happens; Get tells when it is.
func (e *Engine) Begin(ctx context.Context, r Request) (record.Erasure, error) {
	switch n := len(r.Visitors) + len(r.Accounts); {
	case n == 0:
		return record.Erasure{}, ErrNobody
	case n > PersonsMax:
		return record.Erasure{}, ErrTooMany
	case len(e.running()) >= waitingMax:
		return record.Erasure{}, ErrBusy
	}
	job := record.Erasure{
		ID: workspace.NewID(), App: r.App, Sources: r.Sources, Visitors: r.Visitors, Accounts: r.Accounts, Persons: len(r.Visitors) + len(r.Accounts),
		State: record.ErasureRunning, Begun: time.Now().UnixMilli(),
	}
	at, err := e.write(ctx, &job)
	if err != nil {
		return record.Erasure{}, err
	}
	e.begun(&job, at.Seq)
	e.wake()
	if err := e.mask(ctx, &job); err != nil {
		return record.Erasure{}, err
	}
	return job, nil
}

// mask makes the persons of an erasure vanish from every answer.
func (e *Engine) mask(ctx context.Context, job *record.Erasure) error {
	e.mu.Lock()
	upTo := e.upTo[job.ID]
	e.mu.Unlock()
	err := e.parts.Analytics.Erase(ctx, Persons{Erasure: job.ID, App: job.App, Visitors: job.Visitors, Accounts: job.Accounts, UpTo: upTo})
	if err != nil {
		return fmt.Errorf("mask: %w", err)
	}
	return nil
}

// Get tells how far an erasure is; false when there is none of that id.
func (e *Engine) Get(id string) (record.Erasure, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	job, ok := e.jobs[id]
	return job, ok
}

// List tells of the erasures of an app, the newest first.
func (e *Engine) List(app string) []record.Erasure {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []record.Erasure
	for _, job := range e.jobs {
		if job.App == app {
			all = append(all, job)
		}
	}
	slices.SortFunc(all, func(a, b record.Erasure) int { return cmp.Or(cmp.Compare(b.Begun, a.Begun), cmp.Compare(a.ID, b.ID)) })
	return all
}

// begun keeps an erasure whose record lies at a sequence.
func (e *Engine) begun(job *record.Erasure, at uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.jobs[job.ID], e.upTo[job.ID] = *job, at
}

func (e *Engine) keep(job *record.Erasure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.jobs[job.ID] = *job
}

// running lists what is to be done, the oldest first.
func (e *Engine) running() []record.Erasure {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []record.Erasure
	for _, job := range e.jobs {
		if job.State == record.ErasureRunning {
			all = append(all, job)
		}
	}
	slices.SortFunc(all, func(a, b record.Erasure) int { return cmp.Compare(a.Begun, b.Begun) })
	return all
}

// write appends how far an erasure is.
func (e *Engine) write(ctx context.Context, job *record.Erasure) (record.Position, error) {
	data, err := json.Marshal(job)
	if err != nil {
		return record.Position{}, fmt.Errorf("encode erasure: %w", err)
	}
	return e.parts.Log.Append(ctx, eventlog.Received, subjectOf(job), record.KindErasure, []eventlog.Line{{Data: data}})
}

func subjectOf(job *record.Erasure) string { return "erasures." + workspace.Default + "." + job.ID }

// Run carries out what is to be done, until ctx ends.
func (e *Engine) Run(ctx context.Context) error {
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-e.more:
		case <-retry.C:
		case <-ctx.Done():
			return nil
		}
		if err := e.wipe(ctx); err != nil && ctx.Err() == nil { // of an erasure that was killed just before
			e.logger.LogAttrs(ctx, slog.LevelError, "forget who was erased, and try again later", slog.Any("error", err))
			retry.Reset(again)
		}
		for _, job := range e.running() {
			if err := e.carryOut(ctx, job); err != nil && ctx.Err() == nil {
				e.logger.LogAttrs(ctx, slog.LevelError, "erase, and try again later", slog.String("erasure", job.ID), slog.Any("error", err))
				retry.Reset(again)
			}
		}
	}
}

// wipe overwrites the records that say who was erased, of erasures that are done.
func (e *Engine) wipe(ctx context.Context) error {
	for subject, before := range e.wipes {
		if err := e.parts.Log.Wipe(ctx, eventlog.Received, subject, before); err != nil {
			return err
		}
		delete(e.wipes, subject)
	}
	return nil
}

// carryOut does all of an erasure. Whatever of it was done before is found done.
func (e *Engine) carryOut(ctx context.Context, job record.Erasure) error {
	job.Lines, job.Frames = 0, 0
	if err := e.mask(ctx, &job); err != nil { // the projection may have been made anew
		return err
	}
	s := &search{Engine: e, job: &job, persons: newPersons(&job)}
	if err := s.all(ctx); err != nil {
		return err
	}
	for _, stream := range []eventlog.Stream{eventlog.Received, eventlog.Events, eventlog.Outcomes} {
		if err := e.parts.Log.EraseReplaced(ctx, stream); err != nil { // of a rewrite that was broken off
			return err
		}
	}
	// Once more: what was read from the log before it was rewritten may have been projected since.
	if err := e.mask(ctx, &job); err != nil {
		return err
	}
	job.State, job.Ended = record.ErasureDone, time.Now().UnixMilli()
	job.Visitors, job.Accounts = nil, nil
	at, err := e.write(ctx, &job)
	if err != nil {
		return err
	}
	e.wipes[subjectOf(&job)] = at.Seq
	if err := e.wipe(ctx); err != nil { // done is what has left nothing behind
		return err
	}
	e.keep(&job)
	e.parts.Analytics.Erased(job.ID)
	e.logger.LogAttrs(ctx, slog.LevelInfo, "erased", slog.String("erasure", job.ID), slog.Int("lines", job.Lines), slog.Int("frames", job.Frames))
	return nil
}
