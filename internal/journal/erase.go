package journal

import (
	"context"
	"slices"

	"penstock/internal/duck"
	kernel "penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// erasedMax is how many rows are named in one statement.
const erasedMax = 4096

// Erase takes from the rows of lines of EVENTS or OUTCOMES all that tells of persons: they are as if they had been made of what stands in the log in their place
// now. Run must be running.
func (j *Journal) Erase(ctx context.Context, stream eventlog.Stream, lines []record.Position) error {
	if len(lines) == 0 {
		return nil
	}
	query := `UPDATE journal.events SET type = '` + kernel.TypeErased + `', name = NULL, user_id = NULL, anonymous_id = NULL, group_id = NULL
		WHERE (seq, line) IN (SELECT unnest(?::UBIGINT[]), unnest(?::UINTEGER[]))`
	if stream == eventlog.Outcomes {
		query = `UPDATE journal.outcomes SET reason = NULL, url = NULL WHERE (log_seq, log_line) IN (SELECT unnest(?::UBIGINT[]), unnest(?::UINTEGER[]))`
	}
	return j.change(ctx, func(ctx context.Context, tx *duck.Tx) error {
		for some := range slices.Chunk(lines, erasedMax) {
			var seqs, numbers []any
			for _, at := range some {
				seqs, numbers = append(seqs, at.Seq), append(numbers, uint32(at.Line)) //nolint:gosec // a line of a frame
			}
			if err := tx.Exec(ctx, query, seqs, numbers); err != nil {
				return err
			}
		}
		return nil
	})
}
