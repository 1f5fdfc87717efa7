package analyze

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/pendowire"
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

// blank takes out of a call what it says, when its visitor or account is erased.
func (e *erasing) blank(c *call) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, all := range e.all {
		for _, one := range all {
			if one.app == c.appID && c.Seq <= one.upTo && one.names(c) {
				*c = c.blank()
				return
			}
		}
	}
}

// names tells whether a call names one of the people.
func (e *erasure) names(c *call) bool {
	return e.who[analytics.Who{Kind: analytics.KindVisitor, ID: c.Visitor}] || e.who[analytics.Who{Kind: analytics.KindVisitor, ID: c.OldVisitor}] ||
		e.who[analytics.Who{Kind: analytics.KindAccount, ID: c.Account}]
}

// erasedType is the type of what takes the place of an erased event.
const erasedType = "erased"

// blank is what is left of a call that was erased: that there was one.
func (c *call) blank() call {
	b := call{
		Call:      pendowire.Call{Element: c.Element, Type: erasedType, Time: c.at, Ignored: true, Verdicts: []pendowire.Verdict{pendowire.IgnoredType}},
		identity:  identity{place: c.place, typ: erasedType, at: c.at, ts: c.at, via: c.via},
		workspace: c.workspace, appID: c.appID, key: c.key,
	}
	return b
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
		SELECT id FROM these UNION SELECT alias FROM analytics.merges WHERE person IN (FROM these)`, hashes)
	if err != nil || len(ids) == 0 {
		return err
	}
	err = a.writer.Transact(ctx, func(tx *duck.Tx) error {
		these := fmt.Sprintf("seq <= %[2]d AND (visitor IN (%[1]s) OR account IN (%[1]s))", list(ids), upTo)
		if err := tx.Exec(ctx, "UPDATE analytics.calls SET counted = false, tracked = false WHERE "+these); err != nil {
			return err
		}
		if err := a.redo(ctx, tx, these); err != nil {
			return err
		}
		for _, statement := range erasures(these, list(ids)) {
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

// erasures are the statements that take out what rows say, and who the people are.
func erasures(these, ids string) []string {
	blank := &strings.Builder{}
	for _, column := range append([]string{
		"webhook_id", "remote", "sender", "event", "visitor", "account", "message_id", "anonymous_id", "tab", "frame", "ip", "user_agent", "url", "title", "data",
		"of_n", "call_hash", "message_hash", "near_hash",
	}, slotColumns("")...) {
		blank.WriteString(", " + column + " = NULL")
	}
	return []string{
		"UPDATE analytics.calls SET type = '" + erasedType + "', sequence = 0, browser_time = 0, redrive = 0, first_message = false, verdicts = 0, ts = received_at" + blank.String() + " WHERE " + these,
		"DELETE FROM analytics.metadata WHERE person IN (" + ids + ")",
		"DELETE FROM analytics.merges WHERE alias IN (" + ids + ") OR person IN (" + ids + ")",
		"UPDATE analytics.people SET text = '', hash = 0, form = 0 WHERE id IN (" + ids + ")",
	}
}
