package analyze

import (
	"context"
	"fmt"
	"strings"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
)

// forget is a request to remove rows, for the one goroutine that writes.
type forget struct {
	carryOut func(ctx context.Context, tx *duck.Tx) error
	done     chan error
}

// Forget removes the rows of what lay on a subject of RECEIVED before a sequence, which the log no longer has. Run must be running.
func (a *Analyzer) Forget(ctx context.Context, _ eventlog.Stream, subject string, before uint64) error {
	_, rest, _ := strings.Cut(subject, ".")
	workspace, app, _ := strings.Cut(rest, ".")
	return a.change(ctx, func(ctx context.Context, tx *duck.Tx) error {
		if err := tx.Exec(ctx, "DELETE FROM analytics.calls WHERE workspace = ? AND app = ? AND seq < ?", workspace, app, before); err != nil {
			return err
		}
		return tx.Exec(ctx, "DELETE FROM analytics.holes WHERE subject = ? AND seq < ?", subject, before)
	})
}

// change has Run carry something out in a transaction of its own.
func (a *Analyzer) change(ctx context.Context, carryOut func(context.Context, *duck.Tx) error) error {
	f := forget{carryOut: carryOut, done: make(chan error, 1)}
	select {
	case a.forgets <- f:
	case <-ctx.Done():
		return fmt.Errorf("wait for analytics: %w", context.Cause(ctx))
	}
	if err := <-f.done; err != nil {
		return fmt.Errorf("change analytics: %w", err)
	}
	return nil
}

// Erase removes the rows of visitors and accounts of an app. Run must be running.
func (a *Analyzer) Erase(ctx context.Context, app string, visitors, accounts []string) error {
	return a.change(ctx, func(ctx context.Context, tx *duck.Tx) error {
		return tx.Exec(ctx, `DELETE FROM analytics.calls WHERE app = ? AND (visitor IN (SELECT unnest(?::VARCHAR[])) OR anonymous IN (SELECT unnest(?::VARCHAR[]))
			OR account IN (SELECT unnest(?::VARCHAR[])) OR split_part(account, '::', 1) IN (SELECT unnest(?::VARCHAR[])))`,
			app, texts(visitors), texts(visitors), texts(accounts), texts(accounts))
	})
}

// texts is a list as DuckDB takes one.
func texts(all []string) []any {
	out := make([]any, len(all))
	for i, s := range all {
		out[i] = s
	}
	return out
}
