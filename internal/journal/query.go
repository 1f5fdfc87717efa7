package journal

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"penstock/internal/duck"
	"penstock/internal/record"
)

// The bounds of answers.
const (
	searchDefault = 100 // rows
	searchMax     = 1000
	deliveriesMax = 50_000 // rows: a day of minutes with every status is a quarter of it
)

// Query says which events to find: those that meet all that is given.
type Query struct {
	Workspace string          // id
	Text      string          // a part of the messageId, name, userId, anonymousId or groupId, in upper or lower case
	User      string          // userId or anonymousId
	Event     string          // name of the track, page or screen call
	Type      string          // track, identify, ...
	MessageID string          //
	Source    string          // id
	Since     time.Time       // received at or after
	Until     time.Time       // received before; zero: no end
	Before    record.Position // on the log; zero: from the newest on
	Limit     int             // rows; 0 is 100, and there are at most 1,000
}

// EventRow is one event that was found. Its payload is in the log, at Position.
type EventRow struct {
	Position    record.Position  `json:"position"` // in EVENTS
	Workspace   string           `json:"workspace"`
	Source      string           `json:"source"`
	ReceivedAt  time.Time        `json:"receivedAt"`
	MessageID   string           `json:"messageId"`
	Type        string           `json:"type"`
	Name        string           `json:"name,omitempty"`
	UserID      string           `json:"userId,omitempty"`
	AnonymousID string           `json:"anonymousId,omitempty"`
	GroupID     string           `json:"groupId,omitempty"`
	DuplicateOf *record.Position `json:"duplicateOf,omitempty"`
}

// Search finds events, the newest first.
func (j *Journal) Search(ctx context.Context, q Query) ([]EventRow, error) {
	where, args := q.where()
	limit := searchDefault
	if q.Limit > 0 {
		limit = min(q.Limit, searchMax)
	}
	found, err := duck.Select(ctx, j.db, eventRow, `SELECT seq, line, workspace, source, received_at, coalesce(message_id, ''), coalesce(type, ''), coalesce(name, ''),
			coalesce(user_id, ''), coalesce(anonymous_id, ''), coalesce(group_id, ''), of_seq, of_line
		FROM journal.events WHERE `+where+` ORDER BY seq DESC, line DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("search events: %w", err)
	}
	return found, nil
}

func (q *Query) where() (condition string, args []any) {
	conditions := []string{"true"}
	add := func(given bool, condition string, values ...any) {
		if given {
			conditions = append(conditions, condition)
			args = append(args, values...)
		}
	}
	add(q.Workspace != "", "workspace = ?", q.Workspace)
	add(q.Source != "", "source = ?", q.Source)
	add(q.Type != "", "type = ?", q.Type)
	add(q.Event != "", "name = ?", q.Event)
	add(q.MessageID != "", "message_id = ?", q.MessageID)
	add(q.User != "", "(user_id = ? OR anonymous_id = ?)", q.User, q.User)
	add(!q.Since.IsZero(), "received_at >= ?", q.Since.UTC())
	add(!q.Until.IsZero(), "received_at < ?", q.Until.UTC())
	add(q.Before.Seq != 0, "(seq, line) < (?, ?)", q.Before.Seq, q.Before.Line)
	add(q.Text != "", "contains(lower(concat_ws(chr(10), message_id, name, user_id, anonymous_id, group_id)), lower(?))", q.Text)
	return strings.Join(conditions, " AND "), args
}

func eventRow(r *sql.Rows) (EventRow, error) {
	var e EventRow
	var ofSeq sql.Null[uint64]
	var ofLine sql.Null[int]
	err := r.Scan(&e.Position.Seq, &e.Position.Line, &e.Workspace, &e.Source, &e.ReceivedAt, &e.MessageID, &e.Type, &e.Name,
		&e.UserID, &e.AnonymousID, &e.GroupID, &ofSeq, &ofLine)
	if ofSeq.Valid {
		e.DuplicateOf = &record.Position{Seq: ofSeq.V, Line: ofLine.V}
	}
	return e, err
}

// Count is how many outcomes of one status were decided in one minute.
type Count struct {
	Minute time.Time     `json:"minute"`
	Status record.Status `json:"status"`
	Events int64         `json:"events"`
}

// Deliveries counts the outcomes of a mapping (id) by minute and status, from a time on, the oldest first. Every attempt that ended in an outcome counts: an
// event that was tried three times is retrying twice, and delivered once.
func (j *Journal) Deliveries(ctx context.Context, mapping string, since time.Time) ([]Count, error) {
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (Count, error) {
		var c Count
		err := r.Scan(&c.Minute, &c.Status, &c.Events)
		return c, err
	},
		`SELECT date_trunc('minute', decided_at) AS minute, status, sum(coalesce(to_line::BIGINT - from_line::BIGINT + 1, hole_lines::BIGINT, 0))::BIGINT
		FROM journal.outcomes WHERE mapping = ? AND decided_at >= ? GROUP BY ALL ORDER BY minute, status LIMIT ?`,
		mapping, since.UTC(), deliveriesMax)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return found, nil
}
