package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// receivedQuery reads calls with the names and people that they refer to; %s is a query for rows of calls.
const receivedQuery = `SELECT c.n, c.seq, c.line, c.element, c.received_at, c.ts, coalesce(c.via, ''), coalesce(c.app_key, ''), coalesce(c.webhook_id, ''), c.redrive,
	coalesce(c.remote, ''), coalesce(c.sender, ''), coalesce(c.type, ''), coalesce(e.name, ''), coalesce(v.text, ''), coalesce(a.text, ''),
	coalesce(c.message_id, ''), coalesce(c.anonymous_id, ''), coalesce(c.ip, ''), coalesce(c.user_agent, ''), coalesce(c.url, ''), coalesce(c.title, ''),
	coalesce(c.data, ''), c.counted, c.hidden, c.verdicts, coalesce(c.of_n, 0), coalesce(p.app, '')
	FROM (%s) c
	LEFT JOIN analytics.names e ON e.id = c.event
	LEFT JOIN analytics.people v ON v.id = c.visitor
	LEFT JOIN analytics.people a ON a.id = c.account
	LEFT JOIN analytics.apps p ON p.id = c.app `

// received reads calls; those is a query for rows of calls.
func received(ctx context.Context, q duck.Querier, those, order string, verdicts []string) ([]Landed, error) {
	var twins []uint64 // of each call the first one that it is the same as; 0 for none
	found, err := duck.Select(ctx, q, func(r *sql.Rows) (Landed, error) {
		var l Landed
		var mark, bits, twin uint64
		var data string
		err := r.Scan(&mark, &l.Position.Seq, &l.Position.Line, &l.Element, &l.ReceivedAt, &l.At, &l.Via, &l.Key, &l.WebhookID, &l.Redrive,
			&l.Remote, &l.Sender, &l.Type, &l.Event, &l.Visitor, &l.Account, &l.MessageID, &l.AnonymousID, &l.IP, &l.UserAgent, &l.URL, &l.Title,
			&data, &l.Counted, &l.Excluded, &bits, &twin, &l.App)
		l.Mark, l.Verdicts = analytics.Mark(mark), explained(bits, verdicts)
		if data != "" {
			l.Properties = analytics.Value(data)
		}
		twins = append(twins, twin)
		return l, err
	}, fmt.Sprintf(receivedQuery, those)+order)
	if err != nil {
		return nil, err
	}
	return found, readTwins(ctx, q, found, twins)
}

// readTwins tells of each call where the one is that it is the same as. They are read by themselves: joined, the calls would be looked for twice.
func readTwins(ctx context.Context, q duck.Querier, calls []Landed, twins []uint64) error {
	wanted := slices.Compact(slices.Sorted(slices.Values(twins)))
	if wanted = slices.DeleteFunc(wanted, func(n uint64) bool { return n == 0 }); len(wanted) == 0 {
		return nil
	}
	found := make(map[uint64]analytics.Twin, len(wanted))
	err := duck.Each(ctx, q, func(r *sql.Rows) error {
		var n uint64
		var t analytics.Twin
		err := r.Scan(&n, &t.Position.Seq, &t.Position.Line, &t.Element, &t.Via, &t.WebhookID, &t.Remote, &t.Sender, &t.ReceivedAt)
		found[n] = t
		return err
	}, `SELECT n, seq, line, element, coalesce(via, ''), coalesce(webhook_id, ''), coalesce(remote, ''), coalesce(sender, ''), received_at FROM (`+rowsAt(wanted)+")")
	for i, n := range twins {
		if t, ok := found[n]; ok {
			calls[i].Of = &t
		}
	}
	return err
}

func explained(bits uint64, verdicts []string) []analytics.VerdictText {
	all := []analytics.VerdictText{}
	for i, code := range verdicts {
		if bits&(1<<i) != 0 {
			all = append(all, analytics.Explain(pendowire.Verdict(code)))
		}
	}
	return all
}

// lookedAtMax is how many calls are looked at for one page of a list that is searched: properties are long.
const lookedAtMax = 2_000_000

// Received lists what was received for an app (id), the newest first. Where properties are searched, a page ends before it is full when much was looked at.
func (a *Analyzer) Received(ctx context.Context, app string, f analytics.ReceivedFilter, p analytics.Page) (analytics.List[analytics.Received], error) {
	out := analytics.List[analytics.Received]{Rows: []analytics.Received{}}
	before, err := offset(p.Cursor)
	if err != nil {
		return out, err
	}
	err = a.ask(ctx, "list received", app, func(k *asker) error {
		until := k.n + 1
		if before > 0 {
			until = min(until, uint64(before))
		}
		where, possible, err := k.filtered(ctx, f)
		if err != nil || !possible {
			return err
		}
		since := uint64(0)
		if f.Search != "" && until > lookedAtMax {
			since = until - lookedAtMax
		}
		where += fmt.Sprintf(" AND n < %d AND n >= %d", until, since)
		those, err := k.newest(ctx, where, p.Limit+1)
		if err != nil {
			return err
		}
		found, err := received(ctx, k, those, "ORDER BY c.n DESC", k.verdicts)
		if err != nil {
			return err
		}
		for _, l := range found[:min(len(found), p.Limit)] {
			out.Rows = append(out.Rows, l.Received)
		}
		switch {
		case len(found) > p.Limit:
			out.Next = strconv.FormatUint(uint64(out.Rows[p.Limit-1].Mark), 10)
		case since > 1:
			out.Next = strconv.FormatUint(since, 10)
		}
		return nil
	})
	return out, err
}

// newest is a query for the last calls that meet a condition. Which these are is found before all that they say is read.
func (k *asker) newest(ctx context.Context, where string, limit int) (string, error) {
	numbers := fmt.Sprintf("SELECT n FROM analytics.calls WHERE app = %d AND %s ORDER BY n DESC LIMIT %d", k.app, where, limit)
	if limit > fewRows {
		return "SELECT * FROM analytics.calls WHERE n IN (" + numbers + ")", nil
	}
	found, err := duck.Select(ctx, k, duck.Column[uint64], numbers)
	slices.Sort(found)
	return rowsAt(found), err
}

// How rows are read by their numbers: a run of them that are no further apart than nearRows at a time, unless there are more runs than runsMax.
const (
	fewRows  = 1001
	nearRows = 4096
	runsMax  = 128
)

// rowsAt is a query for the rows with these numbers, which ascend. The database has no index on them, but it passes over the parts of the table that a range does not touch.
func rowsAt(numbers []uint64) string {
	if len(numbers) == 0 {
		return "SELECT * FROM analytics.calls WHERE false"
	}
	var runs []string
	for rest := numbers; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n]-rest[n-1] <= nearRows {
			n++
		}
		runs = append(runs, fmt.Sprintf("SELECT * FROM analytics.calls WHERE n >= %d AND n <= %d AND n IN (%s)", rest[0], rest[n-1], list(rest[:n])))
		rest = rest[n:]
	}
	if len(runs) > runsMax {
		return "SELECT * FROM analytics.calls WHERE n IN (" + list(numbers) + ")"
	}
	return strings.Join(runs, " UNION ALL ")
}

// filtered is the condition of a filter; it is not possible where it names what was never received.
func (k *asker) filtered(ctx context.Context, f analytics.ReceivedFilter) (where string, possible bool, err error) {
	all := []string{within("received_at", f.Range), within("ts", f.Happened)}
	if f.Counted {
		all = append(all, "counted AND NOT hidden")
	}
	for _, column := range [][2]string{{"type", f.Type}, {"via", f.Via}, {"app_key", f.Key}} {
		if column[1] != "" {
			all = append(all, column[0]+" = "+text(column[1]))
		}
	}
	if f.Event != "" {
		id, err := k.event(ctx, f.Event)
		if err != nil || id == 0 {
			return "", false, err
		}
		all = append(all, is(id))
	}
	for kd, id := range map[kind]string{visitor: f.Visitor, account: f.Account} {
		if id == "" {
			continue
		}
		p, err := k.person(ctx, kd, id)
		if err != nil || p == nil {
			return "", false, err
		}
		all = append(all, fmt.Sprintf("%s IN (%s)", kd.name(), list(p.aliases)))
	}
	if f.MessageID != "" {
		i := identity{app: k.app, messageID: f.MessageID}
		all = append(all, fmt.Sprintf("message_hash = %d::UBIGINT AND message_id = %s", i.hashOfMessage(), text(f.MessageID)))
	}
	if f.Verdict != "" {
		bit := slices.Index(k.verdicts, string(f.Verdict))
		if bit < 0 {
			return "", false, nil
		}
		all = append(all, fmt.Sprintf("verdicts & (1::UBIGINT << %d) <> 0", bit))
	}
	if f.Search != "" {
		all = append(all, contains("data", f.Search))
	}
	return strings.Join(all, " AND "), true, nil
}

// ReceivedAfter lists what was received for an app (id) after a mark, the oldest first, and says up to which mark was looked.
func (a *Analyzer) ReceivedAfter(ctx context.Context, app string, f analytics.ReceivedFilter, after analytics.Mark, limit int) (found []analytics.Received, seen analytics.Mark, err error) {
	seen = after
	err = a.ask(ctx, "follow received", app, func(k *asker) error {
		where, possible, err := k.filtered(ctx, f)
		if err != nil {
			return err
		}
		seen = analytics.Mark(k.n)
		if !possible || uint64(after) >= k.n {
			return nil
		}
		rows, err := received(ctx, k, fmt.Sprintf("SELECT * FROM analytics.calls WHERE app = %d AND %s AND n > %d ORDER BY n LIMIT %d", k.app, where, uint64(after), limit), "ORDER BY c.n", k.verdicts)
		for _, l := range rows {
			found = append(found, l.Received)
		}
		if len(rows) == limit {
			seen = rows[limit-1].Mark
		}
		return err
	})
	return found, seen, err
}

// Newest is the mark of the last call that was received.
func (a *Analyzer) Newest(ctx context.Context) (mark analytics.Mark, err error) {
	err = duck.Each(ctx, a.DB, func(r *sql.Rows) error {
		var n uint64
		err := r.Scan(&n)
		mark = analytics.Mark(n)
		return err
	}, "SELECT n FROM analytics.position")
	return mark, err
}

// MarkOf is the mark of the call at a place, or of the last one before it.
func (a *Analyzer) MarkOf(ctx context.Context, p analytics.Place) (mark analytics.Mark, err error) {
	err = duck.Each(ctx, a.DB, func(r *sql.Rows) error {
		var n uint64
		err := r.Scan(&n)
		mark = analytics.Mark(n)
		return err
	}, "SELECT coalesce(max(n), 0) FROM analytics.calls WHERE seq <= $1 AND (seq, line, element) <= ($1, $2, $3)", p.Position.Seq, p.Position.Line, p.Element)
	return mark, err
}

// At lists the calls of an app (id) that came with the body at a position.
func (a *Analyzer) At(ctx context.Context, app string, p record.Position) ([]analytics.Received, error) {
	all := []analytics.Received{}
	err := a.ask(ctx, "read received", app, func(k *asker) error {
		rows, err := received(ctx, k, fmt.Sprintf("SELECT * FROM analytics.calls WHERE app = %d AND seq = %d AND line = %d", k.app, p.Seq, p.Line), "ORDER BY c.n", k.verdicts)
		for _, l := range rows {
			all = append(all, l.Received)
		}
		return err
	})
	return all, err
}
