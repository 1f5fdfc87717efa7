package journey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"penstock/internal/destination"
	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// framesMax bounds how many frames of OUTCOMES are read for one mapping.
const framesMax = 20_000

// Finder knows where a messageId lies in EVENTS; source is an id.
type Finder interface {
	Find(source, messageID string) []record.Position
}

// Log is what a journey reads of the log.
type Log interface {
	Chunk(ctx context.Context, stream eventlog.Stream, seq uint64) (eventlog.Chunk, error)
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Seek(ctx context.Context, stream eventlog.Stream, millis int64) (uint64, error)
	Kept(ctx context.Context, stream eventlog.Stream, subject string) (record.Kept, error)
	LastOf(ctx context.Context, stream eventlog.Stream, subject string, before uint64) (eventlog.Chunk, bool, error)
}

// Receiver knows what landed at this server's own receiver.
type Receiver interface {
	Landed(ctx context.Context, messageID string) ([]Landing, error)
}

// Parts is what journeys are made of.
type Parts struct {
	Snapshot  func() *workspace.Snapshot
	Finder    Finder
	Log       Log
	Receiver  Receiver
	Catalog   workspace.Catalog
	PublicURL string // scheme://host of this server
}

// Assembler makes journeys.
type Assembler struct{ parts Parts }

// New makes an Assembler.
func New(parts Parts) *Assembler { return &Assembler{parts: parts} }

// Journey tells the way of a messageId; nil when it is not known.
func (a *Assembler) Journey(ctx context.Context, messageID string) (*Journey, error) {
	j := &Journey{MessageID: messageID, Arrivals: []Arrival{}, Landed: []Landing{}}
	now := a.parts.Snapshot()
	for _, source := range now.Sources() {
		for _, p := range a.parts.Finder.Find(source.ID, messageID) {
			arrival, err := a.arrival(ctx, now, source, p)
			if err != nil {
				return nil, err
			}
			j.Arrivals = append(j.Arrivals, *arrival)
		}
	}
	slices.SortFunc(j.Arrivals, func(a, b Arrival) int { return a.Position.Compare(b.Position) })
	landed, err := a.parts.Receiver.Landed(ctx, messageID)
	if err != nil {
		return nil, fmt.Errorf("find what landed: %w", err)
	}
	j.Landed = append(j.Landed, landed...)
	if len(j.Arrivals) == 0 && len(j.Landed) == 0 {
		return nil, nil //nolint:nilnil // not known is no error
	}
	return j, nil
}

func (a *Assembler) arrival(ctx context.Context, now *workspace.Snapshot, source *workspace.Source, p record.Position) (*Arrival, error) {
	c, text, err := a.event(ctx, p)
	if errors.Is(err, eventlog.ErrNotFound) {
		if old, err := a.notKept(ctx, source, p); old != nil || err != nil {
			return old, err
		}
	}
	if err != nil {
		return nil, err
	}
	arrival := describe(text)
	arrival.Position, arrival.Source, arrival.StoredAt = p, source.Slug, time.UnixMilli(c.Header.At).UTC()
	if first, dup := c.Header.DupOf(p.Seq, p.Line); dup {
		arrival.DuplicateOf = &first
	}
	fences, err := a.fencesBefore(ctx, source.ID, p.Seq)
	if err != nil {
		return nil, err
	}
	from, err := a.parts.Log.Seek(ctx, eventlog.Outcomes, c.Header.At)
	if err != nil {
		return nil, fmt.Errorf("find outcomes: %w", err)
	}
	for _, fence := range fences {
		d := a.delivery(now, fence)
		if fence.State == record.FenceOn && arrival.DuplicateOf == nil {
			if err := a.evaluate(now, fence, text, &d); err != nil {
				d.Problem = err.Error()
			}
		}
		if fence.State == record.FenceOn {
			if err := a.outcomes(ctx, &d, fence.Mapping, &scan{position: p, from: from}); err != nil {
				return nil, err
			}
		}
		arrival.Mappings = append(arrival.Mappings, d)
	}
	arrival.Mappings = append(arrival.Mappings, neverOn(now, source, fences)...)
	return arrival, nil
}

// event reads an event, and the frame that it is in.
func (a *Assembler) event(ctx context.Context, p record.Position) (eventlog.Chunk, []byte, error) {
	c, err := a.parts.Log.Chunk(ctx, eventlog.Events, p.Seq)
	if err != nil {
		return c, nil, fmt.Errorf("read event: %w", err)
	}
	text := record.Line(c.Body, p.Line)
	if text == nil {
		return c, nil, fmt.Errorf("read event at %s: %w", p, eventlog.ErrNotFound)
	}
	return c, text, nil
}

// notKept is the account of an event that is older than what is kept of its source; nil of one that is not.
func (a *Assembler) notKept(ctx context.Context, source *workspace.Source, p record.Position) (*Arrival, error) {
	kept, err := a.parts.Log.Kept(ctx, eventlog.Events, "events."+workspace.Default+"."+source.ID)
	if err != nil {
		return nil, fmt.Errorf("read what is kept: %w", err)
	}
	if p.Seq >= kept.Before {
		return nil, nil //nolint:nilnil // it is something else, and nothing is wrong with the question
	}
	at := time.UnixMilli(kept.At).UTC()
	return &Arrival{
		Position: p, Source: source.Slug, StoredAt: at, Mappings: []Delivery{},
		NotKept: "the event is older than what is kept: events of this source that came up to " + at.Format(time.RFC3339) + " have been removed",
	}, nil
}

// fencesBefore returns the newest fence of each mapping of a source before a sequence, in the order in which the mappings first came.
func (a *Assembler) fencesBefore(ctx context.Context, source string, seq uint64) ([]record.Fence, error) {
	var fences []record.Fence
	at := map[string]int{}
	r := a.parts.Log.Read(eventlog.Events, "fences."+workspace.Default+"."+source, 0)
	for {
		c, more, err := r.TryNext(ctx)
		if err != nil {
			return nil, fmt.Errorf("read fences: %w", err)
		}
		if !more || c.Seq > seq {
			return fences, nil
		}
		for line, data := range record.Lines(c.Body) {
			fence, err := decode[record.Fence](data)
			if err != nil {
				return nil, fmt.Errorf("read fence %d.%d: %w", c.Seq, line, err)
			}
			i, known := at[fence.Mapping]
			if !known {
				i, fences = len(fences), append(fences, fence)
				at[fence.Mapping] = i
			}
			fences[i] = fence
		}
	}
}

// delivery begins the account of a mapping, as its newest fence before the event has it.
func (a *Assembler) delivery(now *workspace.Snapshot, fence record.Fence) Delivery {
	d := Delivery{Destination: fence.Destination, Mapping: fence.Mapping, State: StateNotOwed, Outcomes: []Outcome{}}
	if known := now.Destination(fence.Destination); known != nil {
		d.Destination = known.Slug
	}
	if known := now.Mapping(fence.Mapping); known != nil {
		d.Mapping = known.Name
	}
	if fence.State != record.FenceOn {
		d.Problem = "the mapping, its destination or its source was off, or deleted, when the event came"
		return d
	}
	d.State, d.Revision = StatePending, fence.Revision
	return d
}

// evaluate does what delivery does with the event before it sends it.
func (a *Assembler) evaluate(now *workspace.Snapshot, fence record.Fence, line []byte, d *Delivery) error {
	typ, ok := a.parts.Catalog.Lookup(fence.Type)
	if !ok {
		return fmt.Errorf("the catalog of this version has no destination %q", fence.Type)
	}
	spec, err := decode[destination.Spec](fence.Spec)
	if err != nil {
		return fmt.Errorf("read mapping on the log: %w", err)
	}
	var settings json.RawMessage
	if known := now.Destination(fence.Destination); known != nil {
		settings = workspace.ResolveJSON(known.Settings, a.parts.PublicURL)
	}
	mapping, err := destination.CompileLoosely(typ, workspace.Resolve(spec, a.parts.PublicURL), settings)
	if err != nil {
		return err
	}
	why := mapping.Explain(line)
	d.Matched, d.Trigger = &why.Matched, why.Text
	if by, off := event.SwitchedOff(line, typ.Definition().Names()...); off {
		why.Matched, d.Trigger = false, event.ExplainSwitchedOff(by)
	}
	if dropped := mapping.Dropped(line); dropped != nil {
		d.Filter = dropped.Reason
	}
	if !why.Matched || d.Filter != "" {
		return nil
	}
	payload, err := mapping.Resolve(line)
	if err != nil {
		return err
	}
	d.Payload = payload.AppendJSON(nil)
	return nil
}

// neverOn lists the mappings of the source that had no fence when the event came.
func neverOn(now *workspace.Snapshot, source *workspace.Source, fences []record.Fence) []Delivery {
	var all []Delivery
	for _, m := range now.MappingsOfSource(source.ID) {
		if slices.ContainsFunc(fences, func(f record.Fence) bool { return f.Mapping == m.ID }) {
			continue
		}
		d := Delivery{Mapping: m.Name, Destination: m.Destination, State: StateNotOwed, Outcomes: []Outcome{}}
		if known := now.Destination(m.Destination); known != nil {
			d.Destination = known.Slug
		}
		d.Problem = "the mapping was made, or turned on, after the event came"
		if !now.On(m) {
			d.Problem = "the mapping has not been on: turn on the mapping, its destination and its source"
		}
		all = append(all, d)
	}
	return all
}

// scan is a search for the outcomes of a position.
type scan struct {
	position record.Position
	from     uint64
	told     bool // of a parking, or the end of one
}

// outcomes finds what became of the position, up to the outcome that is final.
func (a *Assembler) outcomes(ctx context.Context, d *Delivery, mapping string, s *scan) error {
	r := a.parts.Log.Read(eventlog.Outcomes, "outcomes."+workspace.Default+"."+mapping, s.from)
	for range framesMax {
		c, more, err := r.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("read outcomes: %w", err)
		}
		if !more {
			return a.parkedBefore(ctx, d, mapping, s)
		}
		for line, data := range record.Lines(c.Body) {
			o, err := decode[record.Outcome](data)
			if err != nil {
				return fmt.Errorf("read outcome %d.%d: %w", c.Seq, line, err)
			}
			if o.Run == 0 && s.take(d, o) {
				return nil
			}
		}
	}
	d.Partial = true
	return nil
}

// parkedBefore says of an event that nothing was told of whether it found its mapping parked.
func (a *Assembler) parkedBefore(ctx context.Context, d *Delivery, mapping string, s *scan) error {
	if d.State != StatePending || s.told {
		return nil
	}
	parked, from := false, uint64(0)
	c, ok, err := a.parts.Log.LastOf(ctx, eventlog.Outcomes, record.CheckpointSubject(workspace.Default, mapping), 0)
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	if ok {
		checkpoint, err := decode[record.Checkpoint](record.Line(c.Body, 0))
		if err != nil {
			return fmt.Errorf("read checkpoint at %d: %w", c.Seq, err)
		}
		parked, from = checkpoint.Park != nil, checkpoint.Outcomes
	}
	r := a.parts.Log.Read(eventlog.Outcomes, "outcomes."+workspace.Default+"."+mapping, from+1)
	for range framesMax {
		c, more, err := r.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("read outcomes: %w", err)
		}
		if !more || c.Seq >= s.from {
			break
		}
		for _, data := range record.Lines(c.Body) {
			if o, err := decode[record.Outcome](data); err == nil && (o.Status == record.Parked || o.Status == record.Resumed) {
				parked = o.Status == record.Parked
			}
		}
	}
	if parked {
		d.State = State(record.Parked)
	}
	return nil
}

// take adds an outcome of live delivery to what is known, and tells whether it is final.
func (s *scan) take(d *Delivery, o record.Outcome) bool {
	s.told = s.told || o.Status == record.Parked || o.Status == record.Resumed
	switch {
	case o.Status == record.Parked && !s.covered(o) && d.State == StatePending:
		d.State = State(record.Parked)
	case o.Status == record.Resumed && d.State == State(record.Parked):
		d.State = StatePending
	}
	if !s.covered(o) {
		return false
	}
	d.State = State(o.Status)
	d.Outcomes = append(d.Outcomes, stepOf(o))
	return o.Status.Terminal()
}

// covered tells whether an outcome speaks of the position.
func (s *scan) covered(o record.Outcome) bool {
	return slices.ContainsFunc(o.At, func(at record.Span) bool {
		return at.Seq == s.position.Seq && at.From <= s.position.Line && s.position.Line <= at.To
	})
}

func stepOf(o record.Outcome) Outcome {
	step := Outcome{
		Status: o.Status, At: time.UnixMilli(o.Millis).UTC(), Code: o.Code, Reason: o.Reason, Attempt: o.Attempt, Of: o.Of, Exchange: o.Exchange,
	}
	if o.Due != 0 {
		due := time.UnixMilli(o.Due).UTC()
		step.Due = &due
	}
	return step
}
