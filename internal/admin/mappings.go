package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

const mappingsPath = "/api/destinations/{destination}/mappings"

func (a *api) mappingRoutes(h huma.API) {
	op := get("list-mappings", mappingsPath, "List the mappings of a destination", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.mappings)
	op = get("get-mapping", mappingsPath+"/{mapping}", "Show a mapping", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.oneMapping)
	huma.Register(h, changing(http.MethodPost, "create-mapping", mappingsPath, "Make a mapping", "One that is off may be incomplete; one that is on must be complete."), a.createMapping)
	huma.Register(h, changing(http.MethodPatch, "update-mapping", mappingsPath+"/{mapping}", "Change a mapping",
		"What is not given stays. Events that have come before are delivered as they would have been, events after it by the changed mapping."), a.updateMapping)
	huma.Register(h, changing(http.MethodDelete, "delete-mapping", mappingsPath+"/{mapping}", "Delete a mapping", "What it owes and has not delivered is discarded."), a.deleteMapping)
}

// Mapping is a mapping as it is shown.
type Mapping struct {
	ID          string          `json:"id"`
	Destination string          `json:"destination" doc:"Slug"`
	Name        string          `json:"name" doc:"Unique in its destination"`
	Action      string          `json:"action" doc:"Slug of an action of the destination"`
	Enabled     bool            `json:"enabled"`
	On          bool            `json:"on" doc:"It delivers: it, its destination and its source are all enabled"`
	Trigger     string          `json:"trigger"`
	Fields      json.RawMessage `json:"fields"`
	Revision    uint64          `json:"revision" doc:"Of its entry; what If-Match is given"`
}

func shownMapping(now *workspace.Snapshot, m *workspace.Mapping) Mapping {
	out := Mapping{
		ID: m.ID, Destination: m.Destination, Name: m.Name, Action: m.Action, Enabled: m.Enabled, On: now.On(m), Trigger: m.Trigger, Fields: m.Fields, Revision: m.Revision,
	}
	if d := now.Destination(m.Destination); d != nil {
		out.Destination = d.Slug
	}
	return out
}

// NewMapping is a mapping that is to be made.
type NewMapping struct {
	Name    string          `json:"name" maxLength:"200"`
	Action  string          `json:"action" maxLength:"64"`
	Trigger string          `json:"trigger" maxLength:"100000"`
	Fields  json.RawMessage `json:"fields,omitempty"`
	Enabled *bool           `json:"enabled,omitempty" doc:"Default: true"`
}

// of is the mapping of a destination (id).
func (m *NewMapping) of(destination string) *workspace.Mapping {
	out := &workspace.Mapping{Destination: destination, Name: m.Name, Action: m.Action, Trigger: m.Trigger, Fields: m.Fields, Enabled: true}
	set(&out.Enabled, m.Enabled)
	return out
}

func (a *api) mappings(_ context.Context, in *DestinationInput) (*data[[]Mapping], error) {
	now, out := a.Workspace.Snapshot(), []Mapping{}
	d, err := destinationBySlug(now, in.Destination)
	if err != nil {
		return nil, err
	}
	for _, m := range now.MappingsOfDestination(d.ID) {
		out = append(out, shownMapping(now, m))
	}
	return answer(out), nil
}

// MappingInput names a mapping.
type MappingInput struct {
	DestinationInput

	Mapping string `path:"mapping" doc:"Id of the mapping, or its name" maxLength:"200"`
}

func (in *MappingInput) find(now *workspace.Snapshot) (*workspace.Mapping, error) {
	d, err := destinationBySlug(now, in.Destination)
	if err != nil {
		return nil, err
	}
	return mappingOf(now, d, in.Mapping)
}

// mappingOf finds a mapping of a destination by id or name.
func mappingOf(now *workspace.Snapshot, d *workspace.Destination, mapping string) (*workspace.Mapping, error) {
	for _, m := range now.MappingsOfDestination(d.ID) {
		if m.ID == mapping || m.Name == mapping {
			return m, nil
		}
	}
	return nil, huma.Error404NotFound(fmt.Sprintf("the destination %q has no mapping %q; GET /api/destinations/%s/mappings lists them", d.Slug, mapping, d.Slug))
}

func (a *api) oneMapping(_ context.Context, in *MappingInput) (*data[Mapping], error) {
	now := a.Workspace.Snapshot()
	m, err := in.find(now)
	if err != nil {
		return nil, err
	}
	return answer(shownMapping(now, m)), nil
}

// mappingChanged puts the mapping that edit returns, and answers with it.
func (a *api) mappingChanged(ctx context.Context, operation string, edit func(*workspace.Edit) (*workspace.Mapping, error)) (*changed[Mapping], error) {
	var id string
	plan, err := a.edit(ctx, operation, func(e *workspace.Edit) error {
		m, err := edit(e)
		if err != nil {
			return err
		}
		e.PutMapping(m)
		id = m.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	now := a.Workspace.Snapshot()
	m := now.Mapping(id)
	if m == nil {
		return nil, gone()
	}
	out := &changed[Mapping]{}
	out.Body.Data, out.Body.Warnings = shownMapping(now, m), append([]workspace.PlanWarning{}, plan.Warnings...)
	return out, nil
}

type createMappingInput struct {
	DestinationInput

	Body NewMapping
}

func (a *api) createMapping(ctx context.Context, in *createMappingInput) (*changed[Mapping], error) {
	return a.mappingChanged(ctx, "create-mapping", func(e *workspace.Edit) (*workspace.Mapping, error) {
		d, err := destinationBySlug(e.Now(), in.Destination)
		if err != nil {
			return nil, err
		}
		return in.Body.of(d.ID), nil
	})
}

// MappingChange is what is to change of a mapping; what is absent stays.
type MappingChange struct {
	Name    *string         `json:"name,omitempty" maxLength:"200"`
	Action  *string         `json:"action,omitempty" maxLength:"64"`
	Trigger *string         `json:"trigger,omitempty" maxLength:"100000"`
	Fields  json.RawMessage `json:"fields,omitempty" doc:"All of them"`
	Enabled *bool           `json:"enabled,omitempty"`
}

func (c *MappingChange) to(m *workspace.Mapping) {
	set(&m.Name, c.Name)
	set(&m.Action, c.Action)
	set(&m.Trigger, c.Trigger)
	set(&m.Enabled, c.Enabled)
	if len(c.Fields) > 0 {
		m.Fields = c.Fields
	}
}

type updateMappingInput struct {
	MappingInput
	Seen

	Body MappingChange
}

func (a *api) updateMapping(ctx context.Context, in *updateMappingInput) (*changed[Mapping], error) {
	return a.mappingChanged(ctx, "update-mapping", func(e *workspace.Edit) (*workspace.Mapping, error) {
		m, err := in.find(e.Now())
		if err != nil {
			return nil, err
		}
		next := *m
		in.Body.to(&next)
		return &next, in.check(m.Revision)
	})
}

type deleteMappingInput struct {
	MappingInput
	Seen
}

func (a *api) deleteMapping(ctx context.Context, in *deleteMappingInput) (*struct{}, error) {
	_, err := a.edit(ctx, "delete-mapping", func(e *workspace.Edit) error {
		m, err := in.find(e.Now())
		if err != nil {
			return err
		}
		if err := in.check(m.Revision); err != nil {
			return err
		}
		e.DeleteMapping(m.ID)
		return nil
	})
	return nil, err
}
