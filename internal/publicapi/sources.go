package publicapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"penstock/internal/workspace"
)

func sourceRoutes() []route {
	return []route{
		reads("/sources", (*api).sources),
		makes("/sources", (*api).createSource),
		reads("/sources/{id}", (*api).source),
		changes(http.MethodPatch, "/sources/{id}", (*api).updateSource),
		changes(http.MethodDelete, "/sources/{id}", (*api).deleteSource),
		changes(http.MethodPost, "/sources/{id}/writekey", (*api).addWriteKey),
		changes(http.MethodDelete, "/sources/{id}/writekey/{key}", (*api).removeWriteKey),
		reads("/sources/{id}/settings", (*api).schemaSettings),
		changes(http.MethodPatch, "/sources/{id}/settings", (*api).updateSchemaSettings),
		reads("/sources/{id}/connected-destinations", (*api).connectedDestinations),
		reads("/sources/{id}/connected-warehouses", (*api).connectedWarehouses),
		changes(http.MethodPost, "/sources/{id}/labels", (*api).addSourceLabels),
		changes(http.MethodPut, "/sources/{id}/labels", (*api).replaceSourceLabels),
	}
}

type source struct {
	ID          string               `json:"id"`
	Slug        string               `json:"slug"`
	Name        string               `json:"name"`
	Metadata    sourceMetadata       `json:"metadata"`
	WorkspaceID string               `json:"workspaceId"`
	Enabled     bool                 `json:"enabled"`
	WriteKeys   []string             `json:"writeKeys"`
	Settings    json.RawMessage      `json:"settings"`
	Labels      []workspace.LabelRef `json:"labels"`
}

func shownSource(s *workspace.Source) source {
	kind, _ := s.Type.Kind()
	return source{
		ID: s.ID, Slug: s.Slug, Name: s.Name, Metadata: metadataOfSource(kind), WorkspaceID: workspaceID(), Enabled: s.Enabled, WriteKeys: s.WriteKeys,
		Settings: orEmpty(s.Settings), Labels: append([]workspace.LabelRef{}, s.Labels...),
	}
}

func orEmpty(raw json.RawMessage) json.RawMessage { return json.RawMessage(cmp.Or(string(raw), "{}")) }

func (a *api) sources(c *call) (result, error) {
	var all []source
	for _, s := range a.Workspace.Snapshot().Sources() {
		all = append(all, shownSource(s))
	}
	return paged(c, "sources", all)
}

func (a *api) source(c *call) (result, error) {
	s := a.Workspace.Snapshot().Source(c.PathValue("id"))
	if s == nil {
		return nil, notFound("Source")
	}
	return result{"source": shownSource(s), "trackingPlanId": nil}, nil
}

// putSource changes the source that the path names, and answers with it.
func (a *api) putSource(c *call, change func(*workspace.Edit, *workspace.Source) error) (*workspace.Source, error) {
	id := c.PathValue("id")
	err := a.edit(c, func(e *workspace.Edit) error {
		s := e.Now().Source(id)
		if s == nil {
			return notFound("Source")
		}
		next := *s
		next.WriteKeys, next.Labels = slices.Clone(s.WriteKeys), slices.Clone(s.Labels)
		if err := change(e, &next); err != nil {
			return err
		}
		e.PutSource(&next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s := a.Workspace.Snapshot().Source(id)
	if s == nil {
		return nil, notFound("Source")
	}
	return s, nil
}

// answerSource is the answer to a change of a source.
func answerSource(s *workspace.Source, err error) (result, error) {
	if err != nil {
		return nil, err
	}
	return result{"source": shownSource(s)}, nil
}

// slugFree refuses a slug that another source has.
func slugFree(e *workspace.Edit, slug, id string) error {
	if s := e.Now().SourceBySlug(slug); s != nil && s.ID != id {
		return conflict("slug", "there is a source with the slug %q already", slug)
	}
	return nil
}

func (a *api) createSource(c *call) (result, error) {
	next := &workspace.Source{WriteKeys: []string{workspace.NewWriteKey()}}
	var err error
	if next.Slug, err = need[string](c.body, "slug"); err != nil {
		return nil, err
	}
	if next.Enabled, err = need[bool](c.body, "enabled"); err != nil {
		return nil, err
	}
	metadataID, err := need[string](c.body, "metadataId")
	if err != nil {
		return nil, err
	}
	kind, ok := sourceKind(metadataID)
	if !ok {
		return nil, notFound("Source metadata")
	}
	settings, err := c.body.settings()
	if err != nil {
		return nil, err
	}
	next.Name, next.Type, next.Settings = next.Slug, kind.Slug, workspace.MergeObject(nil, settings)
	err = a.edit(c, func(e *workspace.Edit) error {
		if err := slugFree(e, next.Slug, next.ID); err != nil {
			return err
		}
		e.PutSource(next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s := a.Workspace.Snapshot().Source(next.ID)
	if s == nil {
		return nil, notFound("Source")
	}
	return answerSource(s, nil)
}

func (a *api) updateSource(c *call) (result, error) {
	name, err := take[string](c.body, "name")
	if err != nil {
		return nil, err
	}
	slug, err := take[string](c.body, "slug")
	if err != nil {
		return nil, err
	}
	enabled, err := take[bool](c.body, "enabled")
	if err != nil {
		return nil, err
	}
	settings, err := c.body.settings()
	if err != nil {
		return nil, err
	}
	return answerSource(a.putSource(c, func(e *workspace.Edit, s *workspace.Source) error {
		set(&s.Name, name)
		set(&s.Enabled, enabled)
		s.Settings = workspace.MergeObject(s.Settings, settings)
		if slug == nil {
			return nil
		}
		s.Slug = *slug
		return slugFree(e, s.Slug, s.ID)
	}))
}

// set puts a value that was given into place.
func set[T any](place, given *T) {
	if given != nil {
		*place = *given
	}
}

func (a *api) deleteSource(c *call) (result, error) {
	err := a.edit(c, func(e *workspace.Edit) error {
		s := e.Now().Source(c.PathValue("id"))
		if s == nil {
			return notFound("Source")
		}
		e.DeleteSource(s.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}

func (a *api) addWriteKey(c *call) (result, error) {
	key := workspace.NewWriteKey()
	return answerSource(a.putSource(c, func(_ *workspace.Edit, s *workspace.Source) error {
		s.WriteKeys = append(s.WriteKeys, key)
		return nil
	}))
}

func (a *api) removeWriteKey(c *call) (result, error) {
	_, err := a.putSource(c, func(_ *workspace.Edit, s *workspace.Source) error {
		i := slices.Index(s.WriteKeys, c.PathValue("key"))
		if i < 0 {
			return notFound("Write key")
		}
		s.WriteKeys = slices.Delete(s.WriteKeys, i, i+1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}

func (a *api) connectedDestinations(c *call) (result, error) {
	now := a.Workspace.Snapshot()
	s := now.Source(c.PathValue("id"))
	if s == nil {
		return nil, notFound("Source")
	}
	var all []shownDestination
	for _, d := range now.DestinationsOfSource(s.ID) {
		all = append(all, a.shownDestination(d))
	}
	return paged(c, "destinations", all)
}

func (a *api) connectedWarehouses(c *call) (result, error) {
	if a.Workspace.Snapshot().Source(c.PathValue("id")) == nil {
		return nil, notFound("Source")
	}
	return paged(c, "warehouses", []string{})
}

func (a *api) addSourceLabels(c *call) (result, error) { return a.changeLabels(c, false) }

func (a *api) replaceSourceLabels(c *call) (result, error) { return a.changeLabels(c, true) }

func (a *api) changeLabels(c *call, replace bool) (result, error) {
	given, err := need[[]label](c.body, "labels")
	if err != nil {
		return nil, err
	}
	s, err := a.putSource(c, func(_ *workspace.Edit, s *workspace.Source) error {
		if replace {
			s.Labels = nil
		}
		for _, l := range given {
			if ref := (workspace.LabelRef{Key: l.Key, Value: l.Value}); !slices.Contains(s.Labels, ref) {
				s.Labels = append(s.Labels, ref)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result{"labels": append([]workspace.LabelRef{}, s.Labels...)}, nil
}
