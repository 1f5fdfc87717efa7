package impact

import (
	"context"
	"fmt"
	"slices"

	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

const (
	framesFirst = 64      // of all sources: how far back the log is read first
	framesMax   = 1 << 18 // and at most
)

// assess takes the newest events of a source through mappings.
func (a *Assessor) assess(ctx context.Context, source string, mappings []*changed) error {
	chunks, partial, err := a.recent(ctx, source)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("read recent events: %w", err)
	}
	total := 0
	for i := range chunks {
		total += chunks[i].Header.Lines
	}
	skip := max(0, total-EventsMax)
	for i := range chunks {
		if ctx.Err() != nil {
			partial = true
			break
		}
		for line, text := range record.Lines(chunks[i].Body) {
			if skip--; skip >= 0 {
				continue
			}
			if _, dup := chunks[i].Header.DupOf(chunks[i].Seq, line); dup {
				continue // it is not delivered, however the mapping is
			}
			for _, c := range mappings {
				c.take(text)
			}
		}
	}
	for _, c := range mappings {
		c.Partial = partial
	}
	return nil
}

// recent are the newest chunks of a source, in their order, with EventsMax events or more if there are so many within the bounds.
func (a *Assessor) recent(ctx context.Context, source string) (chunks []eventlog.Chunk, partial bool, err error) {
	until := a.log.Last(eventlog.Events)
	lines, size := 0, 0
	for frames := uint64(framesFirst); until > 0; frames *= 4 {
		from := until - min(until, frames) + 1
		older, cut, err := a.window(ctx, source, window{from, until, bytesMax - size})
		if err != nil {
			return chunks, true, err
		}
		for i := range older {
			lines += older[i].Header.Lines
			size += len(older[i].Body)
		}
		chunks = append(older, chunks...)
		switch {
		case lines >= EventsMax:
			return chunks, false, nil
		case cut || frames >= framesMax:
			return chunks, true, nil
		}
		until = from - 1
	}
	return chunks, false, nil
}

// window is a range of sequences, both ends included, and how many bytes may be kept of it.
type window struct {
	from, to uint64
	bytes    int
}

// window reads the chunks of a source in a part of the log; the oldest are left out where they are too many, which the second result tells.
func (a *Assessor) window(ctx context.Context, source string, w window) (chunks []eventlog.Chunk, cut bool, err error) {
	r := a.log.Read(eventlog.Events, "events."+workspace.Default+"."+source, w.from)
	size := 0
	for {
		c, more, err := r.TryNext(ctx)
		if err != nil || !more || c.Seq > w.to {
			return chunks, cut, err
		}
		if c.Body == nil {
			continue // it cannot be read
		}
		chunks = append(chunks, c)
		size += len(c.Body)
		for size > w.bytes && len(chunks) > 1 {
			size -= len(chunks[0].Body)
			chunks, cut = slices.Delete(chunks, 0, 1), true
		}
	}
}
