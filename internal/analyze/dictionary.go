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
	from, err := begin(p)
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
			out.Next = strconv.Itoa(from + len(entries))
		}
		byEvent := map[uint32][]analytics.Property{}
		for _, e := range entries {
			if _, ok := byEvent[e.event]; !ok {
				if byEvent[e.event], err = k.propertiesOf(ctx, e.event, within("ts", r)); err != nil {
					return err
				}
			}
			row, err := k.described(ctx, e, byEvent[e.event])
			if err != nil {
				return err
			}
			out.Rows = append(out.Rows, row)
		}
		return nil
	})
	return out, err
}

// described is a row of the dictionary; known are the properties of its event.
func (k *asker) described(ctx context.Context, e entry, known []analytics.Property) (row analytics.PropertyEntry, err error) {
	row = analytics.PropertyEntry{Event: e.name, Property: analytics.Property{Key: e.key, Types: map[string]int64{}}}
	if i := slices.IndexFunc(known, func(p analytics.Property) bool { return p.Key == e.key }); i >= 0 {
		row.Property = known[i]
	}
	row.Examples, err = k.examples(ctx, e)
	return row, err
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

// PropertyKeys lists the keys of properties of each Track Event of an app (id), in the order in which they were first seen.
func (a *Analyzer) PropertyKeys(ctx context.Context, app string) (map[string][]string, error) {
	keys := map[string][]string{}
	err := a.ask(ctx, "list keys of properties", app, func(k *asker) error {
		return duck.Each(ctx, k, func(r *sql.Rows) error {
			var event, key string
			err := r.Scan(&event, &key)
			keys[event] = append(keys[event], key)
			return err
		}, "SELECT n.name, k.key FROM analytics.keys k JOIN analytics.names n ON n.id = k.event WHERE k.app = ? ORDER BY k.slot, k.rowid", k.app)
	})
	return keys, err
}

// contained tells whether a text holds another, in any case.
func contained(text, search string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(search))
}
