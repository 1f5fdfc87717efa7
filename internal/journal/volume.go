package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"penstock/internal/duck"
)

const (
	pointsMax = 5000 // of a chart
	namesMax  = 1000 // of event names
)

// Span is a time that is charted, in steps.
type Span struct {
	Since, Until time.Time // Until is not part of it
	Step         time.Duration
}

// bucket is the SQL of the step that a time belongs to, counted from Since.
const bucket = `make_timestamp_ms(?::BIGINT + ((epoch_ms(%s) - ?::BIGINT) // ?::BIGINT) * ?::BIGINT)`

// args are the arguments of bucket.
func (s Span) args() []any {
	since, step := s.Since.UnixMilli(), max(s.Step.Milliseconds(), 1)
	return []any{since, since, step, step}
}

// VolumePoint is what a source received in one step.
type VolumePoint struct {
	At         time.Time
	Type       string // track, identify, ...; empty: none that could be read
	Events     int64
	Duplicates int64 // of them
}

// Volume counts what a source (id) received, by step and type, the oldest first. Steps in which nothing came are left out.
func (j *Journal) Volume(ctx context.Context, source string, s Span) ([]VolumePoint, error) {
	args := append(s.args(), source, s.Since.UTC(), s.Until.UTC(), pointsMax)
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (VolumePoint, error) {
		var p VolumePoint
		err := r.Scan(&p.At, &p.Type, &p.Events, &p.Duplicates)
		return p, err
	}, `SELECT `+fmt.Sprintf(bucket, "received_at")+` AS point, coalesce(type, '') AS kind, count(*), count(of_seq) FROM journal.events
		WHERE source = ? AND received_at >= ? AND received_at < ? GROUP BY ALL ORDER BY point, kind LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("count volume: %w", err)
	}
	return found, nil
}

// EventName is one name of a source's events, in numbers. Repeats are not counted.
type EventName struct {
	Type      string
	Name      string
	Events    int64
	Users     int64 // different userIds, about
	FirstSeen time.Time
	LastSeen  time.Time
}

// EventNames lists the names of what a source (id) received, the most frequent first.
func (j *Journal) EventNames(ctx context.Context, source string, s Span) ([]EventName, error) {
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (EventName, error) {
		var n EventName
		err := r.Scan(&n.Type, &n.Name, &n.Events, &n.Users, &n.FirstSeen, &n.LastSeen)
		return n, err
	}, `SELECT coalesce(type, '') AS kind, coalesce(name, '') AS title, count(*), approx_count_distinct(user_id), min(received_at), max(received_at) FROM journal.events
		WHERE source = ? AND received_at >= ? AND received_at < ? AND of_seq IS NULL GROUP BY kind, title ORDER BY 3 DESC, title LIMIT ?`,
		source, s.Since.UTC(), s.Until.UTC(), namesMax)
	if err != nil {
		return nil, fmt.Errorf("list event names: %w", err)
	}
	return found, nil
}
