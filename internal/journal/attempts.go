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

const (
	attemptsMax = 500 // rows
	reasonsMax  = 50
)

// OutcomePoint is what became of a mapping's events in one step.
type OutcomePoint struct {
	At     time.Time
	Status record.Status
	First  bool // decided by the first attempt
	Events int64
}

// events is the SQL of how many events an outcome's row is about.
const events = `coalesce(to_line::BIGINT - from_line::BIGINT + 1, hole_lines::BIGINT, 0)`

// Outcomes counts the outcomes of mappings (ids), by step and status, the oldest first. Every attempt that ended in an outcome counts.
func (j *Journal) Outcomes(ctx context.Context, mappings []string, s Span) ([]OutcomePoint, error) {
	args := append(s.args(), list(mappings), s.Since.UTC(), s.Until.UTC(), pointsMax)
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (OutcomePoint, error) {
		var p OutcomePoint
		err := r.Scan(&p.At, &p.Status, &p.First, &p.Events)
		return p, err
	}, `SELECT `+fmt.Sprintf(bucket, "decided_at")+` AS point, status, attempt <= 1 AS first_try, sum(`+events+`)::BIGINT FROM journal.outcomes
		WHERE list_contains(string_split(?, ','), mapping) AND decided_at >= ? AND decided_at < ? GROUP BY ALL ORDER BY point, status, first_try LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("count outcomes: %w", err)
	}
	return found, nil
}

// Reason is why events have an outcome, and of how many it is the reason.
type Reason struct {
	Status   record.Status
	Code     string
	Reason   string
	HTTP     int // status of the answer; 0: none
	Events   int64
	LastSeen time.Time
}

// Reasons tells why the events of mappings (ids) have the outcomes that are no delivery, the most frequent first.
func (j *Journal) Reasons(ctx context.Context, mappings []string, s Span) ([]Reason, error) {
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (Reason, error) {
		var v Reason
		err := r.Scan(&v.Status, &v.Code, &v.Reason, &v.HTTP, &v.Events, &v.LastSeen)
		return v, err
	}, `SELECT status, coalesce(code, ''), coalesce(any_value(reason), ''), coalesce(http_status, 0), sum(`+events+`)::BIGINT AS n, max(decided_at) FROM journal.outcomes
		WHERE list_contains(string_split(?, ','), mapping) AND decided_at >= ? AND decided_at < ? AND status NOT IN ('delivered', 'resumed')
		GROUP BY status, code, http_status ORDER BY n DESC, status LIMIT ?`, list(mappings), s.Since.UTC(), s.Until.UTC(), reasonsMax)
	if err != nil {
		return nil, fmt.Errorf("list reasons: %w", err)
	}
	return found, nil
}

// AttemptQuery says which outcomes to list.
type AttemptQuery struct {
	Mappings []string        // ids
	Statuses []record.Status // empty: all
	Standing bool            // only the newest outcome of an event: retrying ones that were delivered since are left out
	Since    time.Time
	Before   record.Position // in OUTCOMES; zero: from the newest on
	Limit    int
}

// Attempt is one outcome of a mapping, with the request that led to it, if there was one.
type Attempt struct {
	Position  record.Position // in OUTCOMES
	Mapping   string
	At        time.Time
	Status    record.Status
	Code      string
	Reason    string
	Attempt   int
	Due       time.Time       // when it is tried again; zero: it is not
	Events    int64           // how many events it is about
	Event     record.Position // the first of them, in EVENTS; zero: none
	MessageID string          // of the first, as Name and User are
	Name      string
	Type      string
	User      string
	Method    string
	URL       string
	HTTP      int   // status of the answer; 0: none came
	Took      int64 // ms
	Bytes     int64 // of the request's body
}

// Attempts lists outcomes, the newest first.
func (j *Journal) Attempts(ctx context.Context, q AttemptQuery) ([]Attempt, error) {
	conditions := []string{"list_contains(string_split(?, ','), o.mapping)", "o.decided_at >= ?"}
	args := []any{list(q.Mappings), q.Since.UTC()}
	if len(q.Statuses) > 0 {
		statuses := make([]string, len(q.Statuses))
		for i, s := range q.Statuses {
			statuses[i] = string(s)
		}
		conditions, args = append(conditions, "list_contains(string_split(?, ','), o.status)"), append(args, list(statuses))
	}
	if q.Before.Seq != 0 {
		conditions, args = append(conditions, "(o.log_seq, o.log_line) < (?, ?)"), append(args, q.Before.Seq, q.Before.Line)
	}
	if q.Standing {
		conditions = append(conditions, `NOT EXISTS (SELECT 1 FROM journal.outcomes n WHERE n.mapping = o.mapping AND n.seq = o.seq
			AND n.from_line <= o.from_line AND n.to_line >= o.from_line AND (n.log_seq, n.log_line) > (o.log_seq, o.log_line))`)
	}
	limit := searchDefault
	if q.Limit > 0 {
		limit = min(q.Limit, attemptsMax)
	}
	found, err := duck.Select(ctx, j.db, attempt, `WITH picked AS (SELECT o.* FROM journal.outcomes o WHERE `+strings.Join(conditions, " AND ")+`
			ORDER BY o.log_seq DESC, o.log_line DESC, o.seq DESC LIMIT ?)
		SELECT p.log_seq, p.log_line, p.mapping, p.decided_at, p.status, coalesce(p.code, ''), coalesce(p.reason, ''), p.attempt, p.due, `+events+`,
			coalesce(p.seq, 0), coalesce(p.from_line, 0), coalesce(e.message_id, ''), coalesce(e.name, ''), coalesce(e.type, ''), coalesce(e.user_id, e.anonymous_id, ''),
			coalesce(p.method, ''), coalesce(p.url, ''), coalesce(p.http_status, 0), coalesce(p.took_ms, 0), coalesce(p.bytes, 0)
		FROM picked p LEFT JOIN journal.events e ON e.seq = p.seq AND e.line = p.from_line ORDER BY p.log_seq DESC, p.log_line DESC, p.seq DESC`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	return found, nil
}

func attempt(r *sql.Rows) (Attempt, error) {
	var a Attempt
	var due sql.Null[time.Time]
	err := r.Scan(&a.Position.Seq, &a.Position.Line, &a.Mapping, &a.At, &a.Status, &a.Code, &a.Reason, &a.Attempt, &due, &a.Events,
		&a.Event.Seq, &a.Event.Line, &a.MessageID, &a.Name, &a.Type, &a.User, &a.Method, &a.URL, &a.HTTP, &a.Took, &a.Bytes)
	a.Due = due.V
	return a, err
}

// list joins ids and statuses, which hold no comma, for one argument of a query.
func list(values []string) string { return strings.Join(values, ",") }
