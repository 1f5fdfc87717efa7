package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// The bounds of explorations.
const (
	exploredEvents  = 50
	exploredFilters = 10
	exploredGroups  = 1000
)

// exploring is an exploration on its way to a query: calls c, joined with what groups and filters need.
type exploring struct {
	*asker

	analytics.Exploration
	events []uint32
	joins  []string
	where  []string
}

// Explore answers a free question about the Track Events of an app (id); the range has both ends.
func (a *Analyzer) Explore(ctx context.Context, app string, q analytics.Exploration) (analytics.Explored, error) {
	out := analytics.Explored{Interval: q.Interval, From: q.From, To: q.To, Groups: []analytics.ExploredGroup{}}
	if len(q.Events) > exploredEvents || len(q.Filters) > exploredFilters {
		return out, fmt.Errorf("%w: at most %d events and %d filters are taken", analytics.ErrField, exploredEvents, exploredFilters)
	}
	err := a.ask(ctx, "explore", app, func(k *asker) error {
		e := &exploring{asker: k, Exploration: q}
		known, err := e.begin(ctx)
		if err != nil || !known {
			return err
		}
		group := "''"
		if q.GroupBy != "" {
			if group, err = e.field(ctx, q.GroupBy); err != nil {
				return err
			}
		}
		for _, f := range q.Filters {
			if err := e.filter(ctx, f); err != nil {
				return err
			}
		}
		return e.answer(ctx, group, &out)
	})
	return out, err
}

// begin finds the events that are asked for; it is false when none of them is known.
func (e *exploring) begin(ctx context.Context) (known bool, err error) {
	e.where = []string{live, "event IS NOT NULL", within("ts", e.Range)}
	if len(e.Events) == 0 {
		return true, nil
	}
	names := make([]string, len(e.Events))
	for i, n := range e.Events {
		names[i] = text(n)
	}
	e.events, err = duck.Select(ctx, e, duck.Column[uint32], fmt.Sprintf("SELECT id FROM analytics.names WHERE app = %d AND name IN (%s)", e.app, strings.Join(names, ", ")))
	e.where = append(e.where, "event IN ("+list(e.events)+")")
	return len(e.events) > 0, err
}

// field is an expression for what a field of a call is, as text; NULL where there is nothing.
func (e *exploring) field(ctx context.Context, name string) (string, error) {
	n := len(e.joins)
	kind, rest, _ := strings.Cut(name, ":")
	switch {
	case name == "event":
		e.joins = append(e.joins, fmt.Sprintf("LEFT JOIN analytics.names j%d ON j%[1]d.id = c.event", n))
		return fmt.Sprintf("j%d.name", n), nil
	case name == "visitor" || name == "account":
		e.joins = append(e.joins, fmt.Sprintf("LEFT JOIN analytics.people j%d ON j%[1]d.id = c.%s", n, name))
		return fmt.Sprintf("j%d.text", n), nil
	case name == "via":
		return "c.via", nil
	case kind == "property" && rest != "":
		return e.property(ctx, rest)
	case kind == "visitor" || kind == "account":
		group, field, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		e.joins = append(e.joins, fmt.Sprintf(`LEFT JOIN (SELECT person, arg_max(value, i) AS value FROM analytics.metadata
			WHERE app = %[1]d AND grp = %[2]s AND field = %[3]s GROUP BY person) j%[4]d ON j%[4]d.person = c.%[5]s`, e.app, text(group), text(strings.ToLower(field)), n, kind))
		return plain(fmt.Sprintf("j%d.value", n)), nil
	}
	return "", fmt.Errorf("%w: %q; there are event, visitor, account, via, property:KEY, visitor:GROUP.FIELD and account:GROUP.FIELD", analytics.ErrField, name)
}

// plain is an expression for a JSON value as text, without the quotes of a text.
func plain(value string) string {
	return fmt.Sprintf("if(left(%[1]s, 1) = '\"', json_extract_string(%[1]s, '$'), %[1]s)", value)
}

// property is an expression for a property, that may be in another column for each event.
func (e *exploring) property(ctx context.Context, key string) (string, error) {
	type place struct {
		event uint32
		slot  uint8
	}
	found, err := duck.Select(ctx, e, func(r *sql.Rows) (p place, err error) { return p, r.Scan(&p.event, &p.slot) },
		fmt.Sprintf("SELECT event, slot FROM analytics.keys WHERE app = %d AND key = %s", e.app, text(key)))
	if err != nil {
		return "", err
	}
	bySlot := map[uint8][]uint32{}
	for _, p := range found {
		if len(e.events) == 0 || slices.Contains(e.events, p.event) {
			bySlot[p.slot] = append(bySlot[p.slot], p.event)
		}
	}
	if len(bySlot) == 0 {
		return "NULL::VARCHAR", nil
	}
	cases := []string{"CASE"}
	for slot, events := range bySlot {
		p := property{key, slot}
		cases = append(cases, "WHEN c.event IN ("+list(events)+") THEN "+p.column())
	}
	return plain("(" + strings.Join(append(cases, "END"), " ") + ")"), nil
}

// filter takes in a filter, FIELD:OP:VALUE.
func (e *exploring) filter(ctx context.Context, f string) error {
	for _, op := range []string{"contains", "unset", "not", "set", "is", "gt", "lt"} {
		name, value, ok := strings.Cut(f, ":"+op+":")
		if !ok {
			if name, ok = strings.CutSuffix(f, ":"+op); !ok {
				continue
			}
		}
		field, err := e.field(ctx, name)
		if err != nil {
			return err
		}
		condition, err := compare(field, op, value)
		e.where = append(e.where, condition)
		return err
	}
	return fmt.Errorf("%w: the filter %q; want FIELD:OP:VALUE, where OP is is, not, contains, gt, lt, set or unset", analytics.ErrField, f)
}

// compare is the condition that a field stands to a value as an operator says.
func compare(field, op, value string) (string, error) {
	switch op {
	case "is":
		return fmt.Sprintf("coalesce(%s = %s, false)", field, text(value)), nil
	case "not":
		return fmt.Sprintf("coalesce(%s <> %s, true)", field, text(value)), nil
	case "contains":
		return "coalesce(" + contains(field, value) + ", false)", nil
	case "set":
		return field + " IS NOT NULL", nil
	case "unset":
		return field + " IS NULL", nil
	case "gt", "lt":
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return "", fmt.Errorf("%w: %q is no number", analytics.ErrField, value)
		}
		sign := map[string]string{"gt": ">", "lt": "<"}[op]
		return fmt.Sprintf("coalesce(TRY_CAST(%s AS DOUBLE) %s %s, false)", field, sign, strconv.FormatFloat(number, 'g', -1, 64)), nil
	}
	return "", fmt.Errorf("%w: the operator %q", analytics.ErrField, op)
}

// answer asks for the largest groups, and then for their series.
func (e *exploring) answer(ctx context.Context, group string, out *analytics.Explored) error {
	measure := map[analytics.Measure]string{
		analytics.MeasureEvents: "count(*)::DOUBLE", analytics.MeasureVisitors: "count(DISTINCT visitor)::DOUBLE", analytics.MeasureAccounts: "count(DISTINCT account)::DOUBLE",
		analytics.MeasureEventsPerVisitor: "coalesce(count(visitor) / nullif(count(DISTINCT visitor), 0), 0)::DOUBLE",
	}[e.Measure]
	if measure == "" {
		return fmt.Errorf("%w: the measure %q", analytics.ErrField, e.Measure)
	}
	// Conditions on columns of calls alone are met before anything is joined.
	inside, outside := e.where[:3], e.where[3:]
	if len(e.Events) > 0 {
		inside, outside = e.where[:4], e.where[4:]
	}
	condition := strings.Join(append([]string{"true"}, outside...), " AND ")
	those := fmt.Sprintf("SELECT coalesce(%s, '') AS g, ts, visitor, account FROM %s c %s WHERE %s", group, e.calls(strings.Join(inside, " AND ")), strings.Join(e.joins, " "), condition)
	totals := fmt.Sprintf("SELECT g, %s AS total FROM (%s) GROUP BY g", measure, those)
	index := map[string]int{}
	all := int64(0)
	err := duck.Each(ctx, e, func(r *sql.Rows) error {
		g := analytics.ExploredGroup{Series: []analytics.ExploredPoint{}}
		err := r.Scan(&g.Group, &g.Total, &all)
		index[g.Group] = len(out.Groups)
		out.Groups = append(out.Groups, g)
		return err
	}, fmt.Sprintf("SELECT g, total, count(*) OVER () FROM (%s) ORDER BY total DESC, g LIMIT %d", totals, min(max(e.Limit, 1), exploredGroups)))
	if err != nil || len(out.Groups) == 0 {
		return err
	}
	out.OtherGroups = all - int64(len(out.Groups))
	if e.Interval == analytics.Total {
		return nil
	}
	return e.stepsOf(ctx, those, measure, index, out)
}

// stepsOf fills in the series of groups.
func (e *exploring) stepsOf(ctx context.Context, those, measure string, index map[string]int, out *analytics.Explored) error {
	var groups []string
	for g := range index {
		groups = append(groups, text(g))
	}
	values := make([]map[time.Time]float64, len(out.Groups))
	err := duck.Each(ctx, e, func(r *sql.Rows) error {
		var g string
		var at time.Time
		var v float64
		err := r.Scan(&g, &at, &v)
		i := index[g]
		if values[i] == nil {
			values[i] = map[time.Time]float64{}
		}
		values[i][at.UTC()] = v
		return err
	}, fmt.Sprintf("SELECT g, date_trunc(%s, ts)::TIMESTAMP, %s FROM (%s) WHERE g IN (%s) GROUP BY 1, 2", text(string(e.Interval)), measure, those, strings.Join(groups, ", ")))
	for i := range out.Groups {
		for _, p := range steps(nil, e.Range, e.Interval) {
			out.Groups[i].Series = append(out.Groups[i].Series, analytics.ExploredPoint{At: p.At, Value: values[i][p.At]})
		}
	}
	return err
}
