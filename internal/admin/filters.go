package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/filter"
	"penstock/internal/workspace"
)

const (
	filtersPath     = "/api/destinations/{destination}/filters"
	previewBytesMax = 1 << 20 // of an event
)

func (a *api) filterRoutes(h huma.API) {
	op := get("list-filters", filtersPath, "List the filters of a destination", "They stand in front of all its mappings.")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.filters)
	op = get("get-filter", filtersPath+"/{filter}", "Show a filter", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.oneFilter)
	huma.Register(h, changing(http.MethodPost, "create-filter", filtersPath, "Make a filter", "It is in force for events that come after it."), a.createFilter)
	huma.Register(h, changing(http.MethodPatch, "update-filter", filtersPath+"/{filter}", "Change a filter", "What is not given stays."), a.updateFilter)
	huma.Register(h, changing(http.MethodDelete, "delete-filter", filtersPath+"/{filter}", "Delete a filter", ""), a.deleteFilter)
	huma.Register(h, operation(http.MethodPost, "/api/filters/preview", access.Viewer, huma.Operation{
		OperationID: "preview-filter", Summary: "Try a filter on an event", Description: "Nothing is changed. What is dropped has no result.",
		MaxBodyBytes: 2 * previewBytesMax, Errors: []int{http.StatusUnprocessableEntity},
	}), a.previewFilter)
}

// Filter is a filter as it is shown.
type Filter struct {
	ID          string              `json:"id"`
	Destination string              `json:"destination" doc:"Slug"`
	Name        string              `json:"name" doc:"Unique in its destination"`
	Description string              `json:"description,omitempty"`
	If          string              `json:"if" doc:"Condition in the Filter Query Language, or all"`
	Actions     []filter.RuleAction `json:"actions" nullable:"false"`
	Enabled     bool                `json:"enabled"`
	CreatedAt   time.Time           `json:"createdAt"`
	UpdatedAt   time.Time           `json:"updatedAt"`
	Revision    uint64              `json:"revision" doc:"Of its entry; what If-Match is given"`
}

func shownFilter(now *workspace.Snapshot, f *workspace.Filter) Filter {
	out := Filter{
		ID: f.ID, Destination: f.Destination, Name: f.Name, Description: f.Description, If: f.If, Actions: f.Actions, Enabled: f.Enabled,
		CreatedAt: time.UnixMilli(f.CreatedAt).UTC(), UpdatedAt: time.UnixMilli(f.UpdatedAt).UTC(), Revision: f.Revision,
	}
	if d := now.Destination(f.Destination); d != nil {
		out.Destination = d.Slug
	}
	return out
}

func (a *api) filters(_ context.Context, in *DestinationInput) (*data[[]Filter], error) {
	now, out := a.Workspace.Snapshot(), []Filter{}
	d, err := destinationBySlug(now, in.Destination)
	if err != nil {
		return nil, err
	}
	for _, f := range now.FiltersOfDestination(d.ID) {
		out = append(out, shownFilter(now, f))
	}
	return answer(out), nil
}

// FilterInput names a filter.
type FilterInput struct {
	DestinationInput

	Filter string `path:"filter" doc:"Id of the filter, or its name" maxLength:"200"`
}

func (in *FilterInput) find(now *workspace.Snapshot) (*workspace.Filter, error) {
	d, err := destinationBySlug(now, in.Destination)
	if err != nil {
		return nil, err
	}
	for _, f := range now.FiltersOfDestination(d.ID) {
		if f.ID == in.Filter || f.Name == in.Filter {
			return f, nil
		}
	}
	return nil, huma.Error404NotFound(fmt.Sprintf("the destination %q has no filter %q; GET /api/destinations/%s/filters lists them", d.Slug, in.Filter, d.Slug))
}

func (a *api) oneFilter(_ context.Context, in *FilterInput) (*data[Filter], error) {
	now := a.Workspace.Snapshot()
	f, err := in.find(now)
	if err != nil {
		return nil, err
	}
	return answer(shownFilter(now, f)), nil
}

// filterChanged puts the filter that edit returns, and answers with it.
func (a *api) filterChanged(ctx context.Context, operation string, edit func(*workspace.Edit) (*workspace.Filter, error)) (*data[Filter], error) {
	var id string
	_, err := a.edit(ctx, operation, func(e *workspace.Edit) error {
		f, err := edit(e)
		if err != nil {
			return err
		}
		e.PutFilter(f)
		id = f.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	now := a.Workspace.Snapshot()
	f := now.Filter(id)
	if f == nil {
		return nil, gone()
	}
	return answer(shownFilter(now, f)), nil
}

type createFilterInput struct {
	DestinationInput

	Body struct {
		Name        string              `json:"name" maxLength:"200"`
		Description string              `json:"description,omitempty" maxLength:"1000"`
		If          string              `json:"if" doc:"Condition in the Filter Query Language, or all" maxLength:"100000"`
		Actions     []filter.RuleAction `json:"actions" nullable:"false"`
		Enabled     *bool               `json:"enabled,omitempty" doc:"Default: true"`
	}
}

func (a *api) createFilter(ctx context.Context, in *createFilterInput) (*data[Filter], error) {
	return a.filterChanged(ctx, "create-filter", func(e *workspace.Edit) (*workspace.Filter, error) {
		d, err := destinationBySlug(e.Now(), in.Destination)
		if err != nil {
			return nil, err
		}
		f := &workspace.Filter{Destination: d.ID, Name: in.Body.Name, Description: in.Body.Description, If: in.Body.If, Actions: in.Body.Actions, Enabled: true}
		set(&f.Enabled, in.Body.Enabled)
		return f, nil
	})
}

type updateFilterInput struct {
	FilterInput
	Seen

	Body struct {
		Name        *string              `json:"name,omitempty" maxLength:"200"`
		Description *string              `json:"description,omitempty" maxLength:"1000"`
		If          *string              `json:"if,omitempty" maxLength:"100000"`
		Actions     *[]filter.RuleAction `json:"actions,omitempty" doc:"All of them"`
		Enabled     *bool                `json:"enabled,omitempty"`
	}
}

func (a *api) updateFilter(ctx context.Context, in *updateFilterInput) (*data[Filter], error) {
	return a.filterChanged(ctx, "update-filter", func(e *workspace.Edit) (*workspace.Filter, error) {
		f, err := in.find(e.Now())
		if err != nil {
			return nil, err
		}
		next := *f
		set(&next.Name, in.Body.Name)
		set(&next.Description, in.Body.Description)
		set(&next.If, in.Body.If)
		set(&next.Actions, in.Body.Actions)
		set(&next.Enabled, in.Body.Enabled)
		return &next, in.check(f.Revision)
	})
}

type deleteFilterInput struct {
	FilterInput
	Seen
}

func (a *api) deleteFilter(ctx context.Context, in *deleteFilterInput) (*struct{}, error) {
	_, err := a.edit(ctx, "delete-filter", func(e *workspace.Edit) error {
		f, err := in.find(e.Now())
		if err != nil {
			return err
		}
		if err := in.check(f.Revision); err != nil {
			return err
		}
		e.DeleteFilter(f.ID)
		return nil
	})
	return nil, err
}

type previewFilterInput struct {
	Body struct {
		If      string              `json:"if" doc:"Condition in the Filter Query Language, or all" maxLength:"100000"`
		Actions []filter.RuleAction `json:"actions" nullable:"false"`
		Event   json.RawMessage     `json:"event" doc:"An event, as destinations get it"`
	}
}

// FilterPreview is what a filter makes of an event.
type FilterPreview struct {
	Event  json.RawMessage `json:"event" doc:"As it was given"`
	Result json.RawMessage `json:"result,omitempty" doc:"What is left of it; absent: it is dropped"`
	Reason string          `json:"reason,omitempty" doc:"Why it is dropped"`
}

func (a *api) previewFilter(_ context.Context, in *previewFilterInput) (*data[FilterPreview], error) {
	filters, err := filter.Compile([]filter.Rule{{Name: "preview", If: in.Body.If, Actions: in.Body.Actions}})
	if wrong, ok := errors.AsType[*filter.Error](err); ok {
		location := "body" + strings.ReplaceAll(wrong.Path, "/", ".")
		return nil, huma.Error422UnprocessableEntity("the filter is not valid", &huma.ErrorDetail{Message: wrong.Error(), Location: location})
	}
	var event bytes.Buffer
	if len(in.Body.Event) > previewBytesMax || json.Compact(&event, in.Body.Event) != nil || !bytes.HasPrefix(event.Bytes(), []byte("{")) {
		return nil, huma.Error422UnprocessableEntity(fmt.Sprintf("the event must be a JSON object of at most %d bytes", previewBytesMax))
	}
	out := FilterPreview{Event: event.Bytes()}
	if dropped := filters.Dropped(event.Bytes()); dropped != nil {
		out.Reason = dropped.Reason
	} else {
		out.Result = filters.Trim(event.Bytes())
	}
	return answer(out), nil
}
