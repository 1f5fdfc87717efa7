package workspace

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrStale says that a resource is not the one any more that the caller has seen.
var ErrStale = errors.New("the resource has been changed since it was read; read it again")

// Edit plans changes of resources upon a Snapshot. A resource that is put replaces the one with its id, or is new when it has none; what is wrong with it is
// noted with its path within the resource, and makes the whole edit fail. An Edit belongs to one call of an edit function.
type Edit struct {
	checker

	// Loose lets mappings pass whose fields are not complete or not valid yet, although they are on. What cannot be read at all is refused all the same.
	Loose bool

	at      int64 // ms since 1970
	now     *Snapshot
	next    *table // what will be there
	catalog Catalog
	plan    Plan
	put     map[string]bool // keys of the entries that were put, changed or not
	claims  []claim         // of what was put
}

func newEdit(now *Snapshot, catalog Catalog) *Edit {
	return &Edit{at: time.Now().UnixMilli(), now: now, next: now.table.clone(), catalog: catalog, put: map[string]bool{}}
}

// Now is the workspace before the edit.
func (e *Edit) Now() *Snapshot { return e.now }

// Refuse notes that something is wrong at a field of the resource: path is its name, or empty.
func (e *Edit) Refuse(path, format string, args ...any) {
	at := pointer("")
	if path != "" {
		at = at.field(path)
	}
	e.add(at, format, args...)
}

// finish is the plan of all that was put and deleted.
func (e *Edit) finish() (*Plan, error) {
	e.unique()
	if err := e.err(); err != nil {
		return nil, err
	}
	if e.plan.Changes == nil {
		e.plan.Changes = []Change{}
	}
	e.plan.Before, e.plan.After = e.now, newSnapshot(e.next, e.now.Revision)
	return &e.plan, nil
}

// claim is something that may be there only once.
type claim struct {
	at          pointer
	what, value string
	owner       string
}

// claim notes what a resource that is put has to itself.
func (e *Edit) claim(at pointer, what, value, owner string) {
	e.claims = append(e.claims, claim{at, what, value, owner})
}

// unique finds what more than one resource claims. It looks at what will be there, so that a key can go from one resource to another.
func (e *Edit) unique() {
	taken := e.unchanged()
	for _, c := range e.claims {
		name := c.what + " " + c.value
		if has, ok := taken[name]; ok {
			e.add(c.at, "the %s %q belongs to %s already; each must be unique", c.what, c.value, has)
			continue
		}
		taken[name] = c.owner
	}
}

// unchanged is what is claimed by the resources that were not put, and what claims it.
func (e *Edit) unchanged() map[string]string {
	taken := map[string]string{}
	for id, a := range e.next.apps {
		if !e.put[kindApp.key(id)] {
			taken["slug of an app "+a.Slug] = "another app"
			for _, key := range append([]string{a.Key}, a.OldKeys...) {
				taken["key "+NormalizeAppKey(key)] = "app " + a.Slug
			}
		}
	}
	for id, s := range e.next.sources {
		if e.put[kindSource.key(id)] {
			continue
		}
		taken["slug of a source "+s.Slug] = "another source"
		for _, key := range s.WriteKeys {
			taken["write key "+key] = "source " + s.Slug
		}
	}
	e.unchangedDestinations(taken)
	return taken
}

// unchangedDestinations adds what destinations, and what they have, claim.
func (e *Edit) unchangedDestinations(taken map[string]string) {
	for id, d := range e.next.destinations {
		if !e.put[kindDestination.key(id)] {
			taken["slug of a destination "+d.Slug] = "another destination"
		}
	}
	for id, m := range e.next.mappings {
		if d := e.next.destinations[m.Destination]; d != nil && !e.put[kindMapping.key(id)] {
			taken["name of a mapping of "+d.Slug+" "+m.Name] = "another mapping"
		}
	}
	for id, f := range e.next.filters {
		if d := e.next.destinations[f.Destination]; d != nil && !e.put[kindFilter.key(id)] {
			taken["name of a filter of "+d.Slug+" "+f.Name] = "another filter"
		}
	}
}

// put plans an entry that should be next, and is old at present (nil: is not there). What people see of it is view.
func put[T any](e *Edit, c Change, old, next *T, view func(*T) any) {
	e.put[c.key] = true
	value, err := encode(next)
	if err != nil {
		e.add("", "%s %q cannot be stored: %v", c.Kind, c.Name, err)
		return
	}
	c.Op, c.value, c.expect = OpCreate, value, e.now.table.revisions[c.key]
	var before any
	if old != nil {
		if same(old, value) {
			e.plan.Unchanged++
			return
		}
		c.Op, before = OpUpdate, view(old)
	}
	fields, err := differences(before, view(next))
	if err != nil {
		e.add("", "%s %q cannot be shown: %v", c.Kind, c.Name, err)
		return
	}
	c.Fields = append(c.Fields, fields...)
	e.plan.Changes = append(e.plan.Changes, c)
}

// same tells whether a resource is stored as value.
func same[T any](r *T, value []byte) bool {
	before, err := encode(r)
	return err == nil && slices.Equal(before, value)
}

// remove plans that an entry goes.
func (e *Edit) remove(k kind, id, kindName, name string) {
	key := k.key(id)
	e.next.drop(k, id)
	delete(e.next.revisions, key)
	e.plan.Changes = append(e.plan.Changes, Change{Op: OpDelete, Kind: kindName, Name: name, key: key, expect: e.now.table.revisions[key]})
}

// DeleteApp removes an app, if it is there.
func (e *Edit) DeleteApp(id string) {
	if a := e.next.apps[id]; a != nil {
		e.remove(kindApp, id, "app", a.Slug)
	}
}

// DeleteSource removes a source, if it is there, with its destinations.
func (e *Edit) DeleteSource(id string) {
	s := e.next.sources[id]
	if s == nil {
		return
	}
	for _, d := range e.now.DestinationsOfSource(id) {
		e.DeleteDestination(d.ID)
	}
	e.remove(kindSource, id, "source", s.Slug)
}

// DeleteDestination removes a destination, if it is there, with its mappings and filters.
func (e *Edit) DeleteDestination(id string) {
	d := e.next.destinations[id]
	if d == nil {
		return
	}
	for _, m := range e.now.MappingsOfDestination(id) {
		e.DeleteMapping(m.ID)
	}
	for _, f := range e.now.FiltersOfDestination(id) {
		e.DeleteFilter(f.ID)
	}
	e.remove(kindDestination, id, "destination", d.Slug)
}

// DeleteMapping removes a mapping, if it is there.
func (e *Edit) DeleteMapping(id string) {
	if m := e.next.mappings[id]; m != nil {
		e.remove(kindMapping, id, "mapping", e.nameIn(m.Destination, m.Name))
	}
}

// DeleteFilter removes a filter, if it is there.
func (e *Edit) DeleteFilter(id string) {
	if f := e.next.filters[id]; f != nil {
		e.remove(kindFilter, id, "filter", e.nameIn(f.Destination, f.Name))
	}
}

// DeleteLabel removes a label, if it is there, also from the sources that are marked with it.
func (e *Edit) DeleteLabel(ref LabelRef) {
	if e.next.labels[ref.ID()] == nil {
		return
	}
	for _, s := range e.now.Sources() {
		if e.next.sources[s.ID] == nil || !slices.Contains(s.Labels, ref) {
			continue
		}
		next := *s
		next.Labels = slices.DeleteFunc(slices.Clone(s.Labels), func(l LabelRef) bool { return l == ref })
		e.PutSource(&next)
	}
	e.remove(kindLabel, ref.ID(), "label", ref.String())
}

// nameIn is the name of something that a destination has.
func (e *Edit) nameIn(destination, name string) string {
	if d := e.next.destinations[destination]; d != nil {
		return d.Slug + "/" + name
	}
	return name
}

// FreeSlug is a slug that no resource has yet: text made into one, with a number behind it where that is needed. taken tells whether a slug is.
func FreeSlug(text, otherwise string, taken func(slug string) bool) string {
	base := cmp.Or(slugOf(text), otherwise)
	slug := base
	for n := 2; taken(slug); n++ {
		number := fmt.Sprintf("-%d", n)
		slug = base[:min(len(base), slugLenMax-len(number))] + number
	}
	return slug
}

// orEmpty is an object, if only an empty one.
func orEmpty(raw json.RawMessage) json.RawMessage {
	return json.RawMessage(cmp.Or(string(raw), "{}"))
}
