package publicapi

import (
	"encoding/json"
	"net/http"

	"penstock/internal/workspace"
)

func subscriptionRoutes() []route {
	const all, one = "/destinations/{id}/subscriptions", "/destinations/{id}/subscriptions/{subscription}"
	return []route{
		reads(all, (*api).subscriptions),
		changes(http.MethodPost, all, (*api).createSubscription),
		reads(one, (*api).subscription),
		changes(http.MethodPatch, one, (*api).updateSubscription),
		changes(http.MethodDelete, one, (*api).deleteSubscription),
	}
}

type subscription struct {
	ID            string          `json:"id"`
	Name          string          `json:"name"`
	ActionID      string          `json:"actionId"`
	ActionSlug    string          `json:"actionSlug"`
	DestinationID string          `json:"destinationId"`
	ModelID       string          `json:"modelId"`
	Enabled       bool            `json:"enabled"`
	Trigger       string          `json:"trigger"`
	Settings      json.RawMessage `json:"settings"`
}

func (a *api) shownSubscription(d *workspace.Destination, m *workspace.Mapping) subscription {
	out := subscription{ID: m.ID, Name: m.Name, ActionSlug: m.Action, DestinationID: d.ID, Enabled: m.Enabled, Trigger: m.Trigger, Settings: orEmpty(m.Fields)}
	if e := a.catalog.bySlug(d.Type); e != nil {
		out.ActionID = e.actionID(m.Action)
	}
	return out
}

func (a *api) subscriptions(c *call) (result, error) {
	now := a.Workspace.Snapshot()
	d, err := found(now, c)
	if err != nil {
		return nil, err
	}
	var all []subscription
	for _, m := range now.MappingsOfDestination(d.ID) {
		all = append(all, a.shownSubscription(d, m))
	}
	return paged(c, "subscriptions", all)
}

// foundMapping is the destination and the mapping that the path names.
func foundMapping(now *workspace.Snapshot, c *call) (*workspace.Destination, *workspace.Mapping, error) {
	d, err := found(now, c)
	if err != nil {
		return nil, nil, err
	}
	if m := now.Mapping(c.PathValue("subscription")); m != nil && m.Destination == d.ID {
		return d, m, nil
	}
	return nil, nil, notFound("Subscription")
}

func (a *api) subscription(c *call) (result, error) {
	d, m, err := foundMapping(a.Workspace.Snapshot(), c)
	if err != nil {
		return nil, err
	}
	return result{"subscription": a.shownSubscription(d, m)}, nil
}

// answerSubscription is the answer to a change of a mapping (id).
func (a *api) answerSubscription(as, id string) (result, error) {
	now := a.Workspace.Snapshot()
	if m := now.Mapping(id); m != nil {
		if d := now.Destination(m.Destination); d != nil {
			return result{as: a.shownSubscription(d, m)}, nil
		}
	}
	return nil, notFound("Subscription")
}

func (a *api) createSubscription(c *call) (result, error) {
	next := &workspace.Mapping{}
	var err error
	if next.Name, err = need[string](c.body, "name"); err != nil {
		return nil, err
	}
	actionID, err := need[string](c.body, "actionId")
	if err != nil {
		return nil, err
	}
	if next.Trigger, err = need[string](c.body, "trigger"); err != nil {
		return nil, err
	}
	if next.Enabled, err = need[bool](c.body, "enabled"); err != nil {
		return nil, err
	}
	if next.Fields, err = c.body.settings(); err != nil {
		return nil, err
	}
	err = a.edit(c, func(e *workspace.Edit) error {
		d, err := found(e.Now(), c)
		if err != nil {
			return err
		}
		entry := a.catalog.bySlug(d.Type)
		if entry == nil || entry.action(actionID) == nil {
			return invalid("actionId", `"actionId" is not an action of this destination`)
		}
		next.Destination, next.Action = d.ID, entry.action(actionID).Slug
		e.Loose = true
		e.PutMapping(next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.answerSubscription("destinationSubscription", next.ID)
}

func (a *api) updateSubscription(c *call) (result, error) {
	input, err := need[body](c.body, "input")
	if err != nil {
		return nil, err
	}
	name, err := take[string](input, "name")
	if err != nil {
		return nil, err
	}
	trigger, err := take[string](input, "trigger")
	if err != nil {
		return nil, err
	}
	enabled, err := take[bool](input, "enabled")
	if err != nil {
		return nil, err
	}
	settings, err := input.settings()
	if err != nil {
		return nil, err
	}
	err = a.edit(c, func(e *workspace.Edit) error {
		_, m, err := foundMapping(e.Now(), c)
		if err != nil {
			return err
		}
		next := *m
		set(&next.Name, name)
		set(&next.Trigger, trigger)
		set(&next.Enabled, enabled)
		if settings != nil {
			next.Fields = settings
		}
		e.Loose = true
		e.PutMapping(&next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.answerSubscription("subscription", c.PathValue("subscription"))
}

func (a *api) deleteSubscription(c *call) (result, error) {
	err := a.edit(c, func(e *workspace.Edit) error {
		_, m, err := foundMapping(e.Now(), c)
		if err != nil {
			return err
		}
		e.DeleteMapping(m.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}
