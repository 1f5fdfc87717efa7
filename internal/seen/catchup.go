package seen

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"

	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// Catchup reads EVENTS from where the index stands to the end of the log. It comes before the log is appended to.
func (x *Index) Catchup(ctx context.Context, log *eventlog.Log) error {
	last := log.Last(eventlog.Events)
	if x.Followed() > last {
		x.lost = x.Followed() - last
		x.logger.LogAttrs(ctx, slog.LevelError, "the end of the log is lost, or the index of seen ids is of another log: it is read anew", slog.String("stage", "seen"),
			slog.Uint64("followed", x.Followed()), slog.Uint64("last", last))
		if err := x.forget(ctx); err != nil {
			return err
		}
	}
	r := log.Read(eventlog.Events, "events.>", x.Followed()+1)
	var entries []eventlog.Seen
	for {
		c, ok, err := r.TryNext(ctx)
		if err != nil {
			return fmt.Errorf("catch up with events: %w", err)
		}
		if !ok {
			break
		}
		entries = appendSeen(entries[:0], &c)
		if err := x.Note(c.Seq, entries); err != nil {
			return err
		}
	}
	if x.Followed() < last {
		return x.Note(last, nil)
	}
	return nil
}

// appendSeen lists the ids in a chunk. One whose body is lost has none.
func appendSeen(entries []eventlog.Seen, c *eventlog.Chunk) []eventlog.Seen {
	source, dups := c.Source(), c.Header.Dups
	for i, line := range record.Lines(c.Body) {
		repeat := len(dups) > 0 && dups[0].Line == i
		if repeat {
			dups = dups[1:]
		}
		if id := event.MessageID(line); id != "" {
			entries = append(entries, eventlog.Seen{Source: source, ID: id, At: record.Position{Seq: c.Seq, Line: i}, Millis: c.Header.At, Repeat: repeat})
		}
	}
	return entries
}

// forget empties the index.
func (x *Index) forget(ctx context.Context) error {
	if err := x.db.DeleteRange([]byte{0}, []byte{0xFF}, pebble.Sync); err != nil {
		return fmt.Errorf("empty index of seen ids: %w", err)
	}
	if err := x.upgrade(ctx); err != nil {
		return fmt.Errorf("empty index of seen ids: %w", err)
	}
	x.followed.Store(0)
	x.newest.Store(0)
	return nil
}
