package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

func (a *api) destinationRoutes(h huma.API) {
	huma.Register(h, get("list-destinations", "/api/destinations", "List the destinations", "With their mappings. Secrets are masked."), a.destinations)
	op := get("get-destination", "/api/destinations/{destination}", "Show a destination", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.oneDestination)
	huma.Register(h, changing(http.MethodPost, "create-destination", "/api/destinations", "Make a destination", "With its mappings, if there are any."), a.createDestination)
	huma.Register(h, changing(http.MethodPatch, "update-destination", "/api/destinations/{destination}", "Change a destination",
		"What is not given stays. Settings are merged: null takes one out, and a masked secret stays as it is."), a.updateDestination)
	huma.Register(h, changing(http.MethodDelete, "delete-destination", "/api/destinations/{destination}", "Delete a destination",
		"Its mappings go with it; what they owe and have not delivered is discarded."), a.deleteDestination)
}

// Destination is a destination as it is shown.
type Destination struct {
	ID       string          `json:"id"`
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Source   string          `json:"source" doc:"Slug"`
	Type     string          `json:"type" doc:"In the catalog, as in actions-webhook"`
	Enabled  bool            `json:"enabled"`
	Settings json.RawMessage `json:"settings" doc:"Secrets are masked"`
	Mappings []Mapping       `json:"mappings" nullable:"false"`
	Filters  []Filter        `json:"filters" nullable:"false" doc:"They stand in front of all mappings"`
	Revision uint64          `json:"revision" doc:"Of its entry; what If-Match is given"`
}

func (a *api) shownDestination(now *workspace.Snapshot, d *workspace.Destination) Destination {
	out := Destination{
		ID: d.ID, Slug: d.Slug, Name: cmp.Or(d.Name, d.Slug), Source: d.Source, Type: d.Type, Enabled: d.Enabled, Revision: d.Revision,
		Settings: workspace.MaskSettings(a.Catalog, d), Mappings: []Mapping{}, Filters: []Filter{},
	}
	if s := now.Source(d.Source); s != nil {
		out.Source = s.Slug
	}
	for _, m := range now.MappingsOfDestination(d.ID) {
		out.Mappings = append(out.Mappings, shownMapping(now, m))
	}
	for _, f := range now.FiltersOfDestination(d.ID) {
		out.Filters = append(out.Filters, shownFilter(now, f))
	}
	return out
}

type destinationsInput struct {
	Source string `query:"source" doc:"Slug of a source: only its destinations" maxLength:"64"`
}

func (a *api) destinations(_ context.Context, in *destinationsInput) (*data[[]Destination], error) {
	now, out := a.Workspace.Snapshot(), []Destination{}
	list := now.Destinations()
	if in.Source != "" {
		s, err := sourceBySlug(now, in.Source)
		if err != nil {
			return nil, err
		}
		list = now.DestinationsOfSource(s.ID)
	}
	for _, d := range list {
		out = append(out, a.shownDestination(now, d))
	}
	return answer(out), nil
}

// DestinationInput names a destination.
type DestinationInput struct {
	Destination string `path:"destination" doc:"Slug of the destination" maxLength:"64"`
}

func destinationBySlug(now *workspace.Snapshot, slug string) (*workspace.Destination, error) {
	if d := now.DestinationBySlug(slug); d != nil {
		return d, nil
	}
	return nil, huma.Error404NotFound(fmt.Sprintf("there is no destination %q; GET /api/destinations lists them", slug))
}

func (a *api) oneDestination(_ context.Context, in *DestinationInput) (*data[Destination], error) {
	now := a.Workspace.Snapshot()
	d, err := destinationBySlug(now, in.Destination)
	if err != nil {
		return nil, err
	}
	return answer(a.shownDestination(now, d)), nil
}

type createDestinationInput struct {
	Body struct {
		Source   string          `json:"source" doc:"Slug of the source whose events are delivered; cannot change" maxLength:"64"`
		Type     string          `json:"type" doc:"As GET /api/catalog lists them; cannot change" maxLength:"64"`
		Slug     string          `json:"slug,omitempty" doc:"Default: made of the name" maxLength:"64"`
		Name     string          `json:"name,omitempty" maxLength:"200"`
		Enabled  *bool           `json:"enabled,omitempty" doc:"Default: true"`
		Settings json.RawMessage `json:"settings,omitempty"`
		Mappings []NewMapping    `json:"mappings,omitempty"`
	}
}

func (a *api) createDestination(ctx context.Context, in *createDestinationInput) (*changed[Destination], error) {
	return a.destinationChanged(ctx, "create-destination", func(e *workspace.Edit) (string, error) {
		d := &workspace.Destination{Slug: in.Body.Slug, Name: in.Body.Name, Type: in.Body.Type, Enabled: true, Settings: in.Body.Settings}
		set(&d.Enabled, in.Body.Enabled)
		if s := e.Now().SourceBySlug(in.Body.Source); s != nil {
			d.Source = s.ID
		} else {
			e.Refuse("source", "there is no source %q; GET /api/sources lists them", in.Body.Source)
		}
		if d.Slug == "" {
			d.Slug = workspace.FreeSlug(d.Name, d.Type, func(slug string) bool { return e.Now().DestinationBySlug(slug) != nil })
		}
		e.PutDestination(d)
		for i := range in.Body.Mappings {
			e.PutMappingAt(i, in.Body.Mappings[i].of(d.ID))
		}
		return d.ID, nil
	})
}

// destinationChanged changes the workspace and answers with the destination whose id edit returns.
func (a *api) destinationChanged(ctx context.Context, operation string, edit func(*workspace.Edit) (string, error)) (*changed[Destination], error) {
	var id string
	plan, err := a.edit(ctx, operation, func(e *workspace.Edit) (err error) {
		id, err = edit(e)
		return err
	})
	if err != nil {
		return nil, err
	}
	now := a.Workspace.Snapshot()
	d := now.Destination(id)
	if d == nil {
		return nil, gone()
	}
	out := &changed[Destination]{}
	out.Body.Data, out.Body.Warnings = a.shownDestination(now, d), append([]workspace.PlanWarning{}, plan.Warnings...)
	return out, nil
}

type updateDestinationInput struct {
	DestinationInput
	Seen

	Body struct {
		Slug     *string         `json:"slug,omitempty" maxLength:"64"`
		Name     *string         `json:"name,omitempty" maxLength:"200"`
		Enabled  *bool           `json:"enabled,omitempty"`
		Settings json.RawMessage `json:"settings,omitempty" doc:"Merged with what is there, member by member"`
	}
}

func (a *api) updateDestination(ctx context.Context, in *updateDestinationInput) (*changed[Destination], error) {
	return a.destinationChanged(ctx, "update-destination", func(e *workspace.Edit) (string, error) {
		d, err := destinationBySlug(e.Now(), in.Destination)
		if err != nil {
			return "", err
		}
		if err := in.check(d.Revision); err != nil {
			return "", err
		}
		next := *d
		set(&next.Slug, in.Body.Slug)
		set(&next.Name, in.Body.Name)
		set(&next.Enabled, in.Body.Enabled)
		if len(in.Body.Settings) > 0 && in.Body.Settings[0] != '{' {
			e.Refuse("settings", "want an object")
		}
		next.Settings = workspace.MergeObject(d.Settings, in.Body.Settings)
		e.PutDestination(&next)
		return d.ID, nil
	})
}

type deleteDestinationInput struct {
	DestinationInput
	Seen
}

func (a *api) deleteDestination(ctx context.Context, in *deleteDestinationInput) (*struct{}, error) {
	_, err := a.edit(ctx, "delete-destination", func(e *workspace.Edit) error {
		d, err := destinationBySlug(e.Now(), in.Destination)
		if err != nil {
			return err
		}
		if err := in.check(d.Revision); err != nil {
			return err
		}
		e.DeleteDestination(d.ID)
		return nil
	})
	return nil, err
}
