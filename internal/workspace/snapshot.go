package workspace

import (
	"cmp"
	"maps"
	"slices"

	"penstock/internal/destination"
)

// Snapshot is the whole configuration at one moment. It is immutable: what its methods return is shared and must not be changed. A lookup that
// finds nothing returns nil.
type Snapshot struct {
	// Revision is the greatest revision of the bucket that the snapshot knows of.
	Revision uint64

	table        *table // a copy of its own
	apps         index[App]
	sources      index[Source]
	destinations index[Destination]
	mappings     index[Mapping]
	labels       index[Label]
	filters      index[Filter]

	sourceByWriteKey map[string]*Source
	appByKey         map[string]*App
	appBySecret      map[secretHash]*App       // by shared secret
	destinationsOf   map[string][]*Destination // by source id
	mappingsOf       map[string][]*Mapping     // by destination id
	mappingsOfSource map[string][]*Mapping
	filtersOf        map[string][]*Filter // by destination id
}

// index finds resources of one kind by id and by slug, and lists them in a stable order.
type index[T any] struct {
	byID, bySlug map[string]*T
	list         []*T
}

func newIndex[T any](all map[string]*T, slug, id func(*T) string) index[T] {
	x := index[T]{byID: all, bySlug: make(map[string]*T, len(all)), list: slices.Collect(maps.Values(all))}
	slices.SortFunc(x.list, func(a, b *T) int { return cmp.Or(cmp.Compare(slug(a), slug(b)), cmp.Compare(id(a), id(b))) })
	for _, r := range slices.Backward(x.list) {
		x.bySlug[slug(r)] = r // of two with one slug, which two nodes may have made at the same moment, the first in the list
	}
	return x
}

// newSnapshot compiles what the bucket holds. It keeps the table, which must not change any more.
func newSnapshot(t *table, revision uint64) *Snapshot {
	s := &Snapshot{
		Revision:     revision,
		table:        t,
		apps:         newIndex(t.apps, func(a *App) string { return a.Slug }, func(a *App) string { return a.ID }),
		sources:      newIndex(t.sources, func(s *Source) string { return s.Slug }, func(s *Source) string { return s.ID }),
		destinations: newIndex(t.destinations, func(d *Destination) string { return d.Slug }, func(d *Destination) string { return d.ID }),
		mappings:     newIndex(t.mappings, func(m *Mapping) string { return m.Name }, func(m *Mapping) string { return m.ID }),
		labels:       newIndex(t.labels, func(l *Label) string { return l.Ref().String() }, func(l *Label) string { return l.ID }),
		filters:      newIndex(t.filters, func(f *Filter) string { return f.Name }, func(f *Filter) string { return f.ID }),

		sourceByWriteKey: map[string]*Source{},
		appByKey:         map[string]*App{},
		appBySecret:      map[secretHash]*App{},
		destinationsOf:   map[string][]*Destination{},
		mappingsOf:       map[string][]*Mapping{},
		mappingsOfSource: map[string][]*Mapping{},
		filtersOf:        map[string][]*Filter{},
	}
	for _, source := range slices.Backward(s.sources.list) {
		for _, key := range source.WriteKeys {
			s.sourceByWriteKey[key] = source
		}
	}
	s.indexApps()
	for _, d := range s.destinations.list {
		s.destinationsOf[d.Source] = append(s.destinationsOf[d.Source], d)
	}
	for _, f := range s.filters.list {
		s.filtersOf[f.Destination] = append(s.filtersOf[f.Destination], f)
	}
	for _, m := range s.mappings.list {
		s.mappingsOf[m.Destination] = append(s.mappingsOf[m.Destination], m)
	}
	for source, destinations := range s.destinationsOf {
		for _, d := range destinations {
			s.mappingsOfSource[source] = append(s.mappingsOfSource[source], s.mappingsOf[d.ID]...)
		}
	}
	return s
}

// indexApps finds apps by what senders name them by. A key goes before an old key of another app.
func (s *Snapshot) indexApps() {
	for _, app := range slices.Backward(s.apps.list) {
		for _, key := range app.OldKeys {
			s.appByKey[NormalizeAppKey(key)] = app
		}
		if app.SharedSecret != "" {
			s.appBySecret[hashSecret(app.SharedSecret.Reveal())] = app
		}
	}
	for _, app := range slices.Backward(s.apps.list) {
		s.appByKey[NormalizeAppKey(app.Key)] = app
	}
}

// Apps lists the apps by slug.
func (s *Snapshot) Apps() []*App { return s.apps.list }

// App finds an app by id.
func (s *Snapshot) App(id string) *App { return s.apps.byID[id] }

// AppBySlug finds an app by slug.
func (s *Snapshot) AppBySlug(slug string) *App { return s.apps.bySlug[slug] }

// AppBySharedSecret finds the app that a shared secret belongs to.
func (s *Snapshot) AppBySharedSecret(secret string) *App { return s.appBySecret[hashSecret(secret)] }

// AppByKey finds an app by its key, or an old one, in any written form.
func (s *Snapshot) AppByKey(key string) *App {
	if a := s.appByKey[key]; a != nil {
		return a
	}
	return s.appByKey[NormalizeAppKey(key)]
}

// Sources lists the sources by slug.
func (s *Snapshot) Sources() []*Source { return s.sources.list }

// Source finds a source by id.
func (s *Snapshot) Source(id string) *Source { return s.sources.byID[id] }

// SourceBySlug finds a source by slug.
func (s *Snapshot) SourceBySlug(slug string) *Source { return s.sources.bySlug[slug] }

// SourceByWriteKey finds the source that a write key belongs to, enabled or not.
func (s *Snapshot) SourceByWriteKey(key string) *Source { return s.sourceByWriteKey[key] }

// Destinations lists the destinations by slug.
func (s *Snapshot) Destinations() []*Destination { return s.destinations.list }

// Destination finds a destination by id.
func (s *Snapshot) Destination(id string) *Destination { return s.destinations.byID[id] }

// DestinationBySlug finds a destination by slug.
func (s *Snapshot) DestinationBySlug(slug string) *Destination { return s.destinations.bySlug[slug] }

// DestinationsOfSource lists the destinations of a source (id) by slug.
func (s *Snapshot) DestinationsOfSource(source string) []*Destination {
	return s.destinationsOf[source]
}

// Mappings lists all mappings by name.
func (s *Snapshot) Mappings() []*Mapping { return s.mappings.list }

// Mapping finds a mapping by id.
func (s *Snapshot) Mapping(id string) *Mapping { return s.mappings.byID[id] }

// MappingsOfDestination lists the mappings of a destination (id) by name.
func (s *Snapshot) MappingsOfDestination(of string) []*Mapping {
	return s.mappingsOf[of]
}

// MappingsOfSource lists the mappings of all destinations of a source (id).
func (s *Snapshot) MappingsOfSource(source string) []*Mapping { return s.mappingsOfSource[source] }

// Labels lists the labels by key and value.
func (s *Snapshot) Labels() []*Label { return s.labels.list }

// Label finds a label.
func (s *Snapshot) Label(l LabelRef) *Label { return s.labels.byID[l.ID()] }

// Filter finds a filter by id.
func (s *Snapshot) Filter(id string) *Filter { return s.filters.byID[id] }

// FiltersOfDestination lists the filters of a destination (id) by name.
func (s *Snapshot) FiltersOfDestination(of string) []*Filter {
	return s.filtersOf[of]
}

// Spec is a mapping as a fence records it, with the filters of its destination that are on.
func (s *Snapshot) Spec(m *Mapping) destination.Spec {
	spec := m.Spec()
	for _, f := range s.filtersOf[m.Destination] {
		if f.Enabled {
			spec.Filters = append(spec.Filters, f.Rule())
		}
	}
	return spec
}

// filterByName finds a filter of a destination (id).
func (s *Snapshot) filterByName(of, name string) *Filter {
	for _, f := range s.filtersOf[of] {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// mappingByName finds a mapping of a destination (id).
func (s *Snapshot) mappingByName(of, name string) *Mapping {
	for _, m := range s.mappingsOf[of] {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// On tells whether a mapping delivers: it, its destination and its source are all enabled.
func (s *Snapshot) On(m *Mapping) bool {
	d := s.Destination(m.Destination)
	if d == nil || !d.Enabled || !m.Enabled {
		return false
	}
	source := s.Source(d.Source)
	return source != nil && source.Enabled
}
