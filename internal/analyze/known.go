package analyze

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"penstock/internal/duck"
)

// nearWindow is how long after a call another one is looked at as nearly the same: the browser agent sends every two minutes, and keeps what it could not send.
const nearWindow = 2 * time.Hour

// filters are the hashes that are in the table, of calls, messageIds and kinds within their windows, and of people.
type filters struct {
	calls, kinds, people *filter
	since                time.Time // when the newest row was received as the filters were made: they hold the windows before it
}

// rules tells whether a filter may say that a hash is not in the table. It cannot of what was received before the filters begin, when a clock was set back.
func (f *filters) rules(c *call) bool { return !c.at.Before(f.since) }

// refill makes the filters anew, from the tables. They hold what was received within a window before the newest row.
func (a *Analyzer) refill(ctx context.Context) error {
	var newest sql.NullTime
	err := duck.Each(ctx, a.writer, func(r *sql.Rows) error { return r.Scan(&newest) }, "SELECT max(received_at) FROM analytics.calls")
	if err != nil {
		return err
	}
	a.filters.since = newest.Time
	a.filters.calls, err = a.filterOf(ctx, `SELECT call_hash, if(first_message, message_hash, NULL) FROM analytics.calls WHERE received_at >= $1`, newest.Time.Add(-a.cfg.Window))
	if err != nil {
		return err
	}
	if a.filters.kinds, err = a.filterOf(ctx, `SELECT near_hash, NULL::UBIGINT FROM analytics.calls WHERE received_at >= $1`, newest.Time.Add(-nearWindow)); err != nil {
		return err
	}
	a.filters.people, err = a.filterOf(ctx, `SELECT hash, form FROM analytics.people WHERE id >= $1`, 0)
	return err
}

// filterOf makes a filter of the two hashes in each row that a query finds.
func (a *Analyzer) filterOf(ctx context.Context, query string, arg any) (*filter, error) {
	n := 0
	if err := duck.Each(ctx, a.writer, func(r *sql.Rows) error { return r.Scan(&n) }, "SELECT count(*) FROM ("+query+")", arg); err != nil {
		return nil, err
	}
	f := newFilter(2*n, a.cfg.FilterBytesMax)
	err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
		var one, other sql.Null[uint64]
		if err := r.Scan(&one, &other); err != nil {
			return err
		}
		f.add(one.V)
		f.add(other.V)
		return nil
	}, query, arg)
	return f, err
}

// known asks the table for the first rows of the calls, of their messageIds and of their kinds, that the filters do not rule out.
func (a *Analyzer) known(ctx context.Context, calls []call) (k known, err error) {
	var asked asked
	oldest := time.Time{}
	redriven := false
	for i := range calls {
		c := &calls[i]
		if i == 0 || c.at.Before(oldest) {
			oldest = c.at
		}
		redriven = redriven || c.redrive > 0
		asked.add(c, &a.filters)
	}
	since := oldest.Add(-a.cfg.Window)
	if redriven {
		since = time.Unix(0, 0)
	}
	if k.calls, err = a.find(ctx, "call_hash", "true", asked.calls, since); err != nil {
		return k, err
	}
	if k.messages, err = a.find(ctx, "message_hash", "first_message", asked.messages, oldest.Add(-a.cfg.Window)); err != nil {
		return k, err
	}
	k.kinds, err = a.find(ctx, "near_hash", "true", asked.kinds, oldest.Add(-nearWindow))
	return k, err
}

// asked is the hashes that the table is asked for.
type asked struct{ calls, messages, kinds []any }

// add adds the hashes of a call that the filters do not rule out.
func (k *asked) add(c *call, f *filters) {
	always := !f.rules(c)
	if h := c.hashOfCall(); h != 0 && (always || c.redrive > 0 || f.calls.has(h)) {
		k.calls = append(k.calls, h)
	}
	if h := c.hashOfMessage(); h != 0 && (always || f.calls.has(h)) {
		k.messages = append(k.messages, h)
	}
	for _, h := range c.hashesOfKind() {
		if h != 0 && (always || f.kinds.has(h)) {
			k.kinds = append(k.kinds, h)
		}
	}
}

// askedMax is how many hashes are asked for at a time.
const askedMax = 4096

// find returns the rows that have one of the hashes in a column, meet a condition, and were received since a time.
func (a *Analyzer) find(ctx context.Context, column, condition string, hashes []any, since time.Time) (firsts, error) {
	found := firsts{}
	for some := range slices.Chunk(hashes, askedMax) {
		err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
			var h uint64
			var i identity
			err := r.Scan(&h, &i.n, &i.app, &i.webhookID, &i.redrive, &i.messageID, &i.typ, &i.event, &i.visitor, &i.element,
				&i.agent.Tab, &i.agent.Frame, &i.agent.Sequence, &i.agent.BrowserTime, &i.at, &i.ts, &i.via, &i.sender)
			found.add(h, &i)
			return err
		}, `SELECT `+column+`, n, app, coalesce(webhook_id, ''), redrive, coalesce(message_id, ''), coalesce(type, ''), coalesce(event, 0), coalesce(visitor, 0), element,
			coalesce(tab, ''), coalesce(frame, ''), sequence, browser_time, received_at, ts, coalesce(via, ''), coalesce(sender, '')
			FROM analytics.calls WHERE received_at >= $2 AND `+condition+` AND `+column+` IN (SELECT unnest($1::UBIGINT[]))`, some, since)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// remember adds the hashes of calls that are in the table now.
func (f *filters) remember(calls []call) {
	for i := range calls {
		c := &calls[i]
		f.calls.add(c.callHash)
		if c.first {
			f.calls.add(c.hashOfMessage())
		}
		f.kinds.add(c.nearHash)
	}
}

func (f *filters) full() bool { return f.calls.full() || f.kinds.full() || f.people.full() }
