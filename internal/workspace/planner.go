package workspace

import "encoding/json"

// file plans what it takes to make the workspace equal to what a file names.
func (e *Edit) file(f *File, opts ApplyOptions) {
	e.places = f.places
	for i := range f.Apps {
		e.fileApp(pointer("/apps").item(i), &f.Apps[i])
	}
	for i := range f.Labels {
		e.fileLabel(pointer("/labels").item(i), &f.Labels[i])
	}
	for i := range f.Sources {
		e.fileSource(pointer("/sources").item(i), &f.Sources[i])
	}
	for i := range f.Destinations {
		e.fileDestinationAt(pointer("/destinations").item(i), &f.Destinations[i], opts.Prune)
	}
	if opts.Prune {
		e.prune()
	}
}

func (e *Edit) fileApp(at pointer, f *FileApp) {
	next := &App{
		Slug: e.text(at.field("slug"), f.Slug), Name: e.text(at.field("name"), f.Name), Key: e.text(at.field("key"), f.Key),
		Region:          Region(e.text(at.field("region"), f.Region)),
		SharedSecret:    Secret(e.text(at.field("sharedSecret"), f.SharedSecret)),
		SignatureSecret: Secret(e.text(at.field("signatureSecret"), f.SignatureSecret)), CheckSignature: f.CheckSignature,
		AnonymousVisitors: f.AnonymousVisitors, AccountFromContext: f.AccountFromContext,
		IgnoreIdentify: !isOn(f.AcceptIdentify), IgnoreGroup: !isOn(f.AcceptGroup), Retention: f.Retention,
	}
	for i, key := range f.OldKeys {
		next.OldKeys = append(next.OldKeys, e.text(at.field("oldKeys").item(i), key))
	}
	if old := e.now.AppBySlug(next.Slug); old != nil {
		next.ID = old.ID
	}
	e.putApp(at, next)
}

func (e *Edit) fileLabel(at pointer, f *FileLabel) {
	e.putLabel(at, &Label{
		Key: e.text(at.field("key"), f.Key), Value: e.text(at.field("value"), f.Value), Description: e.text(at.field("description"), f.Description),
	})
}

func (e *Edit) fileSource(at pointer, f *FileSource) {
	next := &Source{
		Slug: e.text(at.field("slug"), f.Slug), Name: e.text(at.field("name"), f.Name), Type: SourceType(e.text(at.field("type"), f.Type)),
		Enabled:  isOn(f.Enabled),
		Settings: json.RawMessage(e.text(at.field("settings"), string(f.Settings))), Schema: json.RawMessage(e.text(at.field("schema"), string(f.Schema))),
		Retention: f.Retention,
	}
	for i, key := range f.WriteKeys {
		next.WriteKeys = append(next.WriteKeys, e.text(at.field("writeKeys").item(i), key))
	}
	for i, l := range f.Labels {
		at := at.field("labels").item(i)
		next.Labels = append(next.Labels, LabelRef{Key: e.text(at.field("key"), l.Key), Value: e.text(at.field("value"), l.Value)})
	}
	if old := e.now.SourceBySlug(next.Slug); old != nil {
		next.ID = old.ID
	}
	e.putSource(at, next)
}

// sourceFor finds the source of a destination by slug: one of the file, or of the workspace, unless it will be gone.
func (e *Edit) sourceFor(slug string, prune bool) *Source {
	for id, s := range e.next.sources {
		if s.Slug == slug && (!prune || e.put[kindSource.key(id)]) {
			return s
		}
	}
	return nil
}

func (e *Edit) fileDestinationAt(at pointer, f *FileDestination, prune bool) {
	next := &Destination{
		Slug: e.text(at.field("slug"), f.Slug), Name: e.text(at.field("name"), f.Name), Type: e.text(at.field("type"), f.Type),
		Enabled: isOn(f.Enabled), Settings: f.Settings,
	}
	slug := e.text(at.field("source"), f.Source)
	if source := e.sourceFor(slug, prune); source != nil {
		next.Source = source.ID
	} else {
		e.add(at.field("source"), "there is no source %q; want the slug of a source of this file or of the workspace", slug)
	}
	if old := e.now.DestinationBySlug(next.Slug); old != nil {
		next.ID = old.ID
	}
	e.putDestination(at, next)
	for i := range f.Filters {
		e.fileFilter(at.field("filters").item(i), &f.Filters[i], next)
	}
	for i := range f.Mappings {
		e.fileMapping(at.field("mappings").item(i), &f.Mappings[i], next)
	}
}

func (e *Edit) fileMapping(at pointer, f *FileMapping, d *Destination) {
	next := &Mapping{
		Destination: d.ID, Name: e.text(at.field("name"), f.Name), Action: e.text(at.field("action"), f.Action),
		Enabled: isOn(f.Enabled), Trigger: f.Trigger, Fields: f.Fields,
	}
	if old := e.now.mappingByName(d.ID, next.Name); old != nil {
		next.ID = old.ID
	}
	e.putMapping(at, next)
}

func (e *Edit) fileFilter(at pointer, f *FileFilter, d *Destination) {
	next := &Filter{
		Destination: d.ID, Name: e.text(at.field("name"), f.Name), Description: e.text(at.field("description"), f.Description),
		If: e.text(at.field("if"), f.If), Actions: f.Actions, Enabled: isOn(f.Enabled),
	}
	if old := e.now.filterByName(d.ID, next.Name); old != nil {
		next.ID = old.ID
	}
	e.putFilter(at, next)
}

// isOn is a switch of a file, which is on where it is not mentioned.
func isOn(enabled *bool) bool { return enabled == nil || *enabled }

// prune plans the removal of what the file does not name: mappings before their destinations, those before their sources.
func (e *Edit) prune() {
	for _, m := range e.now.Mappings() {
		if !e.put[kindMapping.key(m.ID)] {
			e.DeleteMapping(m.ID)
		}
	}
	for _, f := range e.now.filters.list {
		if !e.put[kindFilter.key(f.ID)] {
			e.DeleteFilter(f.ID)
		}
	}
	for _, d := range e.now.Destinations() {
		if !e.put[kindDestination.key(d.ID)] {
			e.DeleteDestination(d.ID)
		}
	}
	for _, s := range e.now.Sources() {
		if !e.put[kindSource.key(s.ID)] {
			e.DeleteSource(s.ID)
		}
	}
	for _, l := range e.now.Labels() {
		if !e.put[kindLabel.key(l.ID)] {
			e.DeleteLabel(l.Ref())
		}
	}
	for _, a := range e.now.Apps() {
		if !e.put[kindApp.key(a.ID)] {
			e.DeleteApp(a.ID)
		}
	}
}
