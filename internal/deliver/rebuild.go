package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/fold"
	"penstock/internal/record"
)

// rebuild folds what is on the log, from the newest checkpoint on: what the mapping owes, what is settled, the retries that wait, and whether it is parked. Reading of events
// begins at the cursor then. The two streams are read side by side by the times of their frames; any order would do, this one keeps the fold small.
func (l *lane) rebuild(ctx context.Context) error {
	checkpoint, err := l.checkpoint(ctx)
	if err != nil {
		return err
	}
	l.fold = fold.New(0)
	if checkpoint != nil {
		l.fold = fold.Resume(checkpoint)
	}
	fences := l.inbox.take()
	for _, fence := range fences {
		l.fold.Fence(fence.Seq, &fence.Fence)
	}
	if err = l.replay(ctx, checkpoint); err != nil {
		for _, fence := range fences { // for another attempt
			l.inbox.put(fence)
		}
		return err
	}
	l.begun(ctx)
	return nil
}

// checkpoint is the newest that is of this log; nil when there is none.
func (l *lane) checkpoint(ctx context.Context) (*record.Checkpoint, error) {
	subject := record.CheckpointSubject(l.workspace, l.mapping)
	for before := uint64(0); ; {
		chunk, ok, err := l.log.LastOf(ctx, eventlog.Outcomes, subject, before)
		if err != nil || !ok {
			return nil, err
		}
		var c record.Checkpoint
		if err := json.Unmarshal(record.Line(chunk.Body, 0), &c); err == nil && c.Run == 0 && c.Events <= l.log.Last(eventlog.Events) {
			return &c, nil
		}
		l.logger.LogAttrs(ctx, slog.LevelError, "checkpoint cannot be used", slog.Uint64("seq", chunk.Seq))
		before = chunk.Seq
	}
}

// replay feeds the fold with the outcomes of the mapping behind a checkpoint (nil: all), and with the events that they speak of.
func (l *lane) replay(ctx context.Context, behind *record.Checkpoint) error {
	if behind == nil {
		behind = &record.Checkpoint{}
	}
	events := &peeker{reader: l.log.Read(eventlog.Events, l.eventsFilter(), max(l.begin, behind.Events+1))}
	outcomes := l.log.Read(eventlog.Outcomes, l.outcomesSubject(), behind.Outcomes+1)
	for {
		chunk, ok, err := outcomes.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("fold outcomes: %w", err)
		}
		if !ok {
			break
		}
		if err := events.upTo(ctx, chunk.Header.At, l.feed); err != nil {
			return err
		}
		l.foldOutcomes(ctx, &chunk)
	}
	for l.fold.Ahead() {
		fed, err := events.one(ctx, l.feed)
		if err != nil {
			return err
		}
		if !fed {
			break
		}
	}
	return nil
}

// begun sets the lane to where the fold stands.
func (l *lane) begun(ctx context.Context) {
	l.reader = l.log.Read(eventlog.Events, l.eventsFilter(), max(l.begin, l.fold.Cursor().Seq))
	l.queue = queue{}
	l.waiting()
	if park, ok := l.fold.Parked(); ok && !l.fold.Deleted() {
		l.parked = &parked{code: park.Code, reason: park.Reason, since: time.UnixMilli(park.Since), next: time.Now()}
	}
	l.tellHoles()
	l.logger.LogAttrs(ctx, slog.LevelInfo, "lane begins", slog.String("cursor", l.fold.Cursor().String()),
		slog.Int("retries", l.fold.Waiting()), slog.Bool("parked", l.parked != nil))
}

// eventsFilter selects the events of the source, and the fences among them; a reader meets them in order.
func (l *lane) eventsFilter() string { return "*." + l.workspace + "." + l.source }

func (l *lane) outcomesSubject() string { return "outcomes." + l.workspace + "." + l.mapping }

func (l *lane) foldOutcomes(ctx context.Context, chunk *eventlog.Chunk) {
	for line, data := range record.Lines(chunk.Body) {
		var o record.Outcome
		if err := json.Unmarshal(data, &o); err != nil {
			l.logger.LogAttrs(ctx, slog.LevelError, "decode outcome", slog.Uint64("seq", chunk.Seq), slog.Int("line", line), slog.Any("error", err))
			continue
		}
		l.fold.Outcome(&o)
	}
}

// feed tells the fold of a frame that was read.
func (l *lane) feed(ctx context.Context, chunk *eventlog.Chunk) {
	switch {
	case strings.HasPrefix(chunk.Subject, "fences."):
		for fence := range fencesOf(ctx, chunk, l.logger) {
			if fence.Mapping == l.mapping {
				l.learn(chunk.Seq, &fence)
			}
		}
	case isEvents(chunk):
		l.fold.Frame(fold.Frame{Seq: chunk.Seq, Header: &chunk.Header, Lost: chunk.Lost, Removed: chunk.Removed, Damaged: chunk.Body == nil})
	}
}

func isEvents(chunk *eventlog.Chunk) bool { return strings.HasPrefix(chunk.Subject, "events.") }

// peeker reads frames up to a time.
type peeker struct {
	reader *eventlog.Reader
	next   eventlog.Chunk
	ok     bool
}

func (p *peeker) peek(ctx context.Context) error {
	if p.ok {
		return nil
	}
	var err error
	if p.next, p.ok, err = p.reader.TryNext(ctx); err != nil {
		return fmt.Errorf("fold events: %w", err)
	}
	return nil
}

// upTo gives take all frames that were committed up to a time, in ms since 1970.
func (p *peeker) upTo(ctx context.Context, millis int64, take func(context.Context, *eventlog.Chunk)) error {
	for {
		if err := p.peek(ctx); err != nil || !p.ok || p.next.Header.At > millis {
			return err
		}
		take(ctx, &p.next)
		p.ok = false
	}
}

// one gives take one frame; false at the end of the stream.
func (p *peeker) one(ctx context.Context, take func(context.Context, *eventlog.Chunk)) (bool, error) {
	if err := p.peek(ctx); err != nil || !p.ok {
		return false, err
	}
	take(ctx, &p.next)
	p.ok = false
	return true, nil
}
