package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// anything is the event that stands, in days, for whatever a visitor does.
const anything = "event = 0"

// days calls each for what there is of events, by day, in a range: their numbers, and sets of visitors (aliases among them) and accounts. Of one event and day there may be several. which is a condition
// on event.
func (k *asker) days(ctx context.Context, which string, r analytics.Range, each func(*day)) error {
	p := k.pieces(r)
	err := duck.Each(ctx, k, func(rows *sql.Rows) error {
		d, err := scanStoredDay(rows)
		if err == nil {
			each(&d)
		}
		return err
	}, fmt.Sprintf("%s WHERE app = %d AND %s AND %s", storedDays, k.app, which, inDays(p.whole)))
	if err != nil {
		return err
	}
	event, condition := "event", live+" AND "+which
	if which == anything {
		event, condition = "0", "counted AND NOT hidden"
	}
	for _, piece := range p.unsummed() {
		err := duck.Each(ctx, k, func(rows *sql.Rows) error {
			d, err := scanDay(rows)
			if err == nil {
				each(&d)
			}
			return err
		}, daysOf(event, fmt.Sprintf("app = %d AND %s AND %s", k.app, condition, piece)))
		if err != nil {
			return err
		}
	}
	return nil
}

// sets are the visitors and the accounts of something.
type sets struct{ visitors, accounts []*roaring.Bitmap }

func (s *sets) add(visitors, accounts *roaring.Bitmap) {
	s.visitors, s.accounts = append(s.visitors, visitors), append(s.accounts, accounts)
}

// count is how many visitors and accounts there are.
func (s *sets) count(m *merged) (visitors, accounts int64) {
	everybody := roaring.FastOr(s.visitors...)
	m.resolve(everybody)
	return int64(everybody.GetCardinality()), int64(roaring.FastOr(s.accounts...).GetCardinality()) //nolint:gosec // counts
}

// daily is a table expression of events, by day and event, of all time, that meet a condition on event: event, day, events, no_visitor, no_account, first_seen, last_seen.
func (k *asker) daily(which string) string {
	return fmt.Sprintf(`(SELECT event, day, events, no_visitor, no_account, first_seen, last_seen FROM analytics.days WHERE app = %[1]d AND event <> 0 AND %[2]s
		UNION ALL
		SELECT event, ts::DATE AS day, count(*), count(*) - count(visitor), count(*) - count(account), min(ts), max(ts)
		FROM analytics.calls WHERE app = %[1]d AND n > %[3]d AND %[4]s AND %[2]s GROUP BY 1, 2)`, k.app, which, k.sealed, live)
}

// verdictCounts counts calls by event and verdict in a range; which is a condition on event, that is 0 for calls without one.
func (k *asker) verdictCounts(ctx context.Context, which string, r analytics.Range, each func(event uint32, day sql.NullTime, code string, n int64)) error {
	p := k.pieces(r)
	query := &strings.Builder{}
	fmt.Fprintf(query, "SELECT event, day, verdicts, sum(events)::BIGINT FROM analytics.day_verdicts WHERE app = %d AND %s AND %s GROUP BY ALL", k.app, which, inDays(p.whole))
	for _, piece := range p.unsummed() {
		fmt.Fprintf(query, ` UNION ALL SELECT * FROM (SELECT coalesce(event, 0) AS event, ts::DATE, verdicts, count(*) FROM analytics.calls
			WHERE app = %d AND verdicts <> 0 AND NOT hidden AND %s GROUP BY 1, 2, 3) WHERE %s`, k.app, piece, which)
	}
	return duck.Each(ctx, k, func(rows *sql.Rows) error {
		var event uint32
		var day sql.NullTime
		var bits uint64
		var n int64
		err := rows.Scan(&event, &day, &bits, &n)
		for i, code := range k.verdicts {
			if bits&(1<<i) != 0 {
				each(event, day, code, n)
			}
		}
		return err
	}, query.String())
}
