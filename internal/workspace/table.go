package workspace

import (
	"encoding/json"
	"fmt"
	"maps"
)

// table is the bucket as the watch has reported it so far.
type table struct {
	revisions    map[string]uint64
	apps         map[string]*App
	sources      map[string]*Source
	destinations map[string]*Destination
	mappings     map[string]*Mapping
	labels       map[string]*Label
	filters      map[string]*Filter
}

func newTable() *table {
	return &table{
		revisions:    map[string]uint64{},
		apps:         map[string]*App{},
		sources:      map[string]*Source{},
		destinations: map[string]*Destination{},
		mappings:     map[string]*Mapping{},
		labels:       map[string]*Label{},
		filters:      map[string]*Filter{},
	}
}

// clone is a copy that can be changed; the resources are shared, and are not.
func (t *table) clone() *table {
	return &table{
		revisions: maps.Clone(t.revisions), apps: maps.Clone(t.apps), sources: maps.Clone(t.sources),
		destinations: maps.Clone(t.destinations), mappings: maps.Clone(t.mappings), labels: maps.Clone(t.labels), filters: maps.Clone(t.filters),
	}
}

// set takes in one change. An entry that cannot be read leaves what was known of it as it is.
func (t *table) set(e Entry) error {
	k, id, ok := splitKey(e.Key)
	if !ok {
		return fmt.Errorf("read entry %q: the key is of another form", e.Key)
	}
	if e.Deleted {
		delete(t.revisions, e.Key)
		t.drop(k, id)
		return nil
	}
	var err error
	switch k {
	case kindApp:
		err = setIn(t.apps, id, e, func(a *App) { a.ID, a.Revision = id, e.Revision })
	case kindSource:
		err = setIn(t.sources, id, e, func(s *Source) { s.ID, s.Revision = id, e.Revision })
	case kindDestination:
		err = setIn(t.destinations, id, e, func(d *Destination) { d.ID, d.Revision = id, e.Revision })
	case kindMapping:
		err = setIn(t.mappings, id, e, func(m *Mapping) { m.ID, m.Revision = id, e.Revision })
	case kindLabel:
		err = setIn(t.labels, id, e, func(l *Label) { l.ID, l.Revision = id, e.Revision })
	case kindFilter:
		err = setIn(t.filters, id, e, func(f *Filter) { f.ID, f.Revision = id, e.Revision })
	default:
		err = fmt.Errorf("read entry %q: no such kind", e.Key)
	}
	// The revision counts even then: whoever writes the entry anew must know where it stands.
	t.revisions[e.Key] = e.Revision
	return err
}

func setIn[T any](all map[string]*T, id string, e Entry, stamp func(*T)) error {
	r := new(T)
	if err := json.Unmarshal(e.Value, r); err != nil {
		return fmt.Errorf("read entry %q: %w", e.Key, err)
	}
	stamp(r)
	all[id] = r
	return nil
}

func (t *table) drop(k kind, id string) {
	switch k {
	case kindApp:
		delete(t.apps, id)
	case kindSource:
		delete(t.sources, id)
	case kindDestination:
		delete(t.destinations, id)
	case kindMapping:
		delete(t.mappings, id)
	case kindLabel:
		delete(t.labels, id)
	case kindFilter:
		delete(t.filters, id)
	}
}
