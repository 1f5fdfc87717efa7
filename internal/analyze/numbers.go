package analyze

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"time"

	"penstock/internal/duck"
	"penstock/internal/pendowire"
)

// The bounds of what is kept in memory.
const (
	namesMax    = 20_000 // event names of an app; those beyond are counted as one
	nameBudget  = 5_000  // that Pendo takes
	moreNames   = "(more event names)"
	keysMax     = 200     // properties of a Track Event that are known by name
	peopleCache = 100_000 // visitors and accounts; twice as many at most
)

// numbers gives small numbers to what is said again and again, from 1. It is Run's own; what is new is kept until it has been written.
type numbers struct {
	apps     map[string]uint32
	names    map[nameKey]name
	nameN    map[uint32]int // names by app
	keys     map[propertyKey]uint8
	keyN     map[uint32]int // keys by event
	verdicts map[pendowire.Verdict]uint8
	people   people
	merged   *merged         // anonymous visitors, and whom they turned out to be; everybody's
	hidden   map[uint32]bool // people on the exclude list, with their aliases
	fresh    fresh
}

type nameKey struct {
	app  uint32
	name string
}

type name struct {
	id         uint32
	receivedAt time.Time
	late       bool // beyond the budget
}

type propertyKey struct {
	event uint32
	key   string
}

// fresh is rows of the tables that are named after their fields.
type fresh struct {
	apps, names, keys, verdicts, people, merges, hidden [][]driver.Value
}

// slotNone is the slot of a property that has no column of its own.
const slotNone = 255

// load reads the numbers that were given.
func (n *numbers) load(ctx context.Context, q duck.Querier) error {
	*n = numbers{
		apps: map[string]uint32{}, names: map[nameKey]name{}, nameN: map[uint32]int{}, keys: map[propertyKey]uint8{}, keyN: map[uint32]int{},
		verdicts: map[pendowire.Verdict]uint8{}, people: people{old: map[personKey]person{}, young: map[personKey]person{}},
		hidden: map[uint32]bool{}, merged: n.merged,
	}
	err := duck.Each(ctx, q, func(r *sql.Rows) error {
		var id uint32
		var app string
		err := r.Scan(&id, &app)
		n.apps[app] = id
		return err
	}, "SELECT id, app FROM analytics.apps")
	if err != nil {
		return err
	}
	err = duck.Each(ctx, q, func(r *sql.Rows) error {
		var k nameKey
		var v name
		err := r.Scan(&v.id, &k.app, &k.name, &v.receivedAt)
		n.addName(k, v)
		return err
	}, "SELECT id, app, name, received_at FROM analytics.names ORDER BY id")
	if err != nil {
		return err
	}
	err = duck.Each(ctx, q, func(r *sql.Rows) error {
		var k propertyKey
		var slot uint8
		err := r.Scan(&k.event, &k.key, &slot)
		n.keys[k] = slot
		n.keyN[k.event]++
		return err
	}, "SELECT event, key, slot FROM analytics.keys")
	if err != nil {
		return err
	}
	err = duck.Each(ctx, q, func(r *sql.Rows) error {
		var bit uint8
		var code pendowire.Verdict
		err := r.Scan(&bit, &code)
		n.verdicts[code] = bit
		return err
	}, "SELECT bit, code FROM analytics.verdicts")
	if err != nil {
		return err
	}
	if err := n.loadPeople(ctx, q); err != nil {
		return err
	}
	return duck.Each(ctx, q, func(r *sql.Rows) error { return r.Scan(&n.people.last) }, "SELECT coalesce(max(id), 0) FROM analytics.people")
}

// loadPeople reads who was merged, and who is hidden.
func (n *numbers) loadPeople(ctx context.Context, q duck.Querier) error {
	pairs, err := duck.Select(ctx, q, func(r *sql.Rows) (p [2]uint32, err error) {
		return p, r.Scan(&p[0], &p[1])
	}, "SELECT alias, person FROM analytics.merges")
	if err != nil {
		return err
	}
	n.merged.reset(pairs)
	return duck.Each(ctx, q, func(r *sql.Rows) error {
		var person uint32
		err := r.Scan(&person)
		n.hidden[person] = true
		return err
	}, "SELECT person FROM analytics.hidden")
}

// hide puts someone on the exclude list, in the tables.
func (n *numbers) hide(person uint32, k kind) {
	if !n.hidden[person] {
		n.hidden[person] = true
		n.fresh.hidden = append(n.fresh.hidden, []driver.Value{person, uint8(k)})
	}
}

// app is the number of an app.
func (n *numbers) app(id, workspace string) uint32 {
	number, ok := n.apps[id]
	if !ok {
		number = uint32(len(n.apps) + 1) //nolint:gosec // bounded by the workspace
		n.apps[id] = number
		n.fresh.apps = append(n.fresh.apps, []driver.Value{number, id, workspace})
	}
	return number
}

func (n *numbers) addName(k nameKey, v name) name {
	n.nameN[k.app]++
	v.late = n.nameN[k.app] > nameBudget
	n.names[k] = v
	return v
}

// name is the number of the event name of a call, and gives the verdicts on it.
func (n *numbers) name(c *call) uint32 {
	if c.Event == "" {
		return 0
	}
	k := nameKey{c.app, c.Event}
	v, ok := n.names[k]
	if !ok && n.nameN[c.app] >= namesMax {
		k.name = moreNames
		v, ok = n.names[k]
	}
	if !ok {
		v = n.addName(k, name{id: uint32(len(n.names) + 1), receivedAt: c.at}) //nolint:gosec // bounded
		n.fresh.names = append(n.fresh.names, []driver.Value{v.id, k.app, k.name, v.receivedAt})
	}
	c.add(v.late, pendowire.NameBudget)
	c.add(c.Time.Before(v.receivedAt) && !c.at.Equal(v.receivedAt), pendowire.BeforeName)
	return v.id
}

// bits are the verdicts as a number.
func (n *numbers) bits(verdicts []pendowire.Verdict) (bits uint64) {
	for _, v := range verdicts {
		bit, ok := n.verdicts[v]
		if !ok {
			bit = uint8(len(n.verdicts)) //nolint:gosec // the verdicts are few
			if bit >= 64 {
				continue
			}
			n.verdicts[v] = bit
			n.fresh.verdicts = append(n.fresh.verdicts, []driver.Value{bit, string(v)})
		}
		bits |= 1 << bit
	}
	return bits
}

// slot is where a property of an event is kept; slotNone when it has no column.
func (n *numbers) slot(app, event uint32, key string) uint8 {
	k := propertyKey{event, key}
	if slot, ok := n.keys[k]; ok {
		return slot
	}
	if n.keyN[event] >= keysMax || len(key) > textMax {
		return slotNone
	}
	slot := uint8(slotNone)
	if n.keyN[event] < slotsMax {
		slot = uint8(n.keyN[event]) //nolint:gosec // less than slotsMax
	}
	n.keyN[event]++
	n.keys[k] = slot
	n.fresh.keys = append(n.fresh.keys, []driver.Value{app, event, key, slot})
	return slot
}

// write stores what is new.
func (f *fresh) write(ctx context.Context, tx *duck.Tx) error {
	for _, t := range []struct {
		table string
		rows  [][]driver.Value
	}{{"apps", f.apps}, {"names", f.names}, {"keys", f.keys}, {"verdicts", f.verdicts}, {"people", f.people}, {"merges", f.merges}, {"hidden", f.hidden}} {
		if len(t.rows) > 0 {
			if err := tx.Append(ctx, t.table, slices.Values(t.rows)); err != nil {
				return err
			}
		}
	}
	return nil
}
