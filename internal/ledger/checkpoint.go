package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

const (
	writersMax    = 16          // checkpoints that are appended at a time
	checkpointMax = 7 << 20     // bytes; a mapping with more in progress is folded from an older one
	endTimeout    = time.Minute // for the checkpoints at the end
)

// covered is what a checkpoint that is durable covers.
type covered struct {
	seq      uint64 // where it lies on OUTCOMES; 0: there is none
	events   uint64 // EVENTS before this sequence is settled, and in it
	outcomes uint64 // OUTCOMES up to this sequence is in it
}

// Floor is up to where the log may be shortened, as one mapping has it.
type Floor struct {
	Workspace, Source, Mapping string

	Events   uint64 // what lies on EVENTS before this sequence was settled, and two checkpoints know of it
	Outcomes uint64 // the same of OUTCOMES
	Open     uint64 // sequence of EVENTS from which on something is owed and not settled, at this moment; math.MaxUint64: nothing is
}

// begin reads the checkpoints and the fences, and begins to read both streams behind what the checkpoints cover.
func (l *Ledger) begin(ctx context.Context) error {
	if l.begun {
		return nil
	}
	clear(l.mappings)
	clear(l.sources)
	resume, err := l.resume(ctx)
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	fences := l.log.Read(eventlog.Events, "fences.>", 1)
	for {
		chunk, ok, err := fences.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("read fences: %w", err)
		}
		if !ok {
			break
		}
		l.takeEvents(ctx, &chunk)
	}
	events, outcomes := l.log.Last(eventlog.Events), l.log.Last(eventlog.Outcomes)
	for key, a := range l.mappings {
		from := a.begin
		if c := resume[key]; c != nil {
			from, a.outcomes = c.Events, c.Outcomes
		} else if err := l.tellShort(ctx, a); err != nil {
			return err
		}
		events, outcomes = min(events, from), min(outcomes, a.outcomes)
	}
	l.events = cursor{reader: l.log.Read(eventlog.Events, ">", events+1)}
	l.outcomes = cursor{reader: l.log.Read(eventlog.Outcomes, "outcomes.>", outcomes+1)}
	l.begun = true
	return nil
}

// tellShort says so when a mapping has to be counted from where the log begins, and that is not where the mapping did.
func (l *Ledger) tellShort(ctx context.Context, a *account) error {
	kept, err := l.log.Kept(ctx, eventlog.Events, "events."+a.workspace+"."+a.source)
	if err == nil && kept.Before > a.begin {
		l.logger.LogAttrs(ctx, slog.LevelError, "there is no checkpoint: totals begin where the log does", slog.String("mapping", a.mapping), slog.Uint64("seq", kept.Before))
	}
	return err
}

// resume makes the accounts that have a checkpoint, and returns those by workspace and mapping.
func (l *Ledger) resume(ctx context.Context) (map[string]*record.Checkpoint, error) {
	subjects, err := l.log.Subjects(ctx, eventlog.Outcomes, "checkpoints.>")
	if err != nil {
		return nil, err
	}
	found := map[string]*record.Checkpoint{}
	for _, subject := range subjects {
		_, workspace, mapping := split(subject)
		newest, at, err := l.lastCheckpoint(ctx, subject, 0)
		if err != nil {
			return nil, err
		}
		if newest == nil {
			continue
		}
		a := l.account(workspace, mapping)
		a.fold = fold.Resume(newest)
		a.newest = coveredBy(newest, at, a.fold)
		older, at, err := l.lastCheckpoint(ctx, subject, at)
		if err != nil {
			return nil, err
		}
		if older != nil {
			a.older = coveredBy(older, at, fold.Resume(older))
		}
		found[workspace+"."+mapping] = newest
	}
	return found, nil
}

// lastCheckpoint is the last checkpoint on a subject before a sequence (0: no bound) that is of this log; nil when there is none.
func (l *Ledger) lastCheckpoint(ctx context.Context, subject string, before uint64) (*record.Checkpoint, uint64, error) {
	for {
		chunk, ok, err := l.log.LastOf(ctx, eventlog.Outcomes, subject, before)
		if err != nil || !ok {
			return nil, 0, err
		}
		var c record.Checkpoint
		if err := json.Unmarshal(record.Line(chunk.Body, 0), &c); err == nil && c.Run == 0 && c.Events <= l.log.Last(eventlog.Events) {
			return &c, chunk.Seq, nil
		}
		l.logger.LogAttrs(ctx, slog.LevelError, "checkpoint cannot be used", slog.String("subject", subject), slog.Uint64("seq", chunk.Seq))
		l.frames = l.cfg.CheckpointFrames // new ones take its place at once
		before = chunk.Seq
	}
}

// coveredBy says what a checkpoint covers that lies at a sequence of OUTCOMES.
func coveredBy(c *record.Checkpoint, seq uint64, f *fold.Fold) covered {
	events := c.Events + 1
	if open, ok := f.Open(); ok {
		events = min(events, open)
	}
	return covered{seq: seq, events: events, outcomes: c.Outcomes}
}

// isDue tells whether enough was read for checkpoints to be worth it.
func (l *Ledger) isDue() bool {
	<-l.turn
	defer func() { l.turn <- struct{}{} }()
	return l.frames >= l.cfg.CheckpointFrames || l.bytes >= l.cfg.CheckpointBytes
}

// pending is a checkpoint that is to be written.
type pending struct {
	account *account
	record  *record.Checkpoint
	covered covered
}

// Checkpoint writes a checkpoint of each mapping, if anything was read since the last, or the last two say different things.
func (l *Ledger) Checkpoint(ctx context.Context) error {
	select {
	case <-l.round:
	case <-ctx.Done():
		return fmt.Errorf("write checkpoints: %w", context.Cause(ctx))
	}
	defer func() { l.round <- struct{}{} }()
	all, err := l.pending(ctx)
	if err != nil {
		return err
	}
	errs := make(chan error, len(all))
	free := make(chan struct{}, writersMax)
	var writers sync.WaitGroup
	for i := range all {
		free <- struct{}{}
		writers.Go(func() {
			defer func() { <-free }()
			errs <- l.write(ctx, &all[i])
		})
	}
	writers.Wait()
	close(errs)
	for one := range errs {
		if err == nil {
			err = one
		}
	}
	if err != nil {
		return fmt.Errorf("write checkpoints: %w", err)
	}
	return nil
}

// differ tells whether the last two checkpoints of any mapping cover different things.
func (l *Ledger) differ() bool {
	for _, a := range l.mappings {
		if a.older.events != a.newest.events || a.older.outcomes != a.newest.outcomes {
			return true
		}
	}
	return false
}

// pending makes the checkpoints of a cut.
func (l *Ledger) pending(ctx context.Context) ([]pending, error) {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the ledger: %w", context.Cause(ctx))
	}
	defer func() { l.turn <- struct{}{} }()
	cut, err := l.catchUp(ctx)
	if err != nil || l.frames == 0 && !l.differ() {
		return nil, err
	}
	l.frames, l.bytes = 0, 0
	all := make([]pending, 0, len(l.mappings))
	for _, a := range l.mappings {
		if c, ok := a.fold.Checkpoint(cut.Events, cut.Outcomes); ok {
			all = append(all, pending{account: a, record: c, covered: coveredBy(c, 0, a.fold)})
		}
	}
	return all, nil
}

// write appends a checkpoint, and lets go of those before the one before it.
func (l *Ledger) write(ctx context.Context, p *pending) error {
	data, err := json.Marshal(p.record)
	if err != nil {
		return fmt.Errorf("encode checkpoint: %w", err)
	}
	if len(data) > checkpointMax {
		l.logger.LogAttrs(ctx, slog.LevelWarn, "checkpoint is too large", slog.String("mapping", p.account.mapping), slog.Int("bytes", len(data)))
		return nil
	}
	subject := record.CheckpointSubject(p.account.workspace, p.account.mapping)
	at, err := l.log.Append(ctx, eventlog.Outcomes, subject, record.KindCheckpoint, []eventlog.Line{{Data: data}})
	if err != nil {
		return err
	}
	p.covered.seq = at.Seq
	<-l.turn
	before := p.account.newest
	p.account.older, p.account.newest = before, p.covered
	l.turn <- struct{}{}
	return l.log.Prune(ctx, eventlog.Outcomes, subject, before.seq)
}

// atEnd writes the last checkpoints.
func (l *Ledger) atEnd(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if err := l.Checkpoint(ctx); err != nil { // the next start reads more, and that is all
		l.logger.LogAttrs(ctx, slog.LevelWarn, "write the last checkpoints", slog.Any("error", err))
	}
	return nil
}

// Floors says, mapping by mapping, up to where the log may be shortened: what the older of its two checkpoints covers, so that the log can still be
// folded from there when the newer cannot be read.
func (l *Ledger) Floors(ctx context.Context) ([]Floor, error) {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the ledger: %w", context.Cause(ctx))
	}
	defer func() { l.turn <- struct{}{} }()
	if _, err := l.catchUp(ctx); err != nil {
		return nil, err
	}
	floors := make([]Floor, 0, len(l.mappings))
	for _, a := range l.mappings {
		f := Floor{Workspace: a.workspace, Source: a.source, Mapping: a.mapping, Events: a.begin, Open: math.MaxUint64}
		if a.older.seq > 0 {
			f.Events, f.Outcomes = a.older.events, a.older.outcomes+1
		}
		if open, ok := a.fold.Open(); ok {
			f.Open = open
		}
		floors = append(floors, f)
	}
	return floors, nil
}
