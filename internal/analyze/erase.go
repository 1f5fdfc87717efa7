package analyze

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"penstock/internal/analytics"
	"penstock/internal/duck"
)

// erasing is the erasures whose people may still be in the log.
type erasing struct {
	mu  sync.RWMutex
	all map[string][]erasure // by the id of the erasure
}

// erasure is one of the people of an app, in what lies up to a sequence of RECEIVED.
type erasure struct {
	who  map[analytics.Who]bool
	app  string
	upTo uint64
}

// hides tells whether a call is of somebody who is erased.
func (e *erasing) hides(c call) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, all := range e.all {
		for _, one := range all {
			if one.app == c.appID && c.Seq <= one.upTo && one.names(&c) {
				return true
			}
		}
	}
	return false
}

// names tells whether a call names one of the people.
func (e *erasure) names(c *call) bool {
	for _, visitor := range []string{c.Visitor, c.OldVisitor, c.AnonymousID} {
		if visitor != "" && e.who[analytics.Who{Kind: analytics.KindVisitor, ID: visitor}] {
			return true
		}
	}
	return e.who[analytics.Who{Kind: analytics.KindAccount, ID: c.Account}] || e.who[analytics.Who{Kind: analytics.KindAccount, ID: c.ParentAccount}]
}

// Erase takes people of an app (id) out of all that lies up to a sequence of RECEIVED, and returns once no answer knows of them. It must be called again after every start, before Run, for as long as
// the log may still hold them; id is that of the erasure.
func (a *Analyzer) Erase(ctx context.Context, id, app string, people []analytics.Who, upTo uint64) error {
	one := erasure{who: map[analytics.Who]bool{}, app: app, upTo: upTo}
	for _, who := range people {
		one.who[who] = true
	}
	a.erasing.mu.Lock()
	if a.erasing.all == nil {
		a.erasing.all = map[string][]erasure{}
	}
	a.erasing.all[id] = append(a.erasing.all[id], one)
	a.erasing.mu.Unlock()
	if err := a.command(ctx, func(ctx context.Context) error { return a.erase(ctx, app, people, upTo) }); err != nil {
		return fmt.Errorf("erase from analytics: %w", err)
	}
	return nil
}

// Erased tells that the log does not hold the people of an erasure any more.
func (a *Analyzer) Erased(id string) {
	a.erasing.mu.Lock()
	defer a.erasing.mu.Unlock()
	delete(a.erasing.all, id)
}

// erase takes people out of the tables.
func (a *Analyzer) erase(ctx context.Context, app string, people []analytics.Who, upTo uint64) error {
	number := a.numbers.apps[app]
	if number == 0 {
		return nil
	}
	var hashes []any
	for _, who := range people {
		hashes = append(hashes, personKey{number, kindOf(who.Kind), who.ID}.hash())
	}
	ids, err := duck.Select(ctx, a.writer, duck.Column[uint32], `WITH these AS (SELECT id FROM analytics.people WHERE hash IN (SELECT unnest(?::UBIGINT[])))
		SELECT id FROM these UNION SELECT alias FROM analytics.merges WHERE person IN (FROM these) UNION SELECT id FROM analytics.people WHERE parent IN (FROM these)`, hashes)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		ids = []uint32{nobody}
	}
	err = a.writer.Transact(ctx, func(tx *duck.Tx) error {
		these := fmt.Sprintf("app = %d AND seq <= %d AND (visitor IN (%[3]s) OR account IN (%[3]s) OR anonymous_id IN (%[4]s))", number, upTo, list(ids), visitorsOf(people))
		if err := a.remove(ctx, tx, these); err != nil {
			return err
		}
		for _, statement := range erasures(list(ids)) {
			if err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.changed.give()
	a.numbers.people.young, a.numbers.people.old = map[personKey]person{}, map[personKey]person{}
	return a.numbers.load(ctx, a.writer)
}

// nobody is the number of no person.
const nobody = 0

// visitorsOf lists the ids of visitors, as SQL has texts in IN.
func visitorsOf(people []analytics.Who) string {
	texts := []string{"NULL"}
	for _, who := range people {
		if who.Kind == analytics.KindVisitor {
			texts = append(texts, text(who.ID))
		}
	}
	return strings.Join(texts, ", ")
}

// remove takes the rows that meet a condition out of the sums, and deletes them.
func (a *Analyzer) remove(ctx context.Context, tx *duck.Tx, these string) error {
	if err := tx.Exec(ctx, "UPDATE analytics.calls SET counted = false, tracked = false, verdicts = 0 WHERE "+these); err != nil {
		return err
	}
	if err := a.redo(ctx, tx, these); err != nil {
		return err
	}
	return tx.Exec(ctx, "DELETE FROM analytics.calls WHERE "+these)
}

// erasures are the statements that take out who people are, and what is known of them.
func erasures(ids string) []string {
	return []string{
		"DELETE FROM analytics.metadata WHERE person IN (" + ids + ")",
		"DELETE FROM analytics.merges WHERE alias IN (" + ids + ") OR person IN (" + ids + ")",
		"UPDATE analytics.people SET text = '', hash = 0, form = 0 WHERE id IN (" + ids + ")",
	}
}
