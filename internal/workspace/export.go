package workspace

// Export writes the workspace as a File, in a stable order, with its secrets masked. Applied to the same workspace, it changes nothing.
func (s *Snapshot) Export(catalog Catalog) *File {
	f := &File{}
	for _, a := range s.Apps() {
		f.Apps = append(f.Apps, a.Export())
	}
	for _, source := range s.Sources() {
		out := FileSource{Slug: source.Slug, Name: escape(source.Name), Type: string(source.Type), WriteKeys: source.WriteKeys}
		if !source.Enabled {
			out.Enabled = &source.Enabled
		}
		f.Sources = append(f.Sources, out)
	}
	for _, d := range s.Destinations() {
		if source := s.Source(d.Source); source != nil {
			f.Destinations = append(f.Destinations, s.exportDestination(d, source, catalog))
		}
	}
	return f
}

func (s *Snapshot) exportDestination(d *Destination, source *Source, catalog Catalog) FileDestination {
	out := FileDestination{
		Slug: d.Slug, Name: escape(d.Name), Source: source.Slug, Type: d.Type, Enabled: &d.Enabled,
		Settings: lookup(catalog, d.Type).mask(d.Settings),
	}
	for _, m := range s.MappingsOfDestination(d.ID) {
		out.Mappings = append(out.Mappings, FileMapping{
			Name: escape(m.Name), Action: m.Action, Enabled: &m.Enabled, Trigger: m.Trigger, Fields: orEmpty(m.Fields),
		})
	}
	return out
}

// Export writes the app as a FileApp, with its secrets masked. Applied to the same workspace, it changes nothing.
func (a *App) Export() FileApp {
	out := FileApp{
		Slug: a.Slug, Name: escape(a.Name), Key: a.Key, OldKeys: a.OldKeys, Region: string(a.Region),
		SharedSecret: a.SharedSecret.String(), SignatureSecret: a.SignatureSecret.String(), CheckSignature: a.CheckSignature,
		AnonymousVisitors: a.AnonymousVisitors, AccountFromContext: a.AccountFromContext,
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
