package workspace

import (
	"bytes"
	"cmp"
	"encoding/json"
)

// planner compares a file with what there is: it makes a Plan, and notes what is wrong with the file on the way.
type planner struct {
	checker

	now     *Snapshot
	file    *File
	catalog Catalog
	plan    Plan
	kept    map[string]bool    // keys of entries that the file names
	sources map[string]*Source // by slug: those that will be there
	taken   map[string]string  // what may be there once (kind and value), and what has it
}

// makePlan says what it takes to make the workspace equal to what a file names. When anything in the file is wrong, that is an *InvalidError.
func makePlan(now *Snapshot, f *File, catalog Catalog, opts ApplyOptions) (*Plan, error) {
	p := &planner{
		checker: checker{places: f.places}, now: now, file: f, catalog: catalog,
		kept: map[string]bool{}, sources: map[string]*Source{}, taken: map[string]string{},
	}
	if !opts.Prune {
		p.keepUnnamed()
	}
	for i := range f.Apps {
		p.app(pointer("/apps").item(i), &f.Apps[i])
	}
	for i := range f.Sources {
		p.source(pointer("/sources").item(i), &f.Sources[i])
	}
	for i := range f.Destinations {
		p.destination(pointer("/destinations").item(i), &f.Destinations[i])
	}
	if opts.Prune {
		p.prune()
	}
	for _, slug := range opts.RemoveApps {
		if a := now.AppBySlug(slug); a != nil {
			p.remove("app", a.Slug, kindApp.key(a.ID))
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return &p.plan, nil
}

// keepUnnamed takes into account what the file does not name: its sources can be referred to, its keys are taken.
func (p *planner) keepUnnamed() {
	named := map[string]bool{}
	for i := range p.file.Apps {
		named["app "+p.file.Apps[i].Slug] = true
	}
	for i := range p.file.Sources {
		named["source "+p.file.Sources[i].Slug] = true
	}
	for _, a := range p.now.Apps() {
		if !named["app "+a.Slug] {
			for _, key := range append([]string{a.Key}, a.OldKeys...) {
				p.taken["key "+NormalizeAppKey(key)] = "app " + a.Slug
			}
			p.taken["shared secret "+a.SharedSecret.Reveal()] = "app " + a.Slug
		}
	}
	for _, s := range p.now.Sources() {
		if named["source "+s.Slug] {
			continue
		}
		p.sources[s.Slug] = s
		for _, key := range s.WriteKeys {
			p.taken["write key "+key] = "source " + s.Slug
		}
	}
}

// claim takes what may be there only once.
func (p *planner) claim(at pointer, what, value, owner string) {
	if has, ok := p.taken[what+" "+value]; ok {
		p.add(at, "the %s %q belongs to %s already; each must be unique", what, value, has)
		return
	}
	p.taken[what+" "+value] = owner
}

func (p *planner) source(at pointer, f *FileSource) {
	next := &Source{
		Slug: p.slug(at.field("slug"), f.Slug), Name: p.name(at.field("name"), f.Name),
		Type: SourceType(p.text(at.field("type"), f.Type)), Enabled: f.Enabled == nil || *f.Enabled,
	}
	p.claim(at.field("slug"), "slug of a source", next.Slug, "another source of this file")
	switch next.Type {
	case SourceJavaScript, SourceServer, SourceMobile:
	default:
		p.add(at.field("type"), "there is no source type %q; want javascript, server or mobile", next.Type)
	}
	if len(f.WriteKeys) == 0 || len(f.WriteKeys) > writeKeysMax {
		p.add(at.field("writeKeys"), "a source needs between 1 and %d write keys; this one has %d", writeKeysMax, len(f.WriteKeys))
	}
	for i, key := range f.WriteKeys {
		at := at.field("writeKeys").item(i)
		key = p.text(at, key)
		if !isWriteKey(key) {
			p.add(at, "%q is not a write key; want %d to %d letters, digits, dashes and underscores", key, writeKeyLenMin, writeKeyLenMax)
		}
		p.claim(at, "write key", key, "source "+next.Slug)
		next.WriteKeys = append(next.WriteKeys, key)
	}
	old := p.now.SourceBySlug(next.Slug)
	if old != nil {
		next.ID = old.ID
	} else {
		next.ID = NewID()
	}
	p.sources[next.Slug] = next
	put(p, Change{Kind: "source", Name: next.Slug, key: kindSource.key(next.ID)}, old, next)
}

func (p *planner) destination(at pointer, f *FileDestination) {
	next := &Destination{
		Slug: p.slug(at.field("slug"), f.Slug), Name: p.name(at.field("name"), f.Name),
		Type: p.text(at.field("type"), f.Type), Enabled: f.Enabled == nil || *f.Enabled,
	}
	p.claim(at.field("slug"), "slug of a destination", next.Slug, "another destination of this file")
	slug := p.text(at.field("source"), f.Source)
	if source := p.sources[slug]; source != nil {
		next.Source = source.ID
	} else {
		p.add(at.field("source"), "there is no source %q; want the slug of a source of this file or of the workspace", slug)
	}
	old := p.now.DestinationBySlug(next.Slug)
	if old != nil {
		next.ID = old.ID
		if next.Source != "" && old.Source != next.Source {
			p.add(at.field("source"), "the source of a destination cannot change; make another destination, with a slug of its own")
		}
		if old.Type != next.Type {
			p.add(at.field("type"), "the type of a destination cannot change from %q; make another destination, with a slug of its own", old.Type)
		}
	} else {
		next.ID = NewID()
	}
	typ := p.settings(at, f, old, next)
	put(p, Change{Kind: "destination", Name: next.Slug, key: kindDestination.key(next.ID)}, old, next)
	for i := range f.Mappings {
		p.mapping(at.field("mappings").item(i), &f.Mappings[i], next, typ)
	}
}

func (p *planner) mapping(at pointer, f *FileMapping, d *Destination, typ *destinationType) {
	next := &Mapping{
		Destination: d.ID, Name: p.name(at.field("name"), f.Name), Action: p.text(at.field("action"), f.Action),
		Enabled: f.Enabled == nil || *f.Enabled, Trigger: f.Trigger, Fields: orEmpty(f.Fields),
	}
	p.claim(at.field("name"), "name of a mapping of "+d.Slug, next.Name, "another mapping of this destination")
	sound := p.references(at.field("trigger"), next.Trigger) && p.references(at.field("fields"), string(next.Fields))
	if sound && typ != nil {
		p.compiles(at, d, next, typ)
	}
	old := p.now.mappingByName(d.ID, next.Name)
	if old != nil {
		next.ID = old.ID
	} else {
		next.ID = NewID()
	}
	put(p, Change{Kind: "mapping", Name: d.Slug + "/" + next.Name, key: kindMapping.key(next.ID)}, old, next)
}

// prune plans the removal of what the file does not name: mappings before their destinations, those before their sources.
func (p *planner) prune() {
	for _, m := range p.now.Mappings() {
		name := m.Name
		if d := p.now.Destination(m.Destination); d != nil {
			name = d.Slug + "/" + name
		}
		p.remove("mapping", name, kindMapping.key(m.ID))
	}
	for _, d := range p.now.Destinations() {
		p.remove("destination", d.Slug, kindDestination.key(d.ID))
	}
	for _, s := range p.now.Sources() {
		p.remove("source", s.Slug, kindSource.key(s.ID))
	}
	for _, a := range p.now.Apps() {
		p.remove("app", a.Slug, kindApp.key(a.ID))
	}
}

func (p *planner) remove(kindName, name, key string) {
	if !p.kept[key] {
		p.plan.Changes = append(p.plan.Changes, Change{Op: OpDelete, Kind: kindName, Name: name, key: key, expect: p.now.revisions[key]})
	}
}

// put plans an entry that should be next, and is old at present (nil: is not there).
func put[T any](p *planner, c Change, old, next *T) {
	p.kept[c.key] = true
	value, err := encode(next)
	if err != nil {
		p.add("", "%s %q cannot be stored: %v", c.Kind, c.Name, err)
		return
	}
	c.Op, c.value, c.expect = OpCreate, value, p.now.revisions[c.key]
	if old != nil {
		if before, err := encode(old); err == nil && bytes.Equal(before, value) {
			p.plan.Unchanged++
			return
		}
		c.Op = OpUpdate
	}
	p.plan.Changes = append(p.plan.Changes, c)
}

// orEmpty is an object, if only an empty one.
func orEmpty(raw json.RawMessage) json.RawMessage {
	return json.RawMessage(cmp.Or(string(raw), "{}"))
}
