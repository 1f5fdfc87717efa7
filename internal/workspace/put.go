package workspace

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/destination"
	"penstock/internal/filter"
)

// PutSource makes or replaces a source. One without an id is given one, and a write key when it has none.
func (e *Edit) PutSource(next *Source) { e.putSource("", next) }

func (e *Edit) putSource(at pointer, next *Source) {
	e.slug(at.field("slug"), next.Slug)
	e.name(at.field("name"), next.Name)
	e.claim(at.field("slug"), "slug of a source", next.Slug, "another source")
	if _, ok := next.Type.Kind(); !ok {
		e.add(at.field("type"), "there is no source type %q; want javascript, server or mobile, or the slug of a library, such as go", next.Type)
	}
	if len(next.WriteKeys) == 0 || len(next.WriteKeys) > writeKeysMax {
		e.add(at.field("writeKeys"), "a source needs between 1 and %d write keys; this one has %d", writeKeysMax, len(next.WriteKeys))
	}
	for i, key := range next.WriteKeys {
		at := at.field("writeKeys").item(i)
		if !isWriteKey(key) {
			e.add(at, "%q is not a write key; want %d to %d letters, digits, dashes and underscores", key, writeKeyLenMin, writeKeyLenMax)
		}
		e.claim(at, "write key", key, "source "+next.Slug)
	}
	e.sourceExtras(at, next)
	if next.Retention != nil {
		e.retention(at.field("retention"), next.Retention)
	}
	if next.ID == "" {
		next.ID = NewID()
	}
	put(e, Change{Kind: "source", Name: next.Slug, key: kindSource.key(next.ID)}, e.now.Source(next.ID), next, func(s *Source) any { return fileSource(s) })
	e.next.sources[next.ID] = next
}

// sourceExtras checks what a source has for clients alone.
func (e *Edit) sourceExtras(at pointer, next *Source) {
	for i, l := range next.Labels {
		at := at.field("labels").item(i)
		switch {
		case e.next.labels[l.ID()] == nil:
			e.add(at, "there is no label %q; make it first", l)
		case slices.Index(next.Labels, l) < i:
			e.add(at, "the label %q is there twice", l)
		}
	}
	if len(next.Labels) > labelsMax {
		e.add(at.field("labels"), "a source has at most %d labels; this one has %d", labelsMax, len(next.Labels))
	}
	for name, raw := range map[string]json.RawMessage{"settings": next.Settings, "schema": next.Schema} {
		if len(raw) > objectBytesMax {
			e.add(at.field(name), "it has %d bytes; at most %d are taken", len(raw), objectBytesMax)
		}
	}
}

// PutLabel makes or replaces a label.
func (e *Edit) PutLabel(next *Label) { e.putLabel("", next) }

func (e *Edit) putLabel(at pointer, next *Label) {
	e.labelText(at.field("key"), next.Key)
	e.labelText(at.field("value"), next.Value)
	if len(next.Description) > descriptionLenMax {
		e.add(at.field("description"), "it has %d bytes; at most %d are taken", len(next.Description), descriptionLenMax)
	}
	e.claim(at, "label", next.Ref().String(), "another label")
	next.ID = next.Ref().ID()
	put(e, Change{Kind: "label", Name: next.Ref().String(), key: kindLabel.key(next.ID)}, e.now.Label(next.Ref()), next, func(l *Label) any { return fileLabel(l) })
	e.next.labels[next.ID] = next
}

// PutDestination makes or replaces a destination. One without an id is given one. A secret that is Masked stays what it was.
func (e *Edit) PutDestination(next *Destination) { e.putDestination("", next) }

func (e *Edit) putDestination(at pointer, next *Destination) {
	e.slug(at.field("slug"), next.Slug)
	if next.Name != "" {
		e.name(at.field("name"), next.Name)
	}
	e.claim(at.field("slug"), "slug of a destination", next.Slug, "another destination")
	if e.next.sources[next.Source] == nil && next.Source != "" {
		e.add(at.field("source"), "there is no source %q", next.Source)
	}
	old := e.now.Destination(next.ID)
	if old != nil {
		if next.Source != "" && old.Source != next.Source {
			e.add(at.field("source"), "the source of a destination cannot change; make another destination, with a slug of its own")
		}
		if old.Type != next.Type {
			e.add(at.field("type"), "the type of a destination cannot change from %q; make another destination, with a slug of its own", old.Type)
		}
	}
	if next.ID == "" {
		next.ID = NewDestinationID()
	}
	typ := e.settings(at, old, next)
	change := Change{Kind: "destination", Name: next.Slug, key: kindDestination.key(next.ID), Fields: typ.secretsChanged(old, next)}
	put(e, change, old, next, func(d *Destination) any { return e.fileDestination(d) })
	e.next.destinations[next.ID] = next
}

// settings checks and fills in the settings of next; a masked secret is what it is in old. It returns nil when there is no such type.
func (e *Edit) settings(at pointer, old, next *Destination) *destinationType {
	next.Settings = orEmpty(next.Settings)
	typ := lookup(e.catalog, next.Type)
	if typ == nil {
		e.add(at.field("type"), "there is no destination type %q in the catalog; actions-webhook is one", next.Type)
		return nil
	}
	if !isObject(jsontext.Value(next.Settings)) {
		e.add(at.field("settings"), "want an object")
		return typ
	}
	before := json.RawMessage("{}")
	if old != nil {
		before = old.Settings
	}
	next.Settings = object(func(yield func(string, jsontext.Value) bool) {
		for name, v := range members(jsontext.Value(next.Settings)) {
			if typ.secrets[name] && isMasked(v) {
				if v = member(before, name); v == nil {
					e.add(at.field("settings").field(name), "the secret is masked, and there is none yet; write it here, as ${NAME} of a variable that holds it")
					continue
				}
			}
			if !yield(name, v) {
				return
			}
		}
	})
	e.references(at.field("settings"), string(next.Settings))
	if err := destination.CheckSettings(typ.Destination, ResolveJSON(next.Settings, exampleURL)); err != nil {
		e.add(at.field("settings"), "%s", err)
	}
	return typ
}

// PutMapping makes or replaces a mapping. One without an id is given one.
func (e *Edit) PutMapping(next *Mapping) { e.putMapping("", next) }

// PutMappingAt is PutMapping for one of the mappings that a destination is made with.
func (e *Edit) PutMappingAt(i int, next *Mapping) { e.putMapping(pointer("/mappings").item(i), next) }

func (e *Edit) putMapping(at pointer, next *Mapping) {
	next.Fields = orEmpty(next.Fields)
	e.name(at.field("name"), next.Name)
	old := e.now.Mapping(next.ID)
	d := e.next.destinations[next.Destination]
	switch {
	case d == nil:
		e.add(at.field("destination"), "there is no destination %q", next.Destination)
		return
	case old != nil && old.Destination != next.Destination:
		e.add(at.field("destination"), "a mapping cannot go from one destination to another; make another mapping")
	}
	e.claim(at.field("name"), "name of a mapping of "+d.Slug, next.Name, "another mapping")
	if next.ID == "" {
		next.ID = NewID()
	}
	sound := e.references(at.field("trigger"), next.Trigger) && e.references(at.field("fields"), string(next.Fields))
	if typ := lookup(e.catalog, d.Type); sound && typ != nil {
		value, err := encode(next)
		stored := err == nil && old != nil && same(old, value)
		e.compiles(at, next, typ, e.Loose || stored || !next.Enabled)
	}
	put(e, Change{Kind: "mapping", Name: d.Slug + "/" + next.Name, key: kindMapping.key(next.ID)}, old, next, func(m *Mapping) any { return fileMapping(m) })
	e.next.mappings[next.ID] = next
}

// PutFilter makes or replaces a filter. One without an id is given one.
func (e *Edit) PutFilter(next *Filter) { e.putFilter("", next) }

func (e *Edit) putFilter(at pointer, next *Filter) {
	e.name(at.field("name"), next.Name)
	if len(next.Description) > descriptionLenMax {
		e.add(at.field("description"), "it has %d bytes; at most %d are taken", len(next.Description), descriptionLenMax)
	}
	d, old := e.next.destinations[next.Destination], e.now.Filter(next.ID)
	switch {
	case d == nil:
		e.add(at.field("destination"), "there is no destination %q", next.Destination)
		return
	case old != nil && old.Destination != next.Destination:
		e.add(at.field("destination"), "a filter cannot go from one destination to another; make another filter")
	}
	e.claim(at.field("name"), "name of a filter of "+d.Slug, next.Name, "another filter")
	if next.ID == "" {
		next.ID = NewFilterID()
	}
	if _, err := filter.Compile([]filter.Rule{next.Rule()}); err != nil {
		wrong, _ := errors.AsType[*filter.Error](err)
		e.add(at+pointer(wrong.Path), "%s", err)
	}
	next.CreatedAt, next.UpdatedAt = e.at, e.at
	if old != nil {
		next.CreatedAt, next.UpdatedAt = old.CreatedAt, old.UpdatedAt
		if value, err := encode(next); err != nil || !same(old, value) {
			next.UpdatedAt = e.at
		}
	}
	put(e, Change{Kind: "filter", Name: d.Slug + "/" + next.Name, key: kindFilter.key(next.ID)}, old, next, func(f *Filter) any { return fileFilter(f) })
	e.next.filters[next.ID] = next
}

// compiles checks that the trigger and the fields of a mapping make sense for its action; loosely: that they can be read. What is wrong with the settings is
// told once, at the destination.
func (e *Edit) compiles(at pointer, m *Mapping, typ *destinationType, loosely bool) {
	compile := destination.Compile
	if loosely {
		compile = destination.CompileLoosely
	}
	compiled, err := compile(typ.Destination, Resolve(m.Spec(), exampleURL), nil)
	if err != nil {
		for _, one := range apart(err) {
			e.add(placeOf(at, one), "%s", one)
		}
		return
	}
	for _, w := range compiled.Warnings() {
		if len(e.plan.Warnings) == problemsMax {
			return
		}
		where := at.field(w.Part)
		if w.Part == destination.PartFields {
			where += pointer(w.At)
		}
		e.plan.Warnings = append(e.plan.Warnings, PlanWarning{
			Problem: e.places.problem(where, w.Read+"; "+w.Instead), Mapping: e.nameIn(m.Destination, m.Name), Warning: w,
		})
	}
}
