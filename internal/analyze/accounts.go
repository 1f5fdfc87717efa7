package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// Accounts lists the accounts of an app (id): those that were there in a range. Who is on the exclude list is not.
func (a *Analyzer) Accounts(ctx context.Context, app string, r analytics.Range, p analytics.Page) (analytics.List[analytics.AccountRow], error) {
	out := analytics.List[analytics.AccountRow]{Rows: []analytics.AccountRow{}}
	column, err := orderOfPeople(p.Sort, "id", "events", "firstSeen", "lastSeen", "visitors")
	if err != nil {
		return out, err
	}
	from, err := begin(p)
	if err != nil {
		return out, err
	}
	err = a.ask(ctx, "list accounts", app, func(k *asker) error {
		err := duck.Each(ctx, k, func(rows *sql.Rows) error {
			var v analytics.AccountRow
			err := rows.Scan(&v.ID, &v.Parent, &v.Visitors, &v.Events, &v.FirstSeen, &v.LastSeen, &out.Total)
			v.Flags = a.flagsOf(app, account, v.ID)
			out.Rows = append(out.Rows, v)
			return err
		}, fmt.Sprintf(`WITH v AS (SELECT account, count(DISTINCT visitor) FILTER (visitor <> 0) AS visitors, sum(events)::BIGINT AS events, min(first_seen) AS first_seen, max(last_seen) AS last_seen
				FROM %s WHERE account <> 0 GROUP BY account)
			SELECT * FROM (
				SELECT p.text AS text, coalesce(q.text, ''), visitors, events, first_seen, last_seen, count(*) OVER ()
				FROM v JOIN analytics.people p ON p.id = v.account LEFT JOIN analytics.people q ON q.id = p.parent WHERE %s
			) ORDER BY %s LIMIT %d OFFSET %d`, k.activityIn(r), contains("p.text", p.Search), column, p.Limit, from))
		if int64(from+len(out.Rows)) < out.Total && len(out.Rows) > 0 {
			out.Next = strconv.Itoa(from + len(out.Rows))
		}
		return err
	})
	return out, err
}

// Account tells about an account of an app (id); nil when nothing of theirs was received that counts.
func (a *Analyzer) Account(ctx context.Context, app, id string) (*analytics.Account, error) {
	var found *analytics.Account
	err := a.ask(ctx, "read account", app, func(k *asker) error {
		p, err := k.person(ctx, account, id)
		if err != nil || p == nil {
			return err
		}
		if err := p.read(ctx); err != nil {
			return err
		}
		v := &analytics.Account{
			AccountRow: analytics.AccountRow{
				ID: p.text, Parent: p.parent, Events: p.events, FirstSeen: p.first, LastSeen: p.last, Flags: a.flagsOf(app, account, p.text),
			},
			TrackEvents: p.names, Activity: p.days,
		}
		if v.Metadata, err = p.metadata(ctx); err != nil {
			return err
		}
		if !p.found && len(v.Metadata) == 0 {
			return nil
		}
		if err := p.auto(ctx, v.Metadata, nil); err != nil {
			return err
		}
		found = v
		return duck.Each(ctx, k, func(r *sql.Rows) error { return r.Scan(&v.Visitors, &v.VisitorsWithout) }, fmt.Sprintf(`
			WITH a AS (SELECT visitor, account, events FROM %s WHERE visitor <> 0), v AS (SELECT DISTINCT visitor FROM a WHERE account = %d)
			SELECT (SELECT count(*) FROM v), (SELECT coalesce(sum(events), 0)::BIGINT FROM a WHERE account = 0 AND visitor IN (FROM v))`,
			k.activityIn(analytics.Range{}), p.id))
	})
	return found, err
}

// History lists the values that fields of someone's metadata had, the newest first; "" for all groups, or all fields.
func (a *Analyzer) History(ctx context.Context, app string, who analytics.Who, f analytics.HistoryFilter) ([]analytics.HistoryEntry, error) {
	found := []analytics.HistoryEntry{}
	err := a.ask(ctx, "read history of metadata", app, func(k *asker) error {
		p, err := k.person(ctx, kindOf(who.Kind), who.ID)
		if err != nil || p == nil {
			return err
		}
		found, err = duck.Select(ctx, k, func(r *sql.Rows) (h analytics.HistoryEntry, err error) {
			var value string
			err = r.Scan(&h.Group, &h.Field, &h.Name, &value, &h.Source, &h.At)
			h.Value = analytics.Value(value)
			return h, err
		}, fmt.Sprintf(`SELECT grp, field, name, value, via, received_at FROM analytics.metadata WHERE person IN (%s)
			AND ($1 = '' OR grp = $1) AND ($2 = '' OR field = lower($2)) ORDER BY i DESC LIMIT $3`, list(p.aliases)), f.Group, f.Field, f.Limit)
		return err
	})
	return found, err
}

// Exclusions lists for whom something is wished, the newest first.
func (a *Analyzer) Exclusions(_ context.Context, app string) ([]analytics.Exclusion, error) {
	return a.flags.list(app), nil
}

// timeOf is a time in ms since 1970.
func timeOf(millis int64) time.Time { return time.UnixMilli(millis).UTC() }
