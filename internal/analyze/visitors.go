package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// accountsListed is how many accounts of a visitor a list shows.
const accountsListed = 10

// listedVisitor is a visitor of a list that is being made.
type listedVisitor struct {
	analytics.VisitorRow

	id    uint32
	total int64
}

// Visitors lists the visitors of an app (id): those that were there in a range. Who is on the exclude list is not.
func (a *Analyzer) Visitors(ctx context.Context, app string, f analytics.VisitorFilter, r analytics.Range, p analytics.Page) (analytics.List[analytics.VisitorRow], error) {
	out := analytics.List[analytics.VisitorRow]{Rows: []analytics.VisitorRow{}}
	column, err := orderOfPeople(p.Sort, "id", "events", "firstSeen", "lastSeen", "activeDays")
	if err != nil {
		return out, err
	}
	from, err := begin(p)
	if err != nil {
		return out, err
	}
	err = a.ask(ctx, "list visitors", app, func(k *asker) error {
		active, err := k.active(ctx, time.Now())
		if err != nil {
			return err
		}
		found, err := k.visitors(ctx, f, r, visitorPage{p, column, from, active})
		if err != nil {
			return err
		}
		if err := k.accountsOf(ctx, found); err != nil {
			return err
		}
		for i := range found {
			v := &found[i]
			v.ActiveDays = active.days(v.id)
			v.Frequency = analytics.FrequencyOf(v.ActiveDays)
			v.Flags = a.flagsOf(app, visitor, v.ID)
			out.Rows, out.Total = append(out.Rows, v.VisitorRow), v.total
		}
		if int64(from+len(found)) < out.Total && len(found) > 0 {
			out.Next = strconv.Itoa(from + len(found))
		}
		return nil
	})
	return out, err
}

// orderOfPeople is the SQL for an order of a list of people.
func orderOfPeople(sort string, fields ...string) (string, error) {
	field, down := order(sort, "-lastSeen")
	if !slices.Contains(fields, field) {
		return "", fmt.Errorf("%w: %q", analytics.ErrSort, sort)
	}
	column := map[string]string{
		"id": "text", "events": "events", "firstSeen": "first_seen", "lastSeen": "last_seen", "activeDays": "active", "visitors": "visitors",
	}[field]
	if down {
		column += " DESC"
	}
	return column + ", text", nil
}

func (a *Analyzer) flagsOf(app string, k kind, id string) analytics.Flags {
	w, _ := a.flags.get(app, k.name(), id)
	return w.flags()
}

// visitorPage is which part of the visitors is wanted, and in which order (SQL).
type visitorPage struct {
	analytics.Page

	order  string
	from   int
	active activity
}

// activityIn is a table expression of what people did in a range, several rows for one: visitor (a person), account, events, calls, first_seen, last_seen. 0 is no visitor, or no account.
func (k *asker) activityIn(r analytics.Range) string {
	part := fmt.Sprintf(`SELECT coalesce(visitor, 0) AS visitor, coalesce(account, 0) AS account, count(*) FILTER (tracked) AS events, count(*) AS calls,
		min(ts) AS first_seen, max(ts) AS last_seen FROM analytics.calls WHERE app = %d AND counted AND NOT hidden AND `, k.app)
	rows := ""
	if r.From.IsZero() && r.To.IsZero() {
		rows = fmt.Sprintf(`SELECT visitor, account, events, calls, first_seen, last_seen FROM analytics.activity WHERE app = %d
			UNION ALL %s n > %d GROUP BY 1, 2`, k.app, part, k.sealed)
	} else {
		rows = part + within("ts", r) + " GROUP BY 1, 2"
	}
	if !k.aliases {
		return "(" + rows + ")"
	}
	return `(SELECT t.* REPLACE (coalesce(m.person, t.visitor) AS visitor) FROM (` + rows + `) t LEFT JOIN (SELECT alias, person FROM analytics.merges) m ON m.alias = t.visitor)`
}

// visitors reads a page of visitors.
func (k *asker) visitors(ctx context.Context, f analytics.VisitorFilter, r analytics.Range, p visitorPage) ([]listedVisitor, error) {
	those := []string{"visitor <> 0"}
	if f.Account != "" {
		those = append(those, fmt.Sprintf("account IN (SELECT id FROM analytics.people WHERE app = %d AND kind = %d AND text = %s)", k.app, account, text(f.Account)))
	}
	people := []string{contains("p.text", p.Search)}
	if f.Anonymous != nil {
		people = append(people, fmt.Sprintf("p.anonymous = %t", *f.Anonymous))
	}
	active, args := "0", []any{}
	with := ""
	if f.Frequency != "" || strings.HasPrefix(p.order, "active") {
		ids, days := p.active.lists(f.Frequency)
		with = ", days AS (SELECT unnest($1::UINTEGER[]) AS person, unnest($2::UTINYINT[]) AS days)"
		args = []any{ids, days}
		active = "coalesce((SELECT any_value(days) FROM days WHERE person = v.visitor), 0)"
		if f.Frequency != "" {
			people = append(people, "v.visitor IN (SELECT person FROM days)")
		}
	}
	return duck.Select(ctx, k, func(rows *sql.Rows) (v listedVisitor, err error) {
		return v, rows.Scan(&v.id, &v.ID, &v.Anonymous, &v.Events, &v.FirstSeen, &v.LastSeen, &v.total)
	}, fmt.Sprintf(`WITH v AS (SELECT visitor, sum(events)::BIGINT AS events, min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM %s WHERE %s GROUP BY visitor)%s
		SELECT id, text, anonymous, events, first_seen, last_seen, total FROM (
			SELECT p.id, p.text, p.anonymous, v.events, v.first_seen, v.last_seen, %s AS active, count(*) OVER () AS total
			FROM v JOIN analytics.people p ON p.id = v.visitor WHERE %s
		) ORDER BY %s LIMIT %d OFFSET %d`,
		k.activityIn(r), strings.Join(those, " AND "), with, active, strings.Join(people, " AND "), p.order, p.Limit, p.from), args...)
}

// accountsOf fills in the accounts that visitors were seen with.
func (k *asker) accountsOf(ctx context.Context, visitors []listedVisitor) error {
	if len(visitors) == 0 {
		return nil
	}
	index := map[uint32]*listedVisitor{}
	ids := make([]uint32, len(visitors))
	for i := range visitors {
		ids[i] = visitors[i].id
		index[ids[i]] = &visitors[i]
		visitors[i].Accounts = []string{}
	}
	return duck.Each(ctx, k, func(r *sql.Rows) error {
		var id uint32
		var account string
		err := r.Scan(&id, &account)
		if v := index[id]; len(v.Accounts) < accountsListed {
			v.Accounts = append(v.Accounts, account)
		}
		return err
	}, fmt.Sprintf(`SELECT s.visitor, p.text FROM (SELECT visitor, account, max(last_seen) AS last FROM %s WHERE visitor IN (%s) AND account <> 0 GROUP BY 1, 2) s
		JOIN analytics.people p ON p.id = s.account ORDER BY s.last DESC, p.text`, k.activityIn(analytics.Range{}), list(ids)))
}

// activity is who was there on each of some days.
type activity []*roaring.Bitmap

// active reads who was there on each of the last days.
func (k *asker) active(ctx context.Context, now time.Time) (activity, error) {
	to := startOfDay(now).AddDate(0, 0, 1)
	from := to.AddDate(0, 0, -analytics.ActiveDays)
	all := make(activity, analytics.ActiveDays)
	for i := range all {
		all[i] = roaring.New()
	}
	err := k.days(ctx, anything, analytics.Range{From: from, To: to}, func(d *day) {
		if i := int(d.day.Sub(from) / dayLength); i >= 0 && i < len(all) {
			all[i].Or(d.visitors)
		}
	})
	for _, set := range all {
		k.merged.resolve(set)
	}
	return all, err
}

// days is on how many days someone was there.
func (a activity) days(person uint32) (n int) {
	for _, set := range a {
		if set.Contains(person) {
			n++
		}
	}
	return n
}

// lists are the people of a frequency (all, when it is ""), and on how many days each was there.
func (a activity) lists(f analytics.Frequency) (people, days []any) {
	counts := map[uint32]uint8{}
	for _, set := range a {
		for i := set.Iterator(); i.HasNext(); {
			counts[i.Next()]++
		}
	}
	people, days = make([]any, 0, len(counts)), make([]any, 0, len(counts))
	for id, n := range counts {
		if f == "" || analytics.FrequencyOf(int(n)) == f {
			people, days = append(people, id), append(days, n)
		}
	}
	return people, days
}
