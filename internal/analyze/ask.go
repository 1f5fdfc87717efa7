package analyze

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// asker answers the questions of one request from one state of the tables.
type asker struct {
	duck.Querier

	merged   *merged
	app      uint32
	n        uint64 // rows
	sealed   uint64 // rows that are in the sums
	aliases  bool   // anonymous visitors of the app were merged
	verdicts []string
}

// errUnknown is for an app of which nothing was ever received.
var errUnknown = errors.New("app is not known")

// ask has questions about an app (id) answered from one state of the tables. Of an app that is not known nothing is asked, without an error.
func (a *Analyzer) ask(ctx context.Context, what, app string, do func(*asker) error) error {
	err := a.DB.Snapshot(ctx, func(q duck.Querier) error {
		k := &asker{Querier: q, merged: &a.merged}
		if err := k.begin(ctx, app); err != nil {
			return err
		}
		return do(k)
	})
	if errors.Is(err, errUnknown) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func (k *asker) begin(ctx context.Context, app string) error {
	err := duck.Each(ctx, k, func(r *sql.Rows) error { return r.Scan(&k.n, &k.sealed, &k.app, &k.aliases) }, `
		SELECT n, sealed, coalesce((SELECT id FROM analytics.apps WHERE app = $1), 0),
			EXISTS (SELECT 1 FROM analytics.merges WHERE app = (SELECT id FROM analytics.apps WHERE app = $1))
		FROM analytics.position`, app)
	if err != nil {
		return err
	}
	if k.app == 0 {
		return errUnknown
	}
	k.verdicts, err = duck.Select(ctx, k, duck.Column[string], "SELECT code FROM analytics.verdicts ORDER BY bit")
	return err
}

// calls is a table expression of the app's calls that meet a condition, with persons in the place of their aliases.
func (k *asker) calls(where string) string {
	those := fmt.Sprintf("SELECT * FROM analytics.calls WHERE app = %d AND (%s)", k.app, where)
	if !k.aliases {
		return "(" + those + ")"
	}
	return "(SELECT c.* REPLACE (coalesce(m.person, c.visitor) AS visitor) FROM (" + those +
		") c LEFT JOIN (SELECT alias, person FROM analytics.merges) m ON m.alias = c.visitor)"
}

// setsBytesMax bounds the memory for the sets of a question, in bytes.
const setsBytesMax = 64 << 20

// different are expressions for how many visitors, and how many accounts, there are in each group of calls.
type different struct{ visitors, accounts string }

// different makes the expressions for so many groups. A bit for each of the app's people is the quickest way to count them, unless there are too many for all the groups.
func (k *asker) different(ctx context.Context, groups int) (different, error) {
	d := different{visitors: "count(DISTINCT visitor)", accounts: "count(DISTINCT account)"}
	err := duck.Each(ctx, k, func(r *sql.Rows) error {
		var kd kind
		var first, last int
		err := r.Scan(&kd, &first, &last)
		if (last-first)/8*groups > setsBytesMax {
			return err
		}
		expression := func(column string) string {
			return fmt.Sprintf("coalesce(bit_count(bitstring_agg(%s, %d, %d)), 0)::BIGINT", column, first, last)
		}
		if kd == account {
			d.accounts = expression("account")
		} else {
			d.visitors = expression("visitor")
		}
		return err
	}, "SELECT kind, min(id), max(id) FROM analytics.people WHERE app = ? GROUP BY kind", k.app)
	return d, err
}

// live is the condition on calls that count as Track Events.
const live = "tracked AND NOT hidden"

// text writes a text as SQL has it.
func text(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.ContainsRune(s, 0) {
		quoted = "(" + strings.ReplaceAll(quoted, "\x00", "' || chr(0) || '") + ")" // a statement ends with a zero
	}
	return quoted
}

// instant writes a time as SQL has it.
func instant(t time.Time) string { return t.UTC().Format("TIMESTAMP '2006-01-02 15:04:05.000000'") }

func date(t time.Time) string { return t.UTC().Format("DATE '2006-01-02'") }

// within is the condition that a column of times is in a range.
func within(column string, r analytics.Range) string {
	where := "true"
	if !r.From.IsZero() {
		where = column + " >= " + instant(r.From)
	}
	if !r.To.IsZero() {
		where += " AND " + column + " < " + instant(r.To)
	}
	return where
}

// contains is the condition that a column holds a text, in any case.
func contains(column, search string) string {
	if search == "" {
		return "true"
	}
	return "contains(lower(" + column + "), lower(" + text(search) + "))"
}

const dayLength = 24 * time.Hour

func startOfDay(t time.Time) time.Time { return t.UTC().Truncate(dayLength) }

// split cuts a range into whole days and what lies before and after them. whole is empty (From is To) when there is no whole day.
func split(r analytics.Range) (whole analytics.Range, edges []analytics.Range) {
	whole = r
	if !r.From.IsZero() {
		if whole.From = startOfDay(r.From); whole.From.Before(r.From) {
			whole.From = whole.From.Add(dayLength)
		}
	}
	if !r.To.IsZero() {
		whole.To = startOfDay(r.To)
	}
	if !r.From.IsZero() && !r.To.IsZero() && !whole.From.Before(whole.To) {
		if whole.To.Before(whole.From) { // within one day
			return analytics.Range{From: r.From, To: r.From}, []analytics.Range{r}
		}
		whole.To = whole.From
	}
	if r.From.Before(whole.From) {
		edges = append(edges, analytics.Range{From: r.From, To: whole.From})
	}
	if whole.To.Before(r.To) {
		edges = append(edges, analytics.Range{From: whole.To, To: r.To})
	}
	return whole, edges
}

// inDays is the condition that a column of days is in a range of whole days.
func inDays(r analytics.Range) string {
	where := "true"
	if !r.From.IsZero() {
		where = "day >= " + date(r.From)
	}
	if !r.To.IsZero() {
		where += " AND day < " + date(r.To)
	}
	return where
}

// pieces is a range cut up: whole days, which are in the sums up to the last row that these have; tail, the condition on the calls of these days that came later, "" for none;
// and the conditions on the calls before and after the whole days.
type pieces struct {
	whole analytics.Range
	tail  string
	edges []string
}

func (k *asker) pieces(r analytics.Range) pieces {
	whole, edges := split(r)
	p := pieces{whole: whole}
	if whole.From.IsZero() || whole.To.IsZero() || whole.From.Before(whole.To) {
		p.tail = fmt.Sprintf("n > %d AND %s", k.sealed, within("ts", whole))
	}
	for _, e := range edges {
		p.edges = append(p.edges, within("ts", e))
	}
	return p
}

// unsummed are the conditions on the calls of a range that are not in the sums of its whole days.
func (p *pieces) unsummed() []string {
	if p.tail == "" {
		return p.edges
	}
	return append([]string{p.tail}, p.edges...)
}

// page cuts a page out of rows that are sorted.
func page[T any](rows []T, p analytics.Page) (analytics.List[T], error) {
	from, err := begin(p)
	if err != nil {
		return analytics.List[T]{}, err
	}
	total := len(rows)
	from = min(from, total)
	to := min(from+p.Limit, total)
	out := analytics.List[T]{Rows: rows[from:to], Total: int64(total)}
	if to < total {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}

// begin is how many rows stand before a page.
func begin(p analytics.Page) (int, error) {
	if p.Cursor == "" {
		return p.Offset, nil
	}
	return offset(p.Cursor)
}

// offset reads a cursor that is a number of rows.
func offset(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cursor)
	if err != nil || n < 0 {
		return 0, analytics.ErrCursor
	}
	return n, nil
}

// order reads the name of an order: its field, and whether it descends.
func order(sort, otherwise string) (field string, down bool) {
	if sort == "" {
		sort = otherwise
	}
	return strings.CutPrefix(sort, "-")
}
