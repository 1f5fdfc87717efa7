package analyze

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/pendowire"
)

// Verdicts counts the verdicts on calls of an app (id) in a range by days; event "" is all calls.
func (a *Analyzer) Verdicts(ctx context.Context, app, event string, r analytics.Range) ([]analytics.VerdictSeries, error) {
	byCode := map[string]map[string]int64{}
	err := a.ask(ctx, "count verdicts", app, func(k *asker) error {
		which := "true"
		if event != "" {
			id, err := k.event(ctx, event)
			if err != nil || id == 0 {
				return err
			}
			which = is(id)
		}
		return k.verdictCounts(ctx, which, r, func(_ uint32, day sql.NullTime, code string, n int64) {
			if byCode[code] == nil {
				byCode[code] = map[string]int64{}
			}
			byCode[code][day.Time.Format(time.DateOnly)] += n
		})
	})
	found := []analytics.VerdictSeries{}
	for code, days := range byCode {
		v := analytics.VerdictSeries{VerdictText: analytics.Explain(pendowire.Verdict(code)), Series: []analytics.VerdictDay{}}
		for day, n := range days {
			v.Events += n
			v.Series = append(v.Series, analytics.VerdictDay{Day: day, Events: n})
		}
		slices.SortFunc(v.Series, func(a, b analytics.VerdictDay) int { return cmp.Compare(a.Day, b.Day) })
		found = append(found, v)
	}
	slices.SortFunc(found, func(a, b analytics.VerdictSeries) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Code, b.Code))
	})
	return found, err
}

// Coverage tells how many events of each name in a range belong to an account, and to a visitor.
func (a *Analyzer) Coverage(ctx context.Context, app string, r analytics.Range, p analytics.Page) (analytics.List[analytics.Coverage], error) {
	var out analytics.List[analytics.Coverage]
	field, down := order(p.Sort, "-withoutAccount")
	compare := map[string]func(a, b analytics.Coverage) int{
		"name":           func(a, b analytics.Coverage) int { return cmp.Compare(a.Name, b.Name) },
		"events":         func(a, b analytics.Coverage) int { return cmp.Compare(a.Events, b.Events) },
		"withoutAccount": func(a, b analytics.Coverage) int { return cmp.Compare(a.WithoutAccount, b.WithoutAccount) },
		"withoutVisitor": func(a, b analytics.Coverage) int { return cmp.Compare(a.WithoutVisitor, b.WithoutVisitor) },
		"share":          func(a, b analytics.Coverage) int { return cmp.Compare(a.Share, b.Share) },
	}[field]
	if compare == nil {
		return out, fmt.Errorf("%w: %q", analytics.ErrSort, p.Sort)
	}
	all := []analytics.Coverage{}
	err := a.ask(ctx, "measure coverage", app, func(k *asker) error {
		pieces := k.pieces(r)
		parts := []string{fmt.Sprintf("SELECT event, events, no_visitor, no_account FROM %s WHERE %s", k.daily("true"), inDays(pieces.whole))}
		for _, edge := range pieces.edges {
			parts = append(parts, fmt.Sprintf("SELECT event, count(*), count(*) - count(visitor), count(*) - count(account) FROM analytics.calls WHERE app = %d AND %s AND %s GROUP BY 1", k.app, live, edge))
		}
		return duck.Each(ctx, k, func(rows *sql.Rows) error {
			var c analytics.Coverage
			err := rows.Scan(&c.Name, &c.Events, &c.WithoutVisitor, &c.WithoutAccount)
			c.Share = share(c.Events-c.WithoutAccount, c.Events)
			if contained(c.Name, p.Search) {
				all = append(all, c)
			}
			return err
		}, `SELECT any_value(n.name), sum(events)::BIGINT, sum(no_visitor)::BIGINT, sum(no_account)::BIGINT
			FROM (`+strings.Join(parts, " UNION ALL ")+`) e JOIN analytics.names n ON n.id = e.event GROUP BY e.event HAVING sum(events) > 0`)
	})
	if err != nil {
		return out, err
	}
	slices.SortFunc(all, func(a, b analytics.Coverage) int {
		if down {
			a, b = b, a
			return cmp.Or(compare(a, b), cmp.Compare(b.Name, a.Name))
		}
		return cmp.Or(compare(a, b), cmp.Compare(a.Name, b.Name))
	})
	return page(all, p)
}

// shapes are what ids look like, as conditions on their text, in the order in which they are tried.
const shapes = `CASE WHEN anonymous THEN 'anonymous'
	WHEN lower(text) IN ('visitor-unique-id', 'account-unique-id', 'system', 'anonymous', 'unknown', 'undefined', 'null', 'nan', 'none', '[object object]') THEN 'placeholder'
	WHEN regexp_full_match(text, '[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}') THEN 'uuid'
	WHEN regexp_full_match(text, '[^@ ]+@[^@ ]+\.[^@ ]+') THEN 'email'
	WHEN regexp_full_match(text, '-?[0-9]+(\.[0-9]+)?') THEN 'number'
	WHEN regexp_full_match(text, '[0-9a-fA-F]{8,}') THEN 'hex'
	ELSE 'other' END`

// IDShapes tells what the ids of visitors and accounts of an app (id) look like.
func (a *Analyzer) IDShapes(ctx context.Context, app string) ([]analytics.IDShape, error) {
	found := []analytics.IDShape{}
	err := a.ask(ctx, "tell shapes of ids", app, func(k *asker) (err error) {
		found, err = duck.Select(ctx, k, func(r *sql.Rows) (s analytics.IDShape, err error) {
			var kd kind
			err = r.Scan(&kd, &s.Shape, &s.IDs, &s.Events, &s.Example)
			s.Kind = kd.name()
			return s, err
		}, fmt.Sprintf(`WITH a AS (FROM %s), events AS (
				SELECT visitor AS id, sum(events)::BIGINT AS events FROM a WHERE visitor <> 0 GROUP BY 1
				UNION ALL SELECT account, sum(events)::BIGINT FROM a WHERE account <> 0 GROUP BY 1)
			SELECT kind, %s AS shape, count(*), sum(e.events)::BIGINT, min(text)
			FROM events e JOIN analytics.people p ON p.id = e.id WHERE text <> '' GROUP BY 1, 2 ORDER BY 1, 4 DESC, 2`, k.activityIn(analytics.Range{}), shapes))
		return err
	})
	return found, err
}

// MetadataDictionary lists the fields of metadata of an app (id); kind "" is both.
func (a *Analyzer) MetadataDictionary(ctx context.Context, app string, kd analytics.Kind, search string) ([]analytics.MetadataEntry, error) {
	found := []analytics.MetadataEntry{}
	err := a.ask(ctx, "list metadata", app, func(k *asker) (err error) {
		which := "true"
		if kd != "" {
			which = fmt.Sprintf("kind = %d", kindOf(kd))
		}
		found, err = duck.Select(ctx, k, scanEntry, fmt.Sprintf(`
			WITH latest AS (SELECT kind, grp, field, person, arg_max(value, i) AS value, max(received_at) AS since FROM analytics.metadata WHERE app = %[1]d AND %[2]s AND %[3]s GROUP BY ALL),
			names AS (SELECT kind, grp, field, list_sort(list(DISTINCT name)) AS names FROM analytics.metadata WHERE app = %[1]d AND %[2]s GROUP BY ALL),
			groups AS (SELECT kind, field, count(DISTINCT grp) AS n FROM names GROUP BY ALL)
			SELECT kind, grp, field, to_json(any_value(names))::VARCHAR, to_json(histogram(left(value, 1)))::VARCHAR, count(*), count(DISTINCT value), min(value), max(since), any_value(groups.n)
			FROM latest JOIN names USING (kind, grp, field) JOIN groups USING (kind, field) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT %[4]d`,
			k.app, which, contains("field", search), personFields))
		return err
	})
	return found, err
}

func scanEntry(r *sql.Rows) (e analytics.MetadataEntry, err error) {
	var kd kind
	var names, types, example string
	var groups int
	if err := r.Scan(&kd, &e.Group, &e.Field, &names, &types, &e.Holders, &e.Distinct, &example, &e.LastSeen, &groups); err != nil {
		return e, err
	}
	e.Kind, e.Example, e.Types, e.Collisions = kd.name(), analytics.Value(example), map[string]int64{}, []analytics.Collision{}
	byInitial := map[string]int64{}
	if err := json.Unmarshal([]byte(names), &e.Names); err != nil {
		return e, fmt.Errorf("read names of field: %w", err)
	}
	if err := json.Unmarshal([]byte(types), &byInitial); err != nil {
		return e, fmt.Errorf("read types of field: %w", err)
	}
	for initial, n := range byInitial {
		e.Types[typeOf(initial)] += n
	}
	if len(e.Names) > 1 {
		e.Collisions = append(e.Collisions, analytics.CollisionCase)
	}
	if groups > 1 {
		e.Collisions = append(e.Collisions, analytics.CollisionGroup)
	}
	return e, nil
}
