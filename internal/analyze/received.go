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

// receivedColumns are what scanReceived reads, of calls c with the names and people that they refer to.
const receivedColumns = `c.n, c.seq, c.line, c.element, c.received_at, c.ts, coalesce(c.via, ''), coalesce(c.app_key, ''), coalesce(c.webhook_id, ''), c.redrive,
	coalesce(c.remote, ''), coalesce(c.sender, ''), coalesce(c.type, ''), coalesce(e.name, ''), coalesce(v.text, ''), coalesce(a.text, ''),
	coalesce(c.message_id, ''), coalesce(c.anonymous_id, ''), coalesce(c.ip, ''), coalesce(c.user_agent, ''), coalesce(c.url, ''), coalesce(c.title, ''),
	coalesce(c.data, ''), c.counted, c.hidden, c.verdicts, coalesce(o.seq, 0), coalesce(o.line, 0), coalesce(o.element, 0), coalesce(o.via, ''),
	coalesce(o.webhook_id, ''), coalesce(o.remote, ''), coalesce(o.sender, ''), o.received_at, coalesce(p.app, '')`

// receivedJoins are the tables that receivedColumns refer to; %s are the calls.
const receivedJoins = ` FROM (%[1]s) c
	LEFT JOIN analytics.names e ON e.id = c.event
	LEFT JOIN analytics.people v ON v.id = c.visitor
	LEFT JOIN analytics.people a ON a.id = c.account
	LEFT JOIN analytics.apps p ON p.id = c.app
	LEFT JOIN (SELECT * FROM analytics.calls WHERE n IN (SELECT of_n FROM (%[1]s))) o ON o.n = c.of_n `

// received reads calls; those is a query for rows of calls.
func received(ctx context.Context, q duck.Querier, those, order string, verdicts []string) ([]Landed, error) {
	return duck.Select(ctx, q, func(r *sql.Rows) (Landed, error) {
		var l Landed
		var twin analytics.Twin
		var mark, bits uint64
		var twinAt sql.NullTime
		var data string
		err := r.Scan(&mark, &l.Position.Seq, &l.Position.Line, &l.Element, &l.ReceivedAt, &l.At, &l.Via, &l.Key, &l.WebhookID, &l.Redrive,
			&l.Remote, &l.Sender, &l.Type, &l.Event, &l.Visitor, &l.Account, &l.MessageID, &l.AnonymousID, &l.IP, &l.UserAgent, &l.URL, &l.Title,
			&data, &l.Counted, &l.Excluded, &bits, &twin.Position.Seq, &twin.Position.Line, &twin.Element, &twin.Via,
			&twin.WebhookID, &twin.Remote, &twin.Sender, &twinAt, &l.App)
		l.Mark, l.Verdicts = analytics.Mark(mark), explained(bits, verdicts)
		if data != "" {
			l.Properties = analytics.Value(data)
		}
		if twinAt.Valid {
			twin.ReceivedAt = twinAt.Time
			l.Of = &twin
		}
		return l, err
	}, "SELECT "+receivedColumns+fmt.Sprintf(receivedJoins, those)+order)
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
		found, err := received(ctx, k, k.newest(where, p.Limit+1), "ORDER BY c.n DESC", k.verdicts)
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
func (k *asker) newest(where string, limit int) string {
	return fmt.Sprintf("SELECT * FROM analytics.calls WHERE n IN (SELECT n FROM analytics.calls WHERE app = %d AND %s ORDER BY n DESC LIMIT %d)", k.app, where, limit)
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
