package analyze

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"iter"
	"slices"

	"penstock/internal/duck"
)

// known asks the table for the first rows of the calls, and of their messageIds, that the filter does not rule out.
func (a *Analyzer) known(ctx context.Context, calls []call) (knownCalls, knownMessages firsts, err error) {
	var byCall, byMessage []any
	for i := range calls {
		if h := calls[i].hashOfCall(); h != 0 && a.filter.has(h) {
			byCall = append(byCall, h)
		}
		if h := calls[i].hashOfMessage(); h != 0 && a.filter.has(h) {
			byMessage = append(byMessage, h)
		}
	}
	if knownCalls, err = a.find(ctx, "call_hash", byCall); err != nil {
		return nil, nil, err
	}
	knownMessages, err = a.find(ctx, "message_hash", byMessage)
	return knownCalls, knownMessages, err
}

// askedMax is how many hashes are asked for at a time.
const askedMax = 4096

// find returns the first rows that have one of the hashes in a column.
func (a *Analyzer) find(ctx context.Context, column string, hashes []any) (firsts, error) {
	found := firsts{}
	for some := range slices.Chunk(hashes, askedMax) {
		err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
			var h uint64
			var i identity
			err := r.Scan(&h, &i.app, &i.webhookID, &i.messageID, &i.typ, &i.event, &i.Seq, &i.Line, &i.element)
			found.add(h, &i)
			return err
		}, `SELECT `+column+`, app, coalesce(webhook_id, ''), coalesce(message_id, ''), coalesce(type, ''), coalesce(event, ''), seq, line, element
			FROM analytics.calls WHERE `+column+` IN (SELECT unnest(?::UBIGINT[]))`, some)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func rows(calls []call) iter.Seq[[]driver.Value] {
	return func(yield func([]driver.Value) bool) {
		for i := range calls {
			if !yield(calls[i].row()) {
				return
			}
		}
	}
}
