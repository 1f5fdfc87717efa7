package analyze

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// applyFlags brings the tables to what the exclude list says: who is on it, with the aliases, is hidden, and nobody else.
func (a *Analyzer) applyFlags(ctx context.Context) error {
	wanted, err := a.wanted(ctx)
	if err != nil {
		return err
	}
	var show, hide []uint32
	for id := range a.numbers.hidden {
		if _, ok := wanted[id]; !ok {
			show = append(show, id)
		}
	}
	for id := range wanted {
		if !a.numbers.hidden[id] {
			hide = append(hide, id)
		}
	}
	if len(show)+len(hide) == 0 {
		return nil
	}
	err = a.writer.Transact(ctx, func(tx *duck.Tx) error {
		if err := tx.Exec(ctx, "DELETE FROM analytics.hidden WHERE person IN ("+list(append(show, 0))+")"); err != nil {
			return err
		}
		for _, id := range hide {
			if err := tx.Exec(ctx, "INSERT INTO analytics.hidden VALUES (?, ?)", id, uint8(wanted[id])); err != nil {
				return err
			}
		}
		return a.rehide(ctx, tx, slices.Concat(show, hide))
	})
	if err != nil {
		return fmt.Errorf("apply exclude list: %w", err)
	}
	for _, id := range show {
		delete(a.numbers.hidden, id)
	}
	for _, id := range hide {
		a.numbers.hidden[id] = true
	}
	a.changed.give()
	return nil
}

// wanted is the people that are to be hidden.
func (a *Analyzer) wanted(ctx context.Context) (map[uint32]kind, error) {
	var hashes []any
	a.flags.mu.RLock()
	for k, f := range a.flags.all {
		if app := a.numbers.apps[k.app]; f.Excluded && app != 0 {
			hashes = append(hashes, personKey{app, kindOf(k.kind), k.id}.hash())
		}
	}
	a.flags.mu.RUnlock()
	wanted := map[uint32]kind{}
	if len(hashes) == 0 {
		return wanted, nil
	}
	found, err := duck.Select(ctx, a.writer, func(r *sql.Rows) (p struct {
		id   uint32
		kind kind
	}, err error,
	) {
		return p, r.Scan(&p.id, &p.kind)
	}, `WITH these AS (SELECT id, kind FROM analytics.people WHERE hash IN (SELECT unnest(?::UBIGINT[])))
		SELECT id, kind FROM these UNION SELECT m.alias, 0 FROM analytics.merges m JOIN these ON these.id = m.person`, hashes)
	for _, p := range found {
		wanted[p.id] = p.kind
	}
	return wanted, err
}

func kindOf(k analytics.Kind) kind {
	if k == analytics.KindAccount {
		return account
	}
	return visitor
}

// rehide says anew of the rows of people whether they are hidden, as the table hidden has it, and makes the sums that they are in anew.
func (a *Analyzer) rehide(ctx context.Context, tx *duck.Tx, people []uint32) error {
	these := fmt.Sprintf("visitor IN (%[1]s) OR account IN (%[1]s)", list(people))
	err := tx.Exec(ctx, `UPDATE analytics.calls SET hidden = coalesce(visitor IN (SELECT person FROM analytics.hidden), false)
		OR coalesce(account IN (SELECT person FROM analytics.hidden), false) WHERE `+these)
	if err != nil {
		return err
	}
	return a.redo(ctx, tx, these)
}

// list writes numbers as SQL has them in IN.
func list[T uint32 | uint64](numbers []T) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatUint(uint64(n), 10)
	}
	return strings.Join(texts, ", ")
}
