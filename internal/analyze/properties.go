package analyze

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/pendowire"
)

// What Pendo advises, and how much is looked at.
const (
	cardinalityMax = 10_000  // values of a property that is grouped by
	sampleRows     = 100_000 // the newest calls that are looked at for properties without a slot
)

// slotsOf lists the properties of an event, in the order in which they were first seen.
func (k *asker) slotsOf(ctx context.Context, event uint32) ([]property, error) {
	return duck.Select(ctx, k, func(r *sql.Rows) (p property, err error) {
		return p, r.Scan(&p.key, &p.slot)
	}, "SELECT key, slot FROM analytics.keys WHERE app = ? AND event = ? ORDER BY slot, rowid", k.app, event)
}

// property is a property of an event, and where it is.
type property struct {
	key  string
	slot uint8
}

// column is an expression for the property's value as JSON, NULL where there is none.
func (p *property) column() string {
	if p.slot != slotNone {
		return slotColumn(p.slot)
	}
	escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(p.key)
	value := "json_extract(data, " + text("/"+escaped) + ")::VARCHAR"
	return fmt.Sprintf("CASE left(%[1]s, 1) WHEN '{' THEN '{}' WHEN '[' THEN '[]' ELSE %[1]s END", value)
}

// Properties tells about the properties of a Track Event in a range. Those without a slot are estimated from the newest calls.
func (a *Analyzer) Properties(ctx context.Context, app, name string, r analytics.Range) ([]analytics.Property, error) {
	found := []analytics.Property{}
	err := a.ask(ctx, "list properties", app, func(k *asker) error {
		id, err := k.event(ctx, name)
		if err != nil || id == 0 {
			return err
		}
		found, err = k.propertiesOf(ctx, id, within("ts", r))
		return err
	})
	return found, err
}

func (k *asker) propertiesOf(ctx context.Context, event uint32, where string) ([]analytics.Property, error) {
	keys, err := k.slotsOf(ctx, event)
	if err != nil || len(keys) == 0 {
		return []analytics.Property{}, err
	}
	those := fmt.Sprintf("SELECT * FROM analytics.calls WHERE app = %d AND %s AND %s AND %s", k.app, live, is(event), where)
	n := 0 // those with a slot come first
	for n < len(keys) && keys[n].slot != slotNone {
		n++
	}
	all, found, err := k.measure(ctx, keys[:n], those)
	if err != nil || all == 0 {
		return []analytics.Property{}, err
	}
	if n < len(keys) {
		looked, others, err := k.measure(ctx, keys[n:], fmt.Sprintf("%s ORDER BY n DESC LIMIT %d", those, sampleRows))
		if err != nil {
			return nil, err
		}
		for i := range others {
			scale(&others[i], all, looked)
		}
		found = append(found, others...)
	}
	found = slices.DeleteFunc(found, func(p analytics.Property) bool { return p.Events == 0 })
	for i := range found {
		judged(&found[i], all)
	}
	slices.SortFunc(found, func(a, b analytics.Property) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Key, b.Key))
	})
	return found, nil
}

// scale takes the numbers of a property from the calls that were looked at to all of them.
func scale(p *analytics.Property, all, looked int64) {
	p.Events = p.Events * all / looked
	for t := range p.Types {
		p.Types[t] = p.Types[t] * all / looked
	}
}

// measure goes over calls once, and tells how many they are, and of properties how many have them, of which types, and about how many values there are.
func (k *asker) measure(ctx context.Context, keys []property, calls string) (all int64, found []analytics.Property, err error) {
	initials, distinct := make([]string, len(keys)), make([]string, len(keys))
	for i := range keys {
		initials[i] = fmt.Sprintf("histogram(ascii(%s))", keys[i].column())
		distinct[i] = fmt.Sprintf("approx_count_distinct(%s)", keys[i].column())
	}
	var histograms, counts string
	err = duck.Each(ctx, k, func(r *sql.Rows) error { return r.Scan(&all, &histograms, &counts) },
		fmt.Sprintf("SELECT count(*), to_json([%s])::VARCHAR, to_json([%s])::VARCHAR FROM (%s)", strings.Join(initials, ", "), strings.Join(distinct, ", "), calls))
	if err != nil {
		return 0, nil, err
	}
	var byInitial []map[rune]int64
	var values []int64
	if err := errors.Join(json.Unmarshal([]byte(histograms), &byInitial), json.Unmarshal([]byte(counts), &values)); err != nil {
		return 0, nil, fmt.Errorf("read what properties there are: %w", err)
	}
	for i, p := range keys {
		m := analytics.Property{Key: p.key, Types: map[string]int64{}, Cardinality: values[i]}
		for initial, n := range byInitial[i] {
			m.Types[typeOf(string(initial))] += n
			m.Events += n
		}
		found = append(found, m)
	}
	return all, found, nil
}

// typeOf is the type of JSON that begins with a character.
func typeOf(initial string) string {
	switch initial {
	case `"`:
		return "string"
	case "t", "f":
		return "boolean"
	case "n":
		return "null"
	case "{":
		return "object"
	case "[":
		return "array"
	}
	return "number"
}

// Breakdown lists the most frequent values of a property of a Track Event in a range, and how often it is missing. Objects are all one value, and so are arrays.
func (a *Analyzer) Breakdown(ctx context.Context, app, name, key string, top analytics.Top) ([]analytics.PropertyValue, error) {
	found := []analytics.PropertyValue{}
	err := a.ask(ctx, "break down property", app, func(k *asker) error {
		id, err := k.event(ctx, name)
		if err != nil || id == 0 {
			return err
		}
		p, ok, err := k.property(ctx, id, key)
		if err != nil || !ok {
			return err
		}
		those := k.calls(live + " AND " + is(id) + " AND " + within("ts", top.Range))
		found, err = k.values(ctx, p, those, top.Limit)
		return err
	})
	return found, err
}

// property finds a property of an event by its key.
func (k *asker) property(ctx context.Context, event uint32, key string) (p property, ok bool, err error) {
	p.key = key
	err = duck.Each(ctx, k, func(r *sql.Rows) error {
		ok = true
		return r.Scan(&p.slot)
	}, "SELECT slot FROM analytics.keys WHERE app = ? AND event = ? AND key = ?", k.app, event, key)
	return p, ok, err
}

// values counts the values of a property in calls: first all of them, then who had the most frequent ones.
func (k *asker) values(ctx context.Context, p property, calls string, limit int) ([]analytics.PropertyValue, error) {
	all := int64(0)
	top := map[sql.NullString]int{}
	found, err := duck.Select(ctx, k, func(r *sql.Rows) (v analytics.PropertyValue, err error) {
		var value sql.NullString
		if err := r.Scan(&value, &v.Events, &all); err != nil {
			return v, err
		}
		top[value] = len(top)
		v.Value, v.Type = analytics.Value("null"), "missing"
		if value.Valid {
			v.Value, v.Type = jsonOf(value.String), typeOf(value.String[:1])
		}
		return v, nil
	}, fmt.Sprintf("SELECT v, count(*), sum(count(*)) OVER ()::BIGINT FROM (SELECT %s AS v FROM %s) GROUP BY v ORDER BY 2 DESC, 1 LIMIT %d", p.column(), calls, limit))
	if err != nil || len(found) == 0 {
		return found, err
	}
	people, err := k.different(ctx, len(found))
	if err != nil {
		return found, err
	}
	which := "true" // where there are no others; to look for some of many values costs more than to count for all of few
	if len(found) == limit {
		which = among("v", top)
	}
	err = duck.Each(ctx, k, func(r *sql.Rows) error {
		var value sql.NullString
		var visitors, accounts int64
		err := r.Scan(&value, &visitors, &accounts)
		if i, ok := top[value]; ok {
			found[i].Visitors, found[i].Accounts = visitors, accounts
		}
		return err
	}, fmt.Sprintf("SELECT v, %s, %s FROM (SELECT %s AS v, visitor, account FROM %s) WHERE %s GROUP BY v", people.visitors, people.accounts, p.column(), calls, which))
	for i := range found {
		found[i].Share = share(found[i].Events, all)
	}
	return found, err
}

// among is the condition that a column has one of some values.
func among(column string, values map[sql.NullString]int) string {
	texts := make([]string, 0, len(values))
	where := "false"
	for v := range values {
		if v.Valid {
			texts = append(texts, text(v.String))
		} else {
			where = column + " IS NULL"
		}
	}
	if len(texts) > 0 {
		where += " OR " + column + " IN (" + strings.Join(texts, ", ") + ")"
	}
	return where
}

// jsonOf is what a slot holds, as JSON: a number that was cut is none.
func jsonOf(slot string) analytics.Value {
	if len(slot) >= slotBytesMax && slot[0] != '"' {
		return analytics.Value(jsonText(slot))
	}
	return analytics.Value(slot)
}

func share(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	const precision = 1e6
	return math.Round(float64(part)/float64(all)*precision) / precision
}

// judged fills in what follows from the numbers of a property; all is how many events there are.
func judged(p *analytics.Property, all int64) {
	p.Fill = share(p.Events, all)
	types := len(p.Types)
	if p.Types["null"] > 0 {
		types--
	}
	p.Groupable = p.Types["number"]+p.Types["array"]+p.Types["object"] == 0 && p.Cardinality <= cardinalityMax
	switch {
	case !pendowire.IsPropertyKey(p.Key):
		p.Problem = analytics.ProblemKey
	case types > 1:
		p.Problem = analytics.ProblemTypes
	case p.Cardinality > cardinalityMax:
		p.Problem = analytics.ProblemCardinality
	}
}
