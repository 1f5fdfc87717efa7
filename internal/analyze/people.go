package analyze

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/duck"
)

// kind is what sort of people someone is.
type kind uint8

const (
	visitor kind = iota
	account
)

// personKey names one of the people.
type personKey struct {
	app  uint32
	kind kind
	text string
}

func (k personKey) hash() uint64 {
	return newHash("person").number(uint64(k.app)).number(uint64(k.kind)).text(k.text).sum()
}

// form is 0 for anonymous visitors. It is the same for ids that differ in their written form only: in space around them, in how a number is written, or, of e-mail addresses, in case.
func (s *someone) form() uint64 {
	if s.anonymous {
		return 0
	}
	text := strings.TrimSpace(s.text)
	if strings.Contains(text, "@") {
		text = strings.ToLower(text)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && strings.ContainsAny(text, ".") {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return newHash("form").number(uint64(s.app)).number(uint64(s.kind)).text(text).sum()
}

// person is one of the people.
type person struct {
	id        uint32
	otherForm bool // someone else has the same id in another form, and was there before
}

// people gives numbers to visitors and accounts. Those that were met lately are in memory.
type people struct {
	young, old map[personKey]person
	last       uint32 // number that was given
}

func (p *people) cached(k personKey) (person, bool) {
	if v, ok := p.young[k]; ok {
		return v, true
	}
	v, ok := p.old[k]
	if ok {
		p.put(k, v)
	}
	return v, ok
}

func (p *people) put(k personKey, v person) {
	if len(p.young) >= peopleCache {
		p.old, p.young = p.young, map[personKey]person{}
	}
	p.young[k] = v
}

// someone is one of the people that a call names.
type someone struct {
	personKey

	anonymous bool
	parent    string // of an account
}

// people lists whom a call names: visitor, the visitor before, account and parent account, as far as there are any.
func (c *call) people() (all [4]someone) {
	all[0] = someone{personKey{c.app, visitor, c.Visitor}, c.Anonymous, ""}
	all[1] = someone{personKey{c.app, visitor, c.OldVisitor}, true, ""}
	all[2] = someone{personKey{c.app, account, c.Account}, false, c.ParentAccount}
	all[3] = someone{personKey{c.app, account, c.ParentAccount}, false, ""}
	return all
}

// resolve gives numbers to the people of calls, in the order of the log.
func (a *Analyzer) resolve(ctx context.Context, calls []call) error {
	found := map[personKey]person{} // of this batch
	var order []someone
	for i := range calls {
		for _, s := range calls[i].people() {
			if _, ok := found[s.personKey]; ok || s.text == "" {
				continue
			}
			p, ok := a.numbers.people.cached(s.personKey)
			found[s.personKey] = p
			if !ok {
				order = append(order, s)
			}
		}
	}
	if err := a.lookUp(ctx, found, order); err != nil {
		return err
	}
	if err := a.welcome(ctx, found, order); err != nil {
		return err
	}
	for i := range calls {
		c := &calls[i]
		who := c.people()
		v := found[who[0].personKey]
		c.visitor, c.otherForm = v.id, v.otherForm
		c.old, c.account, c.parent = found[who[1].personKey].id, found[who[2].personKey].id, found[who[3].personKey].id
	}
	return nil
}

// lookUp finds those of order that are in the table.
func (a *Analyzer) lookUp(ctx context.Context, found map[personKey]person, order []someone) error {
	var hashes []any
	for _, s := range order {
		if h := s.hash(); a.filters.people.has(h) {
			hashes = append(hashes, h)
		}
	}
	for some := range slices.Chunk(hashes, askedMax) {
		err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
			var k personKey
			var p person
			err := r.Scan(&k.app, &k.kind, &k.text, &p.id, &p.otherForm)
			if _, ok := found[k]; ok {
				found[k] = p
				a.numbers.people.put(k, p)
			}
			return err
		}, "SELECT app, kind, text, id, other_form FROM analytics.people WHERE hash IN (SELECT unnest(?::UBIGINT[]))", some)
		if err != nil {
			return err
		}
	}
	return nil
}

// welcome gives numbers to those of order who have none.
func (a *Analyzer) welcome(ctx context.Context, found map[personKey]person, order []someone) error {
	forms, err := a.knownForms(ctx, found, order)
	if err != nil {
		return err
	}
	parents := map[personKey]string{}
	for _, s := range order {
		if found[s.personKey].id != 0 {
			continue
		}
		a.numbers.people.last++
		form := s.form()
		p := person{id: a.numbers.people.last, otherForm: form != 0 && forms[form]}
		forms[form] = true
		found[s.personKey] = p
		a.numbers.people.put(s.personKey, p)
		parents[s.personKey] = s.parent
		a.numbers.fresh.people = append(a.numbers.fresh.people, []driver.Value{
			p.id, s.app, uint8(s.kind), s.hash(), form, p.otherForm, s.anonymous, nil, s.text,
		})
		a.filters.people.add(s.hash())
		a.filters.people.add(form)
		if a.flags.excluded(a.appID(s.app), s.kind, s.text) {
			a.numbers.hide(p.id, s.kind)
		}
	}
	for _, row := range a.numbers.fresh.people {
		k := personKey{row[1].(uint32), kind(row[2].(uint8)), row[8].(string)} //nolint:forcetypeassert,errcheck // made above
		if parent := parents[k]; parent != "" {
			row[7] = found[personKey{k.app, account, parent}].id
		}
	}
	return nil
}

// knownForms are the forms of the new ones that someone has already.
func (a *Analyzer) knownForms(ctx context.Context, found map[personKey]person, order []someone) (map[uint64]bool, error) {
	var hashes []any
	for _, s := range order {
		if form := s.form(); found[s.personKey].id == 0 && a.filters.people.has(form) {
			hashes = append(hashes, form)
		}
	}
	known := map[uint64]bool{}
	for some := range slices.Chunk(hashes, askedMax) {
		err := duck.Each(ctx, a.writer, func(r *sql.Rows) error {
			var form uint64
			err := r.Scan(&form)
			known[form] = true
			return err
		}, "SELECT form FROM analytics.people WHERE form IN (SELECT unnest(?::UBIGINT[]))", some)
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// appID is the id of the app with a number.
func (a *Analyzer) appID(number uint32) string {
	for id, n := range a.numbers.apps {
		if n == number {
			return id
		}
	}
	return ""
}
