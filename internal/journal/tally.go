package journal

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"penstock/internal/duck"
)

// tallyMax bounds the rows of a tally.
const tallyMax = 100_000

// Stage is where on their way events are counted.
type Stage string

// The stages.
const (
	StageReceived  Stage = "received"  // taken, for the first time
	StageRefused   Stage = "refused"   // not taken; only the source and the code are known
	StageFiltered  Stage = "filtered"  // by a destination
	StageFailed    Stage = "failed"    // will not be delivered
	StageDelivered Stage = "delivered" // taken by the destination
)

// Tally asks how many events there were, in steps of time.
type Tally struct {
	Workspace    string // id
	Stage        Stage
	Sources      []string  // ids; empty: all
	Mappings     []string  // ids; of the stages from filtered on
	Since, Until time.Time // from, and before
	Step         string    // minute, hour or day, in UTC

	BySource, ByName, ByType, ByAppVersion, ByCode bool // what is counted apart

	Names, Types, AppVersions, Codes []string // that an event must be in; empty: all are
}

// Tallied is a number of events in one step of time. What was not asked for is empty.
type Tallied struct {
	At                                   time.Time
	Source, Name, Type, AppVersion, Code string
	Events, Retries                      int64
}

// Tally counts events, the oldest first.
func (j *Journal) Tally(ctx context.Context, t Tally) ([]Tallied, error) {
	if t.Step != "minute" && t.Step != "hour" && t.Step != "day" {
		return nil, fmt.Errorf("tally events: there is no step %q", t.Step)
	}
	query, args := t.query()
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (Tallied, error) {
		var n Tallied
		err := r.Scan(&n.At, &n.Source, &n.Name, &n.Type, &n.AppVersion, &n.Code, &n.Events, &n.Retries)
		return n, err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("tally events: %w", err)
	}
	return found, nil
}

// conditions joins what rows must meet.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	c.texts = append(c.texts, text)
	c.args = append(c.args, args...)
}

// in wants a column to have one of some values; none: any.
func (c *conditions) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	c.add(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}

func (c *conditions) text() string { return strings.Join(c.texts, " AND ") }

// query is the tally in SQL. Names of columns and tables are this file's own.
func (t *Tally) query() (text string, args []any) {
	at, from, events, retries := "e.received_at", "journal.events e", "count(*)::BIGINT", "0::BIGINT"
	var where conditions
	where.add("true")
	columns := map[string]string{"source": "e.source", "name": "e.name", "type": "e.type", "version": "e.app_version", "code": "NULL"}
	switch t.Stage {
	case StageReceived:
		where.add("e.of_seq IS NULL")
	case StageRefused:
		at, from, events = "e.decided_at", "journal.rejected e", "sum(e.events)::BIGINT"
		columns = map[string]string{"source": "e.source", "name": "NULL", "type": "NULL", "version": "NULL", "code": "e.code"}
	case StageFiltered, StageFailed, StageDelivered:
		at, columns["code"] = "o.decided_at", "o.code"
		from = "journal.outcomes o JOIN journal.events e ON e.workspace = o.workspace AND e.seq = o.seq AND e.line BETWEEN o.from_line AND o.to_line"
		status := map[Stage][]string{StageFiltered: {"filtered"}, StageFailed: {"discarded", "lost"}, StageDelivered: {"delivered"}}[t.Stage]
		where.in("o.status", status)
		where.add("o.run = 0")
		where.in("o.mapping", append([]string{""}, t.Mappings...)) // no mapping is no mapping, and not all of them
		if t.Stage == StageDelivered {
			retries = "sum(greatest(o.attempt::BIGINT - 1, 0))::BIGINT"
		}
	}
	where.add("e.workspace = ?", t.Workspace)
	where.add(at+" >= ?", t.Since.UTC())
	where.add(at+" < ?", t.Until.UTC())
	where.in("e.source", t.Sources)
	for name, values := range map[string][]string{"name": t.Names, "type": t.Types, "version": t.AppVersions, "code": t.Codes} {
		where.in(columns[name], values)
	}
	shown := func(wanted bool, column string) string {
		if !wanted {
			return "''"
		}
		return "coalesce(" + columns[column] + ", '')"
	}
	selected := fmt.Sprintf("date_trunc('%s', %s) AS at, %s, %s, %s, %s, %s", t.Step, at,
		shown(t.BySource, "source"), shown(t.ByName, "name"), shown(t.ByType, "type"), shown(t.ByAppVersion, "version"), shown(t.ByCode, "code"))
	return fmt.Sprintf("SELECT %s, %s, %s FROM %s WHERE %s GROUP BY ALL ORDER BY ALL LIMIT %d", selected, events, retries, from, where.text(), tallyMax), where.args
}

// Delivery is how delivery through some mappings went. Times are in ms.
type Delivery struct {
	AtOnce, AfterRetry, Expired, Discarded, Retried    int64
	SuccessAverage, SuccessP95, FirstAverage, FirstP95 float64
}

// Delivery tells how delivery through mappings (ids) went: outcomes that were decided from since on and before until. A first attempt is counted where its outcome was
// decided then.
func (j *Journal) Delivery(ctx context.Context, mappings []string, since, until time.Time) (Delivery, error) {
	var where conditions
	where.add("o.run = 0")
	where.in("o.mapping", append([]string{""}, mappings...))
	where.add("o.decided_at >= ?", since.UTC())
	where.add("o.decided_at < ?", until.UTC())
	found, err := duck.Select(ctx, j.db, func(r *sql.Rows) (Delivery, error) {
		var d Delivery
		err := r.Scan(&d.AtOnce, &d.AfterRetry, &d.Expired, &d.Discarded, &d.Retried, &d.SuccessAverage, &d.SuccessP95, &d.FirstAverage, &d.FirstP95)
		return d, err
	}, `WITH d AS (
			SELECT o.status, o.attempt, coalesce(o.reason, '') LIKE 'given up after %' AS expired,
				greatest(epoch_ms(o.decided_at) - epoch_ms(e.received_at), 0) AS took, greatest(epoch_ms(o.decided_at) - coalesce(o.took_ms, 0) - epoch_ms(e.received_at), 0) AS begun
			FROM journal.outcomes o JOIN journal.events e ON e.workspace = o.workspace AND e.seq = o.seq AND e.line BETWEEN o.from_line AND o.to_line
			WHERE `+where.text()+`)
		SELECT count(*) FILTER (status = 'delivered' AND attempt <= 1), count(*) FILTER (status = 'delivered' AND attempt > 1),
			count(*) FILTER (status = 'discarded' AND expired), count(*) FILTER (status = 'discarded' AND NOT expired), count(*) FILTER (status = 'retrying'),
			coalesce(avg(took) FILTER (status = 'delivered'), 0)::DOUBLE, coalesce(quantile_cont(took, 0.95) FILTER (status = 'delivered'), 0)::DOUBLE,
			coalesce(avg(begun) FILTER (attempt = 1), 0)::DOUBLE, coalesce(quantile_cont(begun, 0.95) FILTER (attempt = 1), 0)::DOUBLE
		FROM d`, where.args...)
	if err != nil {
		return Delivery{}, fmt.Errorf("sum up deliveries: %w", err)
	}
	return found[0], nil
}
