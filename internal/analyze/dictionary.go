package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// The bounds of the dictionary.
const (
	examplesShown = 3
)

// entry is a property of the dictionary, before its numbers are known.
type entry struct {
	property

	event uint32
	name  string
}

// PropertyDictionary lists the properties of the Track Events of an app (id), with numbers of a range; event "" is all events.
func (a *Analyzer) PropertyDictionary(ctx context.Context, app, event string, r analytics.Range, p analytics.Page) (analytics.List[analytics.PropertyEntry], error) {
	out := analytics.List[analytics.PropertyEntry]{Rows: []analytics.PropertyEntry{}}
	from, err := offset(p.Cursor)
	if err != nil {
		return out, err
	}
	err = a.ask(ctx, "list properties", app, func(k *asker) error {
		entries, total, err := k.entries(ctx, event, p, from)
		if err != nil || len(entries) == 0 {
			return err
		}
		out.Total = total
		if int64(from+len(entries)) < total {
			out.Next = fmt.Sprint(from + len(entries))
		}
		byEvent := map[uint32][]analytics.Property{}
		for _, e := range entries {
			if _, ok := byEvent[e.event]; !ok {
				if byEvent[e.event], err = k.propertiesOf(ctx, e.event, within("ts", r)); err != nil {
					return err
				}
			}
			row := analytics.PropertyEntry{Event: e.name, Property: analytics.Property{Key: e.key, Types: map[string]int64{}}}
			for _, known := range byEvent[e.event] {
				if known.Key == e.key {
					row.Property = known
				}
			}
			if row.Examples, err = k.examples(ctx, e); err != nil {
				return err
			}
			out.Rows = append(out.Rows, row)
		}
		return nil
	})
	return out, err
}

// entries reads a page of properties, by event and key.
func (k *asker) entries(ctx context.Context, event string, p analytics.Page, from int) (found []entry, total int64, err error) {
	which := "true"
	if event != "" {
		which = "n.name = " + text(event)
	}
	found, err = duck.Select(ctx, k, func(r *sql.Rows) (e entry, err error) {
		return e, r.Scan(&e.event, &e.name, &e.key, &e.slot, &total)
	}, fmt.Sprintf(`SELECT k.event, n.name, k.key, k.slot, count(*) OVER () FROM analytics.keys k JOIN analytics.names n ON n.id = k.event
		WHERE k.app = %d AND %s AND %s ORDER BY n.name, k.key LIMIT %d OFFSET %d`, k.app, which, contains("k.key", p.Search), p.Limit, from))
	return found, total, err
}

// examples are some values of a property among the newest calls.
func (k *asker) examples(ctx context.Context, e entry) ([]analytics.Value, error) {
	texts, err := duck.Select(ctx, k, duck.Column[string], fmt.Sprintf(`SELECT DISTINCT v FROM (SELECT %s AS v FROM analytics.calls WHERE app = %d AND %s AND %s ORDER BY n DESC LIMIT 1000)
		WHERE v IS NOT NULL ORDER BY v LIMIT %d`, e.column(), k.app, live, is(e.event), examplesShown))
	values := []analytics.Value{}
	for _, t := range texts {
		values = append(values, jsonOf(t))
	}
	return values, err
}

// contained tells whether a text holds another, in any case.
func contained(text, search string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(search))
}
