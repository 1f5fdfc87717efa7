package analyze

import (
	"context"
	"fmt"
	"strings"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
)

// Forget removes the rows of what lay on a subject of RECEIVED before a sequence, which the log no longer has. Run must be running.
func (a *Analyzer) Forget(ctx context.Context, _ eventlog.Stream, subject string, before uint64) error {
	app := subject[strings.LastIndexByte(subject, '.')+1:]
	err := a.command(ctx, func(ctx context.Context) error {
		return a.writer.Transact(ctx, func(tx *duck.Tx) error {
			if err := tx.Exec(ctx, "DELETE FROM analytics.holes WHERE subject = ? AND seq < ?", subject, before); err != nil {
				return err
			}
			return a.remove(ctx, tx, fmt.Sprintf("app = %d AND seq < %d", a.numbers.apps[app], before))
		})
	})
	if err != nil {
		return fmt.Errorf("forget what %s has lost: %w", subject, err)
	}
	a.changed.give()
	return nil
}
