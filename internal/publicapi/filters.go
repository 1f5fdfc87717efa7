package publicapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"penstock/internal/filter"
	"penstock/internal/workspace"
)

func filterRoutes() []route {
	const all, one = "/destination/{id}/filters", "/destination/{id}/filters/{filter}"
	preview := changes(http.MethodPost, "/destination/filters/preview", (*api).previewFilter)
	preview.needs = reads("", nil).needs
	return []route{
		preview,
		reads(all, (*api).filters),
		changes(http.MethodPost, all, (*api).createFilter),
		reads(one, (*api).filter),
		changes(http.MethodPatch, one, (*api).updateFilter),
		changes(http.MethodDelete, one, (*api).deleteFilter),
	}
}

type shownFilter struct {
	ID            string              `json:"id"`
	SourceID      string              `json:"sourceId"`
	DestinationID string              `json:"destinationId"`
	If            string              `json:"if"`
	Actions       []filter.RuleAction `json:"actions"`
	Title         string              `json:"title"`
	Description   string              `json:"description,omitempty"`
	Enabled       bool                `json:"enabled"`
	CreatedAt     string              `json:"createdAt"`
	UpdatedAt     string              `json:"updatedAt"`
}

// timeLayout is that of every time of the API.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

func shown(d *workspace.Destination, f *workspace.Filter) shownFilter {
	return shownFilter{
		ID: f.ID, SourceID: d.Source, DestinationID: d.ID, If: f.If, Actions: f.Actions, Title: f.Name, Description: f.Description, Enabled: f.Enabled,
		CreatedAt: time.UnixMilli(f.CreatedAt).UTC().Format(timeLayout), UpdatedAt: time.UnixMilli(f.UpdatedAt).UTC().Format(timeLayout),
	}
}

func (a *api) filters(c *call) (result, error) {
	now := a.Workspace.Snapshot()
	d, err := found(now, c)
	if err != nil {
		return nil, err
	}
	var all []shownFilter
	for _, f := range now.FiltersOfDestination(d.ID) {
		all = append(all, shown(d, f))
	}
	return paged(c, "filters", all)
}

// foundFilter is the destination and the filter that the path names.
func foundFilter(now *workspace.Snapshot, c *call) (*workspace.Destination, *workspace.Filter, error) {
	d, err := found(now, c)
	if err != nil {
		return nil, nil, err
	}
	if f := now.Filter(c.PathValue("filter")); f != nil && f.Destination == d.ID {
		return d, f, nil
	}
	return nil, nil, notFound("Filter")
}

func (a *api) filter(c *call) (result, error) {
	d, f, err := foundFilter(a.Workspace.Snapshot(), c)
	if err != nil {
		return nil, err
	}
	return result{"filter": shown(d, f)}, nil
}

// answerFilter is the answer to a change of a filter (id).
func (a *api) answerFilter(id string) (result, error) {
	now := a.Workspace.Snapshot()
	if f := now.Filter(id); f != nil {
		if d := now.Destination(f.Destination); d != nil {
			return result{"filter": shown(d, f)}, nil
		}
	}
	return nil, notFound("Filter")
}

func (a *api) createFilter(c *call) (result, error) {
	if _, err := need[string](c.body, "sourceId"); err != nil {
		return nil, err
	}
	next := &workspace.Filter{}
	var err error
	if next.If, err = need[string](c.body, "if"); err != nil {
		return nil, err
	}
	if next.Actions, err = need[[]filter.RuleAction](c.body, "actions"); err != nil {
		return nil, err
	}
	if next.Name, err = need[string](c.body, "title"); err != nil {
		return nil, err
	}
	if next.Enabled, err = need[bool](c.body, "enabled"); err != nil {
		return nil, err
	}
	description, err := take[string](c.body, "description")
	if err != nil {
		return nil, err
	}
	set(&next.Description, description)
	err = a.edit(c, func(e *workspace.Edit) error {
		d, err := found(e.Now(), c)
		if err != nil {
			return err
		}
		next.Destination = d.ID
		e.PutFilter(next)
		return nil
	})
	if err != nil {
		return nil, titled(err)
	}
	return a.answerFilter(next.ID)
}

// titled tells of a name as this API calls it.
func titled(err error) error {
	if wrong, ok := errors.AsType[*workspace.InvalidError](err); ok && wrong.Problems[0].Path == "name" {
		return invalid("title", `"title": %s`, wrong.Problems[0].Message)
	}
	return err
}

func (a *api) updateFilter(c *call) (result, error) {
	when, err := take[string](c.body, "if")
	if err != nil {
		return nil, err
	}
	actions, err := take[[]filter.RuleAction](c.body, "actions")
	if err != nil {
		return nil, err
	}
	title, err := take[string](c.body, "title")
	if err != nil {
		return nil, err
	}
	description, err := take[string](c.body, "description")
	if err != nil {
		return nil, err
	}
	enabled, err := take[bool](c.body, "enabled")
	if err != nil {
		return nil, err
	}
	err = a.edit(c, func(e *workspace.Edit) error {
		_, f, err := foundFilter(e.Now(), c)
		if err != nil {
			return err
		}
		next := *f
		set(&next.If, when)
		set(&next.Actions, actions)
		set(&next.Name, title)
		set(&next.Description, description)
		set(&next.Enabled, enabled)
		if c.body.isNull("description") {
			next.Description = ""
		}
		e.PutFilter(&next)
		return nil
	})
	if err != nil {
		return nil, titled(err)
	}
	return a.answerFilter(c.PathValue("filter"))
}

func (a *api) deleteFilter(c *call) (result, error) {
	err := a.edit(c, func(e *workspace.Edit) error {
		_, f, err := foundFilter(e.Now(), c)
		if err != nil {
			return err
		}
		e.DeleteFilter(f.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}

func (a *api) previewFilter(c *call) (result, error) {
	given, err := need[body](c.body, "filter")
	if err != nil {
		return nil, err
	}
	when, err := need[string](given, "if")
	if err != nil {
		return nil, err
	}
	actions, err := need[[]filter.RuleAction](given, "actions")
	if err != nil {
		return nil, err
	}
	if _, err := need[map[string]json.RawMessage](c.body, "payload"); err != nil {
		return nil, err
	}
	filters, err := filter.Compile([]filter.Rule{{Name: "preview", If: when, Actions: actions}})
	if wrong, ok := errors.AsType[*filter.Error](err); ok {
		name := "filter" + strings.ReplaceAll(wrong.Path, "/", ".")
		return nil, invalid(name, "%q: %s", name, wrong)
	}
	var payload bytes.Buffer
	if err := json.Compact(&payload, c.body["payload"]); err != nil {
		return nil, invalid("payload", `"payload" must be an object`)
	}
	out := result{"inputPayload": json.RawMessage(payload.Bytes()), "result": nil}
	if filters.Dropped(payload.Bytes()) == nil {
		out["result"] = json.RawMessage(filters.Trim(payload.Bytes()))
	}
	return out, nil
}
