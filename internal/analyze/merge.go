package analyze

import (
	"database/sql/driver"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// merged knows which anonymous visitors turned out to be who. An anonymous visitor belongs to the first one that it was identified as, for good.
type merged struct {
	mu      sync.RWMutex
	persons []uint32 // by alias; 0: nobody
	aliases roaring.Bitmap
}

// add tells that an alias is a person.
func (m *merged) add(alias, person uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(alias, person)
}

// reset forgets everything, and learns of pairs of alias and person.
func (m *merged) reset(pairs [][2]uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.persons = nil
	m.aliases.Clear()
	for _, p := range pairs {
		m.set(p[0], p[1])
	}
}

func (m *merged) set(alias, person uint32) {
	if need := int(alias) + 1; need > len(m.persons) {
		m.persons = append(m.persons, make([]uint32, need-len(m.persons)+need/4)...)
	}
	m.persons[alias] = person
	m.aliases.Add(alias)
}

// person is who someone is.
func (m *merged) person(id uint32) uint32 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.of(id)
}

func (m *merged) of(id uint32) uint32 {
	if int(id) < len(m.persons) && m.persons[id] != 0 {
		return m.persons[id]
	}
	return id
}

// resolve puts persons in the place of their aliases in a set.
func (m *merged) resolve(set *roaring.Bitmap) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.aliases.IsEmpty() {
		return
	}
	found := roaring.And(set, &m.aliases)
	if found.IsEmpty() {
		return
	}
	set.AndNot(found)
	for i := found.Iterator(); i.HasNext(); {
		set.Add(m.of(i.Next()))
	}
}

// merge takes over who anonymous visitors turned out to be. It returns those that are to be hidden, since their person is.
func (n *numbers) merge(calls []call) (hide []uint32) {
	for i := range calls {
		c := &calls[i]
		if c.old == 0 || !c.accepted || c.Anonymous || c.visitor == 0 || n.merged.person(c.old) != c.old {
			continue
		}
		n.merged.add(c.old, c.visitor)
		n.fresh.merges = append(n.fresh.merges, []driver.Value{c.app, c.old, c.visitor, c.n, c.at})
		if n.hidden[c.visitor] && !n.hidden[c.old] {
			n.hide(c.old, visitor)
			hide = append(hide, c.old)
		}
	}
	return hide
}
