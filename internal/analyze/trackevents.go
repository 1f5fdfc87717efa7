package analyze

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// listed is a Track Event of a list that is being made.
type listed struct {
	analytics.TrackEvent

	id   uint32
	sets sets
}

// TrackEvents lists the Track Events of an app (id) that were there in a range, the most frequent first.
func (a *Analyzer) TrackEvents(ctx context.Context, app string, r analytics.Range, p analytics.Page) (analytics.List[analytics.TrackEvent], error) {
	out := analytics.List[analytics.TrackEvent]{Rows: []analytics.TrackEvent{}}
	compare, bySets, err := orderOfEvents(p.Sort)
	if err != nil {
		return out, err
	}
	err = a.ask(ctx, "list track events", app, func(k *asker) error {
		all, err := k.numbersOfEvents(ctx, r, p.Search)
		if err != nil {
			return err
		}
		if bySets {
			if err := k.setsOfEvents(ctx, all, r); err != nil {
				return err
			}
		}
		slices.SortFunc(all, func(a, b *listed) int { return cmp.Or(compare(a, b), cmp.Compare(a.Name, b.Name)) })
		some, err := page(all, p)
		if err != nil {
			return err
		}
		if !bySets {
			if err := k.setsOfEvents(ctx, some.Rows, r); err != nil {
				return err
			}
		}
		if err := k.seriesOfEvents(ctx, some.Rows, r); err != nil {
			return err
		}
		out.Next, out.Total = some.Next, some.Total
		for _, e := range some.Rows {
			out.Rows = append(out.Rows, e.TrackEvent)
		}
		return nil
	})
	return out, err
}

// orderOfEvents reads an order, and tells whether it needs the sets of all events.
func orderOfEvents(sort string) (compare func(a, b *listed) int, bySets bool, err error) {
	field, down := order(sort, "-events")
	compare = map[string]func(a, b *listed) int{
		"name":           func(a, b *listed) int { return cmp.Compare(a.Name, b.Name) },
		"events":         func(a, b *listed) int { return cmp.Compare(a.Events, b.Events) },
		"visitors":       func(a, b *listed) int { return cmp.Compare(a.Visitors, b.Visitors) },
		"accounts":       func(a, b *listed) int { return cmp.Compare(a.Accounts, b.Accounts) },
		"firstSeen":      func(a, b *listed) int { return a.FirstSeen.Compare(b.FirstSeen) },
		"lastSeen":       func(a, b *listed) int { return a.LastSeen.Compare(b.LastSeen) },
		"withoutAccount": func(a, b *listed) int { return cmp.Compare(a.WithoutAccount, b.WithoutAccount) },
	}[field]
	if compare == nil {
		return nil, false, fmt.Errorf("%w: %q", analytics.ErrSort, sort)
	}
	up := compare
	if down {
		compare = func(a, b *listed) int { return up(b, a) }
	}
	return compare, field == "visitors" || field == "accounts", nil
}

// numbersOfEvents counts the events of each name in a range, and finds when it was first and last there at all.
func (k *asker) numbersOfEvents(ctx context.Context, r analytics.Range, search string) ([]*listed, error) {
	which := "true"
	if search != "" {
		which = fmt.Sprintf("event IN (SELECT id FROM analytics.names WHERE app = %d AND %s)", k.app, contains("name", search))
	}
	p := k.pieces(r)
	parts := []string{fmt.Sprintf("SELECT event, if(%s, events, 0) AS events, if(%[1]s, no_account, 0) AS no_account, first_seen, last_seen FROM %s", inDays(p.whole), k.daily(which))}
	for _, edge := range p.edges { // what lies after the sums is in daily
		parts = append(parts, fmt.Sprintf("SELECT event, count(*), count(*) - count(account), min(ts), max(ts) FROM analytics.calls WHERE app = %d AND %s AND %s AND %s GROUP BY 1",
			k.app, live, which, edge))
	}
	return duck.Select(ctx, k, func(rows *sql.Rows) (*listed, error) {
		e := &listed{TrackEvent: analytics.TrackEvent{Series: make([]int64, analytics.SeriesDays), Verdicts: map[string]int64{}}}
		err := rows.Scan(&e.id, &e.Name, &e.Events, &e.WithoutAccount, &e.FirstSeen, &e.LastSeen)
		return e, err
	}, `SELECT e.event, any_value(n.name), sum(e.events)::BIGINT, sum(e.no_account)::BIGINT, min(e.first_seen), max(e.last_seen)
		FROM (`+strings.Join(parts, " UNION ALL ")+`) e JOIN analytics.names n ON n.id = e.event GROUP BY e.event HAVING sum(e.events) > 0`)
}

// these is the condition that an event is one of some.
func these(events []*listed) string {
	ids := make([]uint32, len(events))
	for i, e := range events {
		ids[i] = e.id
	}
	return "event IN (" + list(ids) + ")"
}

// setsOfEvents counts visitors and accounts.
func (k *asker) setsOfEvents(ctx context.Context, events []*listed, r analytics.Range) error {
	if len(events) == 0 {
		return nil
	}
	byID := byID(events)
	err := k.setsIn(ctx, these(events), r, func(p *period) { byID[p.event].sets.add(p.visitors, p.accounts) })
	if err != nil {
		return err
	}
	for _, e := range events {
		e.Visitors, e.Accounts = e.sets.count(k.merged)
	}
	return nil
}

func byID(events []*listed) map[uint32]*listed {
	all := make(map[uint32]*listed, len(events))
	for _, e := range events {
		all[e.id] = e
	}
	return all
}

// seriesOfEvents fills in the days before the end of a range, and the verdicts in it.
func (k *asker) seriesOfEvents(ctx context.Context, events []*listed, r analytics.Range) error {
	if len(events) == 0 {
		return nil
	}
	byID := byID(events)
	to := r.To
	if to.IsZero() {
		to = time.Now()
	}
	from := startOfDay(to.Add(-time.Nanosecond)).AddDate(0, 0, 1-analytics.SeriesDays)
	err := duck.Each(ctx, k, func(rows *sql.Rows) error {
		var id uint32
		var day time.Time
		var n int64
		err := rows.Scan(&id, &day, &n)
		if i := int(day.Sub(from) / dayLength); i >= 0 && i < analytics.SeriesDays {
			byID[id].Series[i] += n
		}
		return err
	}, fmt.Sprintf("SELECT event, day, sum(events)::BIGINT FROM %s WHERE day >= %s GROUP BY ALL", k.daily(these(events)), date(from)))
	if err != nil {
		return err
	}
	return k.verdictCounts(ctx, these(events), r, func(event uint32, _ sql.NullTime, code string, n int64) {
		if e := byID[event]; e != nil {
			e.Verdicts[code] += n
		}
	})
}
