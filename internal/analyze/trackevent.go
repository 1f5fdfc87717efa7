package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// stepsMax is how many steps a series has at most.
const stepsMax = 2000

// event finds the number of an event name; 0: it was never received.
func (k *asker) event(ctx context.Context, name string) (id uint32, err error) {
	err = duck.Each(ctx, k, func(r *sql.Rows) error { return r.Scan(&id) }, "SELECT id FROM analytics.names WHERE app = ? AND name = ?", k.app, name)
	return id, err
}

func is(event uint32) string { return fmt.Sprintf("event = %d", event) }

// TrackEvent tells about a Track Event of an app (id) in a range, that has both ends.
func (a *Analyzer) TrackEvent(ctx context.Context, app, name string, r analytics.Range, interval analytics.Interval) (*analytics.TrackEventDetail, error) {
	var found *analytics.TrackEventDetail
	err := a.ask(ctx, "read track event", app, func(k *asker) error {
		id, err := k.event(ctx, name)
		if err != nil || id == 0 {
			return err
		}
		d := &analytics.TrackEventDetail{Name: name, From: r.From, To: r.To, Interval: interval, Verdicts: map[string]int64{}}
		if d.Totals, d.Series, err = k.series(ctx, id, r, interval); err != nil {
			return err
		}
		before := analytics.Range{From: r.From.Add(r.From.Sub(r.To)), To: r.From}
		if d.Previous, d.PreviousSeries, err = k.series(ctx, id, before, interval); err != nil {
			return err
		}
		err = duck.Each(ctx, k, func(rows *sql.Rows) error {
			var first, last sql.NullTime
			err := rows.Scan(&first, &last)
			d.FirstSeen, d.LastSeen = first.Time, last.Time
			return err
		}, "SELECT min(first_seen), max(last_seen) FROM "+k.daily(is(id)))
		if err != nil {
			return err
		}
		err = k.verdictCounts(ctx, is(id), r, func(_ uint32, _ sql.NullTime, code string, n int64) { d.Verdicts[code] += n })
		found = d
		return err
	})
	return found, err
}

// series counts an event in a range, altogether and by steps.
func (k *asker) series(ctx context.Context, event uint32, r analytics.Range, interval analytics.Interval) (analytics.Totals, []analytics.Point, error) {
	var totals analytics.Totals
	var all sets
	byDay := map[time.Time]*sets{}
	points := map[time.Time]analytics.Point{}
	err := k.days(ctx, is(event), r, func(d *day) {
		totals.Events += d.events
		totals.WithoutAccount += d.noAccount
		all.add(d.visitors, d.accounts)
		at := startOfDay(d.day)
		if byDay[at] == nil {
			byDay[at] = &sets{}
		}
		byDay[at].add(d.visitors, d.accounts)
		p := points[at]
		p.Events += d.events
		points[at] = p
	})
	if err != nil {
		return totals, nil, err
	}
	totals.Visitors, totals.Accounts = all.count(k.merged)
	for at, s := range byDay {
		p := points[at]
		p.Visitors, p.Accounts = s.count(k.merged)
		points[at] = p
	}
	if interval == analytics.Hour {
		if points, err = k.hours(ctx, event, r); err != nil {
			return totals, nil, err
		}
	}
	return totals, steps(points, r, interval), nil
}

// hours counts an event by hours.
func (k *asker) hours(ctx context.Context, event uint32, r analytics.Range) (map[time.Time]analytics.Point, error) {
	points := map[time.Time]analytics.Point{}
	err := duck.Each(ctx, k, func(rows *sql.Rows) error {
		var p analytics.Point
		var at time.Time
		err := rows.Scan(&at, &p.Events, &p.Visitors, &p.Accounts)
		points[at.UTC()] = p
		return err
	}, fmt.Sprintf("SELECT date_trunc('hour', ts), count(*), count(DISTINCT visitor), count(DISTINCT account) FROM %s GROUP BY 1",
		k.calls(live+" AND "+is(event)+" AND "+within("ts", r))))
	return points, err
}

// steps lays points out over a range, with nothing in the steps where there is none.
func steps(points map[time.Time]analytics.Point, r analytics.Range, interval analytics.Interval) []analytics.Point {
	out := []analytics.Point{}
	for at := startOf(r.From, interval); at.Before(r.To) && len(out) < stepsMax; at = next(at, interval) {
		p := points[at]
		p.At = at
		out = append(out, p)
	}
	return out
}

// startOf is the beginning of the step that a time is in. Weeks begin on Monday.
func startOf(t time.Time, interval analytics.Interval) time.Time {
	t = t.UTC()
	switch interval {
	case analytics.Hour:
		return t.Truncate(time.Hour)
	case analytics.Week:
		return startOfDay(t).AddDate(0, 0, -(int(t.Weekday())+6)%7)
	case analytics.Month:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case analytics.Day:
		return startOfDay(t)
	case analytics.Total:
		return t
	}
	return t
}

// next is the beginning of the step after the one that begins at a time.
func next(t time.Time, interval analytics.Interval) time.Time {
	switch interval {
	case analytics.Hour:
		return t.Add(time.Hour)
	case analytics.Week:
		return t.AddDate(0, 0, 7) //nolint:mnd // days
	case analytics.Month:
		return t.AddDate(0, 1, 0)
	case analytics.Day:
		return t.AddDate(0, 0, 1)
	case analytics.Total:
	}
	return time.Date(1<<16, 1, 1, 0, 0, 0, 0, time.UTC) // there is one
}

// TopVisitors lists the visitors with the most events of a name in a range.
func (a *Analyzer) TopVisitors(ctx context.Context, app, name string, r analytics.Range, limit int) ([]analytics.TopVisitor, error) {
	found := []analytics.TopVisitor{}
	err := a.ask(ctx, "list top visitors", app, func(k *asker) error {
		id, err := k.event(ctx, name)
		if err != nil || id == 0 {
			return err
		}
		found, err = duck.Select(ctx, k, func(rows *sql.Rows) (v analytics.TopVisitor, err error) {
			return v, rows.Scan(&v.ID, &v.Anonymous, &v.Events, &v.FirstSeen, &v.LastSeen)
		}, fmt.Sprintf(`WITH top AS (SELECT visitor, count(*) AS events, min(ts) AS first, max(ts) AS last FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d)
			SELECT p.text, p.anonymous, events, first, last FROM top JOIN analytics.people p ON p.id = visitor ORDER BY events DESC, p.text`,
			k.calls(live+" AND visitor IS NOT NULL AND "+is(id)+" AND "+within("ts", r)), limit))
		return err
	})
	return found, err
}

// TopAccounts lists the accounts with the most events of a name in a range.
func (a *Analyzer) TopAccounts(ctx context.Context, app, name string, r analytics.Range, limit int) ([]analytics.TopAccount, error) {
	found := []analytics.TopAccount{}
	err := a.ask(ctx, "list top accounts", app, func(k *asker) error {
		id, err := k.event(ctx, name)
		if err != nil || id == 0 {
			return err
		}
		found, err = duck.Select(ctx, k, func(rows *sql.Rows) (v analytics.TopAccount, err error) {
			return v, rows.Scan(&v.ID, &v.Events, &v.Visitors, &v.LastSeen)
		}, fmt.Sprintf(`WITH top AS (SELECT account, count(*) AS events, count(DISTINCT visitor) AS visitors, max(ts) AS last FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d)
			SELECT p.text, events, visitors, last FROM top JOIN analytics.people p ON p.id = account ORDER BY events DESC, p.text`,
			k.calls(live+" AND account IS NOT NULL AND "+is(id)+" AND "+within("ts", r)), limit))
		return err
	})
	return found, err
}
