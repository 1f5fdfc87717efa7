package publicapi

import (
	"encoding/json"
	"net/http"

	"penstock/internal/destination"
	"penstock/internal/workspace"
)

func destinationRoutes() []route {
	return []route{
		reads("/destinations", (*api).destinations),
		changes(http.MethodPost, "/destinations", (*api).createDestination),
		reads("/destinations/{id}", (*api).destination),
		changes(http.MethodPatch, "/destinations/{id}", (*api).updateDestination),
		changes(http.MethodDelete, "/destinations/{id}", (*api).deleteDestination),
	}
}

type shownDestination struct {
	ID       string              `json:"id"`
	Name     string              `json:"name,omitempty"`
	Enabled  bool                `json:"enabled"`
	SourceID string              `json:"sourceId"`
	Metadata destinationMetadata `json:"metadata"`
	Settings json.RawMessage     `json:"settings"`
}

func (a *api) shownDestination(d *workspace.Destination) shownDestination {
	out := shownDestination{ID: d.ID, Name: d.Name, Enabled: d.Enabled, SourceID: d.Source}
	e := a.catalog.bySlug(d.Type)
	if e == nil {
		out.Settings = json.RawMessage(`{}`) // nobody knows which of them are secrets
		return out
	}
	out.Metadata, out.Settings = e.metadata, shownSettings(e.definition, d.Settings)
	return out
}

// shownSettings are the settings with every option that nobody has set, and with secrets masked.
func shownSettings(d *destination.Definition, settings json.RawMessage) json.RawMessage {
	defaults, masked := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	var has map[string]json.RawMessage
	if json.Unmarshal(settings, &has) != nil {
		has = nil
	}
	for i := range d.Settings {
		f := &d.Settings[i]
		if v := defaultOf(f); v != nil {
			defaults[f.Key] = v
		}
		var secret string
		if f.Type == destination.TypePassword && json.Unmarshal(has[f.Key], &secret) == nil && secret != "" {
			if quoted, err := json.Marshal(destination.MaskSecret(secret)); err == nil {
				masked[f.Key] = quoted
			}
		}
	}
	base, err := json.Marshal(defaults)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	cover, err := json.Marshal(masked)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return workspace.MergeObject(workspace.MergeObject(base, settings), cover)
}

func (a *api) destinations(c *call) (result, error) {
	var all []shownDestination
	for _, d := range a.Workspace.Snapshot().Destinations() {
		all = append(all, a.shownDestination(d))
	}
	return paged(c, "destinations", all)
}

// found is the destination that the path names.
func found(now *workspace.Snapshot, c *call) (*workspace.Destination, error) {
	if d := now.Destination(c.PathValue("id")); d != nil {
		return d, nil
	}
	return nil, notFound("Destination")
}

func (a *api) destination(c *call) (result, error) {
	d, err := found(a.Workspace.Snapshot(), c)
	if err != nil {
		return nil, err
	}
	return result{"destination": a.shownDestination(d)}, nil
}

// answerDestination is the answer to a change of a destination.
func (a *api) answerDestination(id string) (result, error) {
	d := a.Workspace.Snapshot().Destination(id)
	if d == nil {
		return nil, notFound("Destination")
	}
	return result{"destination": a.shownDestination(d)}, nil
}

func (a *api) createDestination(c *call) (result, error) {
	sourceID, err := need[string](c.body, "sourceId")
	if err != nil {
		return nil, err
	}
	metadataID, err := need[string](c.body, "metadataId")
	if err != nil {
		return nil, err
	}
	if _, err := need[map[string]json.RawMessage](c.body, "settings"); err != nil {
		return nil, err
	}
	enabled, err := take[bool](c.body, "enabled")
	if err != nil {
		return nil, err
	}
	name, err := take[string](c.body, "name")
	if err != nil {
		return nil, err
	}
	entry := a.catalog.byID(metadataID)
	if entry == nil {
		return nil, notFound("Destination metadata")
	}
	next := &workspace.Destination{Source: sourceID, Type: entry.definition.Slug, Settings: workspace.MergeObject(nil, c.body["settings"])}
	set(&next.Enabled, enabled)
	set(&next.Name, name)
	err = a.edit(c, func(e *workspace.Edit) error {
		if e.Now().Source(sourceID) == nil {
			return notFound("Source")
		}
		next.Slug = workspace.FreeSlug(next.Name, next.Type, func(slug string) bool { return e.Now().DestinationBySlug(slug) != nil })
		e.PutDestination(next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.answerDestination(next.ID)
}

func (a *api) updateDestination(c *call) (result, error) {
	name, err := take[string](c.body, "name")
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
	err = a.edit(c, func(e *workspace.Edit) error {
		d, err := found(e.Now(), c)
		if err != nil {
			return err
		}
		next := *d
		set(&next.Name, name)
		set(&next.Enabled, enabled)
		if c.body.isNull("name") {
			next.Name = ""
		}
		next.Settings = workspace.MergeObject(d.Settings, settings) // a masked secret stays what it is
		e.PutDestination(&next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.answerDestination(c.PathValue("id"))
}

func (a *api) deleteDestination(c *call) (result, error) {
	err := a.edit(c, func(e *workspace.Edit) error {
		d, err := found(e.Now(), c)
		if err != nil {
			return err
		}
		e.DeleteDestination(d.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}
