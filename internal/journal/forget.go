package journal

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

// Forget removes the rows of what lay on a subject of EVENTS or OUTCOMES before a sequence, which the log no longer has. Run must be running.
func (j *Journal) Forget(ctx context.Context, stream eventlog.Stream, subject string, before uint64) error {
	kind, rest, _ := strings.Cut(subject, ".")
	workspace, last, _ := strings.Cut(rest, ".")
	query := "DELETE FROM journal.events WHERE workspace = ? AND source = ? AND seq < ?"
	switch {
	case kind == "rejected":
		query = "DELETE FROM journal.rejected WHERE workspace = ? AND source = ? AND seq < ?"
	case stream == eventlog.Outcomes:
		query = "DELETE FROM journal.outcomes WHERE workspace = ? AND mapping = ? AND log_seq < ?"
	}
	return j.change(ctx, func(ctx context.Context, tx *duck.Tx) error {
		if err := tx.Exec(ctx, query, workspace, last, before); err != nil {
			return err
		}
		return tx.Exec(ctx, "DELETE FROM journal.holes WHERE subject = ? AND seq < ?", subject, before)
	})
}

// change has Run carry something out in a transaction of its own.
func (j *Journal) change(ctx context.Context, carryOut func(context.Context, *duck.Tx) error) error {
	f := forget{carryOut: carryOut, done: make(chan error, 1)}
	select {
	case j.forgets <- f:
	case <-ctx.Done():
		return fmt.Errorf("wait for the journal: %w", context.Cause(ctx))
	}
	if err := <-f.done; err != nil {
		return fmt.Errorf("change journal: %w", err)
	}
	return nil
}
