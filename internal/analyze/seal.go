package analyze

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/pendowire"
)

// What sums may grow to before they are added up.
const (
	dayRowsMax      = 8       // of one event and day
	activityRowsMax = 200_000 // beyond twice as many as there were when they were added up last
)

// seal takes the rows up to n into the sums.
func (a *Analyzer) seal(ctx context.Context, tx *duck.Tx, n uint64) error {
	part := fmt.Sprintf("n > %d AND n <= %d", a.at.sealed, n)
	days, err := a.sumDays(ctx, tx, part)
	if err == nil {
		err = sumPeriods(ctx, tx, days)
	}
	if err != nil {
		return fmt.Errorf("sum up days: %w", err)
	}
	if err := tx.Exec(ctx, sumActivity+part+" GROUP BY ALL"); err != nil {
		return fmt.Errorf("sum up activity: %w", err)
	}
	a.at.sealed = n
	if err := a.compactDays(ctx, tx, part); err != nil {
		return fmt.Errorf("compact days: %w", err)
	}
	if err := a.compactPeriods(ctx, tx, part); err != nil {
		return fmt.Errorf("compact periods: %w", err)
	}
	return a.compactActivity(ctx, tx)
}

// sumActivity adds what visitors did for accounts; a condition on calls follows.
const sumActivity = `INSERT INTO analytics.activity
	SELECT app, coalesce(visitor, 0), coalesce(account, 0), count(*) FILTER (tracked), count(*), min(ts), max(ts)
	FROM analytics.calls WHERE counted AND NOT hidden AND `

// sumDays adds the sums by days of the rows that meet a condition, and returns those of single events.
func (a *Analyzer) sumDays(ctx context.Context, tx *duck.Tx, where string) ([]day, error) {
	err := tx.Exec(ctx, `INSERT INTO analytics.day_verdicts
		SELECT app, coalesce(event, 0), ts::DATE, verdicts, count(*) FROM analytics.calls WHERE verdicts <> 0 AND NOT hidden AND `+where+` GROUP BY ALL`)
	if err != nil {
		return nil, err
	}
	events, err := duck.Select(ctx, a.writer, scanDay, daysOf("event", "tracked AND NOT hidden AND "+where))
	if err != nil {
		return nil, err
	}
	all, err := duck.Select(ctx, a.writer, scanDay, daysOf("0", "counted AND NOT hidden AND "+where))
	if err != nil {
		return nil, err
	}
	return events, appendDays(ctx, tx, slices.Concat(events, all))
}

// day is what is known of an event on a day.
type day struct {
	app, event                   uint32
	day                          time.Time
	events, noVisitor, noAccount int64
	first, last                  time.Time
	visitors, accounts           *roaring.Bitmap
}

// daysOf is a query for days of calls that meet a condition; event is an expression.
func daysOf(event, where string) string {
	return `SELECT app, ` + event + `::UINTEGER, ts::DATE, count(*), count(*) - count(visitor), count(*) - count(account), min(ts), max(ts),
		list(visitor) FILTER (visitor IS NOT NULL), list(account) FILTER (account IS NOT NULL)
		FROM analytics.calls WHERE ` + where + ` GROUP BY 1, 2, 3`
}

// scanDay reads a row of daysOf.
func scanDay(r *sql.Rows) (day, error) {
	d := day{}
	var visitors, accounts any
	err := r.Scan(&d.app, &d.event, &d.day, &d.events, &d.noVisitor, &d.noAccount, &d.first, &d.last, &visitors, &accounts)
	d.visitors, d.accounts = setOf(visitors), setOf(accounts)
	return d, err
}

// setOf makes a set of a list of numbers as the database gives it.
func setOf(list any) *roaring.Bitmap {
	set := roaring.New()
	numbers, _ := list.([]any)
	ids := make([]uint32, 0, len(numbers))
	for _, n := range numbers {
		if id, ok := n.(uint32); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	set.AddMany(ids)
	return set
}

func appendDays(ctx context.Context, tx *duck.Tx, days []day) error {
	rows := make([][]driver.Value, 0, len(days))
	for _, d := range days {
		visitors, accounts, err := writeSets(d.visitors, d.accounts)
		if err != nil {
			return err
		}
		rows = append(rows, []driver.Value{
			d.app, d.event, d.day, uint64(d.events), uint64(d.noVisitor), uint64(d.noAccount), d.first, d.last, visitors, accounts, //nolint:gosec // counts
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Append(ctx, "days", slices.Values(rows))
}

// storedDays is the beginning of a query for rows of days, as scanStoredDay reads them.
const storedDays = `SELECT app, event, day, events, no_visitor, no_account, first_seen, last_seen, visitors, accounts FROM analytics.days `

func scanStoredDay(r *sql.Rows) (d day, err error) {
	var visitors, accounts []byte
	if err = r.Scan(&d.app, &d.event, &d.day, &d.events, &d.noVisitor, &d.noAccount, &d.first, &d.last, &visitors, &accounts); err == nil {
		d.visitors, d.accounts, err = readSets(visitors, accounts)
	}
	return d, err
}

// readSets reads the sets of visitors and accounts as writeSets has written them; they stand on these bytes.
func readSets(visitors, accounts []byte) (v, a *roaring.Bitmap, err error) {
	v, a = roaring.New(), roaring.New()
	if _, err = v.FromUnsafeBytes(visitors); err == nil {
		_, err = a.FromUnsafeBytes(accounts)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read set: %w", err)
	}
	return v, a, nil
}

// writeSets writes sets of visitors and accounts as bytes.
func writeSets(visitors, accounts *roaring.Bitmap) (v, a []byte, err error) {
	if v, err = visitors.ToBytes(); err == nil {
		a, err = accounts.ToBytes()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("write set: %w", err)
	}
	return v, a, nil
}

// add adds the numbers of another row of the same event and day.
func (d *day) add(e *day) {
	d.events, d.noVisitor, d.noAccount = d.events+e.events, d.noVisitor+e.noVisitor, d.noAccount+e.noAccount
	if d.first.IsZero() || e.first.Before(d.first) {
		d.first = e.first
	}
	if e.last.After(d.last) {
		d.last = e.last
	}
	d.visitors.Or(e.visitors)
	d.accounts.Or(e.accounts)
}

// compactDays adds up what has many rows, of the days of the rows that meet a condition.
func (a *Analyzer) compactDays(ctx context.Context, tx *duck.Tx, where string) error {
	crowded := fmt.Sprintf(`(SELECT app, event, day FROM analytics.days WHERE day IN (SELECT DISTINCT ts::DATE FROM analytics.calls WHERE %s)
		GROUP BY ALL HAVING count(*) > %d)`, where, dayRowsMax)
	sums := map[[3]int64]*day{}
	err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
		d, err := scanStoredDay(r)
		if err != nil {
			return err
		}
		k := [3]int64{int64(d.app), int64(d.event), d.day.Unix()}
		if sums[k] == nil {
			sums[k] = &day{app: d.app, event: d.event, day: d.day, visitors: roaring.New(), accounts: roaring.New()}
		}
		sums[k].add(&d)
		return nil
	}, storedDays+`WHERE (app, event, day) IN `+crowded)
	if err != nil || len(sums) == 0 {
		return err
	}
	if err := tx.Exec(ctx, `DELETE FROM analytics.days WHERE (app, event, day) IN `+crowded); err != nil {
		return err
	}
	days := make([]day, 0, len(sums))
	for _, d := range sums {
		days = append(days, *d)
	}
	return appendDays(ctx, tx, days)
}

// compactActivity adds up the activity when it has grown.
func (a *Analyzer) compactActivity(ctx context.Context, tx *duck.Tx) error {
	rows := uint64(0)
	count := func() error {
		return duck.Each(ctx, a.writer, func(r *sql.Rows) error { return r.Scan(&rows) }, "SELECT count(*) FROM analytics.activity")
	}
	if err := count(); err != nil || rows < 2*a.at.activity+activityRowsMax {
		return err
	}
	for _, q := range []string{
		`CREATE TABLE analytics.activity_sums AS SELECT app, visitor, account, sum(events)::UBIGINT AS events, sum(calls)::UBIGINT AS calls,
			min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM analytics.activity GROUP BY app, visitor, account`,
		"DROP TABLE analytics.activity",
		"ALTER TABLE analytics.activity_sums RENAME TO activity",
	} {
		if err := tx.Exec(ctx, q); err != nil {
			return fmt.Errorf("compact activity: %w", err)
		}
	}
	if err := count(); err != nil {
		return err
	}
	a.at.activity = rows
	return nil
}

// correct takes the place of rows that a redrive replaced, and hides people.
func (a *Analyzer) correct(ctx context.Context, tx *duck.Tx, fix corrections) error {
	if len(fix.replaced) > 0 {
		these := "n IN (" + list(fix.replaced) + ")"
		bit := a.numbers.bits([]pendowire.Verdict{pendowire.Replaced})
		err := tx.Exec(ctx, fmt.Sprintf("UPDATE analytics.calls SET counted = false, tracked = false, verdicts = verdicts | %d::UBIGINT WHERE %s", bit, these))
		if err != nil {
			return err
		}
		if err := a.redo(ctx, tx, these); err != nil {
			return err
		}
	}
	if len(fix.hide) > 0 {
		return a.rehide(ctx, tx, fix.hide)
	}
	return nil
}

// redo makes the sums anew that the rows which meet a condition are in. What these rows are in must not have changed, only what they say.
func (a *Analyzer) redo(ctx context.Context, tx *duck.Tx, where string) error {
	sealed := fmt.Sprintf("n <= %d", a.at.sealed)
	touched := map[uint32][]time.Time{} // days, by app
	err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
		var app uint32
		var day time.Time
		err := r.Scan(&app, &day)
		touched[app] = append(touched[app], day)
		return err
	}, "SELECT DISTINCT app, ts::DATE FROM analytics.calls WHERE "+sealed+" AND ("+where+")")
	if err != nil || len(touched) == 0 {
		return err
	}
	for app, days := range touched {
		for _, day := range days {
			if err := a.redoDay(ctx, tx, app, day); err != nil {
				return err
			}
		}
		if err := a.redoPeriods(ctx, tx, app, days); err != nil {
			return err
		}
	}
	pairs := "(SELECT DISTINCT app, coalesce(visitor, 0), coalesce(account, 0) FROM analytics.calls WHERE " + sealed + " AND (" + where + "))"
	if err := tx.Exec(ctx, "DELETE FROM analytics.activity WHERE (app, visitor, account) IN "+pairs); err != nil {
		return err
	}
	return tx.Exec(ctx, sumActivity+sealed+" AND (app, coalesce(visitor, 0), coalesce(account, 0)) IN "+pairs+" GROUP BY ALL")
}

// redoDay makes the sums of an app on a day anew.
func (a *Analyzer) redoDay(ctx context.Context, tx *duck.Tx, app uint32, day time.Time) error {
	for _, table := range []string{"days", "day_verdicts"} {
		if err := tx.Exec(ctx, fmt.Sprintf("DELETE FROM analytics.%s WHERE app = %d AND day = %s", table, app, date(day))); err != nil {
			return err
		}
	}
	that := fmt.Sprintf("n <= %d AND app = %d AND %s", a.at.sealed, app, within("ts", analytics.Range{From: day, To: day.AddDate(0, 0, 1)}))
	_, err := a.sumDays(ctx, tx, that)
	return err
}
