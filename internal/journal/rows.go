package journal

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/jsvalue"
	"penstock/internal/record"
)

// batch is what is written in one transaction.
type batch struct {
	events, rejected, outcomes, holes [][]driver.Value

	upTo  map[eventlog.Stream]uint64
	bytes int
	more  bool // there may be more to read
}

func (b *batch) rows() int { return len(b.events) + len(b.rejected) + len(b.outcomes) }

// add takes a chunk. unreadable counts lines that are no records; there are none, but by a mistake of a program.
func (b *batch) add(stream eventlog.Stream, c *eventlog.Chunk) (unreadable uint64) {
	b.bytes += len(c.Body)
	b.upTo[stream] = c.Seq
	kind, rest, _ := strings.Cut(c.Subject, ".")
	workspace, last, _ := strings.Cut(rest, ".")
	switch {
	case kind == "fences":
		return 0
	case kind == "rejected":
		return b.addRejected([]driver.Value{workspace, last, c.Seq}, c)
	case stream == eventlog.Outcomes:
		for i, line := range record.Lines(c.Body) {
			var o record.Outcome
			if json.Unmarshal(line, &o) != nil {
				unreadable++
				continue
			}
			b.addOutcome([]driver.Value{workspace, last, c.Seq, uint32(i)}, &o) //nolint:gosec // a frame has fewer lines
		}
		return unreadable
	}
	dups := make(map[int]record.Position, len(c.Header.Dups))
	for _, d := range c.Header.Dups {
		if of, ok := c.Header.DupOf(c.Seq, d.Line); ok {
			dups[d.Line] = of
		}
	}
	for i, line := range record.Lines(c.Body) {
		row := append([]driver.Value{workspace, last, c.Seq, uint32(i)}, event(line, c.Header.At)...) //nolint:gosec // a frame has fewer lines
		of, dup := dups[i]
		b.events = append(b.events, append(row, optionalPosition(of, dup)...))
	}
	return 0
}

// write adds the rows to their tables.
func (b *batch) write(ctx context.Context, tx *duck.Tx) error {
	for table, rows := range map[string][][]driver.Value{"events": b.events, "rejected": b.rejected, "outcomes": b.outcomes, "holes": b.holes} {
		if len(rows) == 0 {
			continue
		}
		if err := tx.Append(ctx, table, slices.Values(rows)); err != nil {
			return err
		}
	}
	for stream, seq := range b.upTo {
		if err := tx.Exec(ctx, "UPDATE journal.positions SET seq = ? WHERE stream = ?", seq, string(stream)); err != nil {
			return err
		}
	}
	return nil
}

// event is the columns that come from an event's line; committed (ms since 1970) stands in for a receivedAt that cannot be read.
func event(line []byte, committed int64) []driver.Value {
	var receivedAt, messageID, typ, track, name, user, anonymous, group, appVersion string
	for s := jsvalue.Scan(line); s.Next(); {
		var to *string
		switch {
		case s.KeyIs("receivedAt"):
			to = &receivedAt
		case s.KeyIs("messageId"):
			to = &messageID
		case s.KeyIs("type"):
			to = &typ
		case s.KeyIs("event"):
			to = &track
		case s.KeyIs("name"):
			to = &name
		case s.KeyIs("userId"):
			to = &user
		case s.KeyIs("anonymousId"):
			to = &anonymous
		case s.KeyIs("groupId"):
			to = &group
		case s.KeyIs("context"):
			appVersion = appVersionOf(s.Value)
			continue
		default:
			continue
		}
		if v := jsvalue.Parse(s.Value); v.Kind() == jsvalue.String || v.Kind() == jsvalue.Number {
			*to = strings.ToValidUTF8(v.Text(), "�")
		}
	}
	at, err := time.Parse(time.RFC3339, receivedAt)
	if err != nil {
		at = time.UnixMilli(committed)
	}
	return []driver.Value{at.UTC(), optional(messageID), optional(typ), optional(cmp.Or(track, name)), optional(user), optional(anonymous), optional(group), optional(appVersion)}
}

// appVersionOf is the version of the app that an event comes from.
func appVersionOf(around []byte) string {
	v := jsvalue.Parse(around).Get(jsvalue.NewKey("app")).Get(jsvalue.NewKey("version"))
	if v.Kind() != jsvalue.String && v.Kind() != jsvalue.Number {
		return ""
	}
	return strings.ToValidUTF8(v.Text(), "�")
}

// addRejected makes a row for each request, or event of a batch, that was not taken; row is its first columns.
func (b *batch) addRejected(row []driver.Value, c *eventlog.Chunk) (unreadable uint64) {
	for i, line := range record.Lines(c.Body) {
		var r record.Rejected
		if json.Unmarshal(line, &r) != nil {
			unreadable++
			continue
		}
		full := append(make([]driver.Value, 0, len(row)+4), row...)                                                                    //nolint:mnd // columns
		b.rejected = append(b.rejected, append(full, uint32(i), time.UnixMilli(r.At).UTC(), optional(r.Code), int64(max(1, r.Count)))) //nolint:gosec // a frame has fewer lines
	}
	return unreadable
}

// addOutcome makes a row for each span of an outcome, and one for an outcome that has none; row is its first columns.
func (b *batch) addOutcome(row []driver.Value, o *record.Outcome) {
	var due, holeBefore, holeLines any
	if o.Due != 0 {
		due = time.UnixMilli(o.Due).UTC()
	}
	if o.Hole != nil {
		holeBefore, holeLines = o.Hole.Before, o.Hole.Lines
	}
	of := record.Position{}
	if o.Of != nil {
		of = *o.Of
	}
	tail := []driver.Value{
		string(o.Status), optional(o.Code), optional(o.Reason), uint32(o.Attempt), time.UnixMilli(o.Millis).UTC(), due, o.Revision, //nolint:gosec // attempts are few
	}
	tail = append(tail, optionalPosition(of, o.Of != nil)...)
	tail = append(tail, holeBefore, holeLines)
	tail = append(tail, exchange(o.Exchange)...)
	add := func(span ...driver.Value) {
		full := append(make([]driver.Value, 0, len(row)+1+len(span)+len(tail)), row...)
		full = append(append(full, o.Run), span...)
		b.outcomes = append(b.outcomes, append(full, tail...))
	}
	for _, s := range o.At {
		add(s.Seq, uint32(s.From), uint32(s.To)) //nolint:gosec // lines of a frame
	}
	if len(o.At) == 0 {
		add(nil, nil, nil)
	}
}

// exchange is the columns that come from a request.
func exchange(x *record.Exchange) []driver.Value {
	if x == nil {
		return []driver.Value{nil, nil, nil, nil, nil, nil}
	}
	return []driver.Value{optional(x.ID), optional(x.Method), optional(x.URL), int32(x.Status), x.Took, int64(x.Bytes)} //nolint:gosec // an HTTP status
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func optionalPosition(p record.Position, ok bool) []driver.Value {
	if !ok {
		return []driver.Value{nil, nil}
	}
	return []driver.Value{p.Seq, uint32(p.Line)} //nolint:gosec // a line of a frame
}
