package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// FenceLog is what fences need of the log.
type FenceLog interface {
	Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
}

// Fencer keeps the fences on EVENTS in step with the workspace. It knows the newest fence of each mapping from the log itself.
type Fencer struct {
	log FenceLog

	mu     sync.Mutex
	reader *eventlog.Reader
	newest map[string]record.Fence // by mapping
}

// NewFencer makes a Fencer. Nothing is read before the first Reconcile.
func NewFencer(log FenceLog) *Fencer {
	return &Fencer{log: log, reader: log.Read(eventlog.Events, "fences."+Default+".>", 0), newest: map[string]record.Fence{}}
}

// Reconcile appends a fence for each mapping whose newest fence does not say what the snapshot says. Called again, it appends nothing.
func (f *Fencer) Reconcile(ctx context.Context, now *Snapshot) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.catchUp(ctx); err != nil {
		return err
	}
	due, err := f.due(now)
	if err != nil {
		return err
	}
	for _, source := range slices.Sorted(maps.Keys(due)) {
		lines := make([]eventlog.Line, 0, len(due[source]))
		for _, fence := range due[source] {
			data, err := encode(fence)
			if err != nil {
				return fmt.Errorf("write fence of mapping %s: %w", fence.Mapping, err)
			}
			lines = append(lines, eventlog.Line{Data: data})
		}
		if _, err := f.log.Append(ctx, eventlog.Events, "fences."+Default+"."+source, record.KindFence, lines); err != nil {
			return fmt.Errorf("append fences of source %s: %w", source, err)
		}
	}
	return nil
}

// catchUp reads the fences that were appended since the last time.
func (f *Fencer) catchUp(ctx context.Context) error {
	for {
		c, more, err := f.reader.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("read fences: %w", err)
		}
		if !more {
			return nil
		}
		// Fences that are lost in a hole are made again: what the log does not say of a mapping differs from the snapshot.
		for line, data := range record.Lines(c.Body) {
			var fence record.Fence
			if err := json.Unmarshal(data, &fence); err != nil {
				return fmt.Errorf("read fence %d.%d: %w", c.Seq, line, err)
			}
			f.newest[fence.Mapping] = fence
		}
	}
}

// due lists the fences that are missing, by source.
func (f *Fencer) due(now *Snapshot) (map[string][]record.Fence, error) {
	due := map[string][]record.Fence{}
	for _, m := range now.Mappings() {
		before, known := f.newest[m.ID]
		next, err := fenceOf(now, m, before)
		if err != nil {
			return nil, err
		}
		if next.Source != "" && (differs(before, next, known) || next.State == record.FenceOn && edited(now, m) > before.Revision) {
			due[next.Source] = append(due[next.Source], next)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.newest)) {
		before := f.newest[id]
		if now.Mapping(id) == nil && before.State != record.FenceDeleted {
			due[before.Source] = append(due[before.Source], record.Fence{
				Mapping: id, Destination: before.Destination, Source: before.Source, Type: before.Type,
				State: record.FenceDeleted, Revision: before.Revision + 1,
			})
		}
	}
	return due, nil
}

// edited is the revision at which a mapping or its destination was last changed. What changed may be in the settings, which no fence tells.
func edited(now *Snapshot, m *Mapping) uint64 {
	if d := now.Destination(m.Destination); d != nil {
		return max(m.Revision, d.Revision)
	}
	return m.Revision
}

// fenceOf is the fence that a mapping should have now.
func fenceOf(now *Snapshot, m *Mapping, before record.Fence) (record.Fence, error) {
	fence := record.Fence{Mapping: m.ID, Destination: m.Destination, Source: before.Source, Type: before.Type, State: record.FenceOff, Revision: edited(now, m)}
	if d := now.Destination(m.Destination); d != nil {
		fence.Source, fence.Type = d.Source, d.Type
		if s := now.Source(d.Source); s != nil {
			fence.Revision = max(fence.Revision, s.Revision)
		}
	}
	for _, f := range now.FiltersOfDestination(m.Destination) {
		fence.Revision = max(fence.Revision, f.Revision)
	}
	fence.Revision = max(fence.Revision, before.Revision+1)
	if now.On(m) {
		fence.State = record.FenceOn
	}
	spec, err := encode(now.Spec(m))
	if err != nil {
		return record.Fence{}, fmt.Errorf("write fence of mapping %s: %w", m.ID, err)
	}
	fence.Spec = spec
	return fence, nil
}

// differs tells whether next says something that the newest fence does not. A mapping that was never on owes nothing, which needs no fence.
func differs(before, next record.Fence, known bool) bool {
	if !known {
		return next.State == record.FenceOn
	}
	if before.State != next.State {
		return true
	}
	return next.State == record.FenceOn && (before.Type != next.Type || !bytes.Equal(before.Spec, next.Spec))
}
