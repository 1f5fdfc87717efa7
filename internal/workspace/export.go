package workspace

import "encoding/json"

// Export writes the workspace as a File, in a stable order, with its secrets masked. Applied to the same workspace, it changes nothing.
func (s *Snapshot) Export(catalog Catalog) *File {
	f := &File{}
	for _, a := range s.Apps() {
		f.Apps = append(f.Apps, fileApp(a))
	}
	for _, l := range s.Labels() {
		f.Labels = append(f.Labels, fileLabel(l))
	}
	for _, source := range s.Sources() {
		f.Sources = append(f.Sources, fileSource(source))
	}
	for _, d := range s.Destinations() {
		if source := s.Source(d.Source); source != nil {
			f.Destinations = append(f.Destinations, s.exportDestination(d, source, catalog))
		}
	}
	return f
}

func (s *Snapshot) exportDestination(d *Destination, source *Source, catalog Catalog) FileDestination {
	out := fileDestination(d, source.Slug, lookup(catalog, d.Type))
	for _, f := range s.FiltersOfDestination(d.ID) {
		out.Filters = append(out.Filters, fileFilter(f))
	}
	for _, m := range s.MappingsOfDestination(d.ID) {
		out.Mappings = append(out.Mappings, fileMapping(m))
	}
	return out
}

func fileApp(a *App) FileApp {
	out := FileApp{
		Slug: a.Slug, Name: escape(a.Name), Key: a.Key, OldKeys: a.OldKeys, Region: string(a.Region),
		SharedSecret: a.SharedSecret.String(), SignatureSecret: a.SignatureSecret.String(), CheckSignature: a.CheckSignature,
		AnonymousVisitors: a.AnonymousVisitors, AccountFromContext: a.AccountFromContext, Retention: a.Retention,
	}
	off := false
	if a.IgnoreIdentify {
		out.AcceptIdentify = &off
	}
	if a.IgnoreGroup {
		out.AcceptGroup = &off
	}
	return out
}

func fileLabel(l *Label) FileLabel {
	return FileLabel{Key: escape(l.Key), Value: escape(l.Value), Description: escape(l.Description)}
}

func fileSource(s *Source) FileSource {
	out := FileSource{Slug: s.Slug, Name: escape(s.Name), Type: string(s.Type), WriteKeys: s.WriteKeys, Settings: escapeJSON(s.Settings), Schema: escapeJSON(s.Schema), Retention: s.Retention}
	if !s.Enabled {
		out.Enabled = &s.Enabled
	}
	for _, l := range s.Labels {
		out.Labels = append(out.Labels, LabelRef{Key: escape(l.Key), Value: escape(l.Value)})
	}
	return out
}

// escapeJSON is escape for a JSON text.
func escapeJSON(raw json.RawMessage) json.RawMessage { return json.RawMessage(escape(string(raw))) }

// fileDestination is a destination without its mappings.
func (e *Edit) fileDestination(d *Destination) FileDestination {
	source := d.Source
	if s := e.next.sources[d.Source]; s != nil {
		source = s.Slug
	}
	return fileDestination(d, source, lookup(e.catalog, d.Type))
}

func fileDestination(d *Destination, source string, typ *destinationType) FileDestination {
	return FileDestination{Slug: d.Slug, Name: escape(d.Name), Source: source, Type: d.Type, Enabled: &d.Enabled, Settings: typ.hidden(d.Settings)}
}

func fileFilter(f *Filter) FileFilter {
	return FileFilter{Name: escape(f.Name), Description: escape(f.Description), Enabled: &f.Enabled, If: escape(f.If), Actions: f.Actions}
}

func fileMapping(m *Mapping) FileMapping {
	return FileMapping{Name: escape(m.Name), Action: m.Action, Enabled: &m.Enabled, Trigger: m.Trigger, Fields: orEmpty(m.Fields)}
}
