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
)

// blockDays is how many days the longest period has. They are cut from 1970-01-01 on, and a shorter one lies within a longer one.
const blockDays = 28

// periods are the lengths of the periods of days that sets are summed up for, in days, the longest first. A day by itself is in days.
func periods() []int { return []int{blockDays, 7} }

// period is who did something on some days, from one on.
type period struct {
	app, event         uint32
	days               int
	from               time.Time
	visitors, accounts *roaring.Bitmap
}

// periodKey names a period.
type periodKey struct {
	app, event uint32
	days       int
	from       int64 // seconds since 1970
}

func (p *period) key() periodKey { return periodKey{p.app, p.event, p.days, p.from.Unix()} }

// periodStart is the first day of the period of so many days that a day lies in.
func periodStart(day time.Time, days int) time.Time {
	const second = 24 * 60 * 60
	n := day.Unix() / second
	n -= (n%int64(days) + int64(days)) % int64(days)
	return time.Unix(n*second, 0).UTC()
}

// stretch is a part of a range that periods of so many days make up.
type stretch struct {
	days int
	analytics.Range
}

// stretches cuts a range of whole days into as long periods as there are.
func stretches(r analytics.Range, lengths []int) []stretch {
	if !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
		return nil
	}
	if len(lengths) == 0 {
		return []stretch{{1, r}}
	}
	inner := r
	if !r.From.IsZero() {
		if inner.From = periodStart(r.From, lengths[0]); inner.From.Before(r.From) {
			inner.From = inner.From.AddDate(0, 0, lengths[0])
		}
	}
	if !r.To.IsZero() {
		inner.To = periodStart(r.To, lengths[0])
	}
	if !r.From.IsZero() && !r.To.IsZero() && !inner.From.Before(inner.To) {
		return stretches(r, lengths[1:])
	}
	all := []stretch{{lengths[0], inner}}
	if !r.From.IsZero() {
		all = append(all, stretches(analytics.Range{From: r.From, To: inner.From}, lengths[1:])...)
	}
	if !r.To.IsZero() {
		all = append(all, stretches(analytics.Range{From: inner.To, To: r.To}, lengths[1:])...)
	}
	return all
}

// setsIn calls each for sets of visitors (aliases among them) and accounts that together are those of events in a range. Of one event there may be many. which is a condition on event.
func (k *asker) setsIn(ctx context.Context, which string, r analytics.Range, each func(*period)) error {
	p := k.pieces(r)
	for _, s := range stretches(p.whole, periods()) {
		query := fmt.Sprintf("%s WHERE app = %d AND %s AND days = %d AND %s", storedPeriods, k.app, which, s.days, inDays(s.Range))
		if s.days == 1 {
			query = fmt.Sprintf("SELECT app, event, 1, day, visitors, accounts FROM analytics.days WHERE app = %d AND %s AND %s", k.app, which, inDays(s.Range))
		}
		err := duck.Each(ctx, k, func(rows *sql.Rows) error {
			p, err := scanPeriod(rows)
			if err == nil {
				each(&p)
			}
			return err
		}, query)
		if err != nil {
			return err
		}
	}
	for _, piece := range p.unsummed() {
		err := duck.Each(ctx, k, func(rows *sql.Rows) error {
			d, err := scanDay(rows)
			if err == nil {
				each(&period{event: d.event, visitors: d.visitors, accounts: d.accounts})
			}
			return err
		}, daysOf("event", fmt.Sprintf("app = %d AND %s AND %s AND %s", k.app, live, which, piece)))
		if err != nil {
			return err
		}
	}
	return nil
}

// storedPeriods is the beginning of a query for rows of periods, as scanPeriod reads them.
const storedPeriods = "SELECT app, event, days, day, visitors, accounts FROM analytics.periods "

func scanPeriod(r *sql.Rows) (p period, err error) {
	var visitors, accounts []byte
	if err = r.Scan(&p.app, &p.event, &p.days, &p.from, &visitors, &accounts); err == nil {
		p.visitors, p.accounts, err = readSets(visitors, accounts)
	}
	return p, err
}

// united are periods that grow.
type united map[periodKey]*period

func (u united) add(p *period) {
	k := p.key()
	if u[k] == nil {
		u[k] = &period{app: p.app, event: p.event, days: p.days, from: p.from, visitors: roaring.New(), accounts: roaring.New()}
	}
	u[k].visitors.Or(p.visitors)
	u[k].accounts.Or(p.accounts)
}

// addDay adds the sets of a day to the periods that it lies in.
func (u united) addDay(d *day) {
	for _, days := range periods() {
		u.add(&period{app: d.app, event: d.event, days: days, from: periodStart(d.day, days), visitors: d.visitors, accounts: d.accounts})
	}
}

func (u united) write(ctx context.Context, tx *duck.Tx) error {
	rows := make([][]driver.Value, 0, len(u))
	for _, p := range u {
		visitors, accounts, err := writeSets(p.visitors, p.accounts)
		if err != nil {
			return err
		}
		rows = append(rows, []driver.Value{p.app, p.event, uint8(p.days), p.from, visitors, accounts}) //nolint:gosec // at most blockDays
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Append(ctx, "periods", slices.Values(rows))
}

// sumPeriods adds the sets of days to periods.
func sumPeriods(ctx context.Context, tx *duck.Tx, days []day) error {
	sums := united{}
	for i := range days {
		sums.addDay(&days[i])
	}
	return sums.write(ctx, tx)
}

// compactPeriods adds up the periods that have many rows, of the days of the rows that meet a condition.
func (a *Analyzer) compactPeriods(ctx context.Context, tx *duck.Tx, where string) error {
	crowded := fmt.Sprintf(`(SELECT app, event, days, day FROM analytics.periods WHERE day > (SELECT min(ts)::DATE - %d FROM analytics.calls WHERE %s)
		GROUP BY ALL HAVING count(*) > %d)`, blockDays, where, dayRowsMax)
	sums := united{}
	err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
		p, err := scanPeriod(r)
		if err == nil {
			sums.add(&p)
		}
		return err
	}, storedPeriods+"WHERE (app, event, days, day) IN "+crowded)
	if err != nil || len(sums) == 0 {
		return err
	}
	if err := tx.Exec(ctx, "DELETE FROM analytics.periods WHERE (app, event, days, day) IN "+crowded); err != nil {
		return err
	}
	return sums.write(ctx, tx)
}

// redoPeriods makes the periods of an app anew that days lie in.
func (a *Analyzer) redoPeriods(ctx context.Context, tx *duck.Tx, app uint32, days []time.Time) error {
	blocks := map[time.Time]bool{}
	for _, d := range days {
		blocks[periodStart(d, blockDays)] = true
	}
	for from := range blocks {
		that := fmt.Sprintf("app = %d AND %s", app, inDays(analytics.Range{From: from, To: from.AddDate(0, 0, blockDays)}))
		if err := tx.Exec(ctx, "DELETE FROM analytics.periods WHERE "+that); err != nil {
			return err
		}
		sums := united{}
		err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
			d, err := scanStoredDay(r)
			if err == nil {
				sums.addDay(&d)
			}
			return err
		}, storedDays+"WHERE event <> 0 AND "+that)
		if err != nil {
			return err
		}
		if err := sums.write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
