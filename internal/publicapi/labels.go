package publicapi

import (
	"net/http"

	"penstock/internal/workspace"
)

func labelRoutes() []route {
	return []route{
		reads("/labels", (*api).labels),
		makes("/labels", (*api).createLabel),
		changes(http.MethodDelete, "/labels/{key}/{value}", (*api).deleteLabel),
	}
}

type label struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

func (a *api) labels(*call) (result, error) {
	all := []label{}
	for _, l := range a.Workspace.Snapshot().Labels() {
		all = append(all, label{Key: l.Key, Value: l.Value, Description: l.Description})
	}
	return result{"labels": all}, nil
}

func (a *api) createLabel(c *call) (result, error) {
	l, err := need[label](c.body, "label")
	switch {
	case err != nil:
		return nil, err
	case l.Key == "":
		return nil, required("label.key")
	case l.Value == "":
		return nil, required("label.value")
	}
	err = a.edit(c, func(e *workspace.Edit) error {
		made := &workspace.Label{Key: l.Key, Value: l.Value, Description: l.Description}
		if e.Now().Label(made.Ref()) != nil {
			return conflict("label", "the label %s is there already", made.Ref())
		}
		e.PutLabel(made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result{"label": l}, nil
}

func (a *api) deleteLabel(c *call) (result, error) {
	ref := workspace.LabelRef{Key: c.PathValue("key"), Value: c.PathValue("value")}
	err := a.edit(c, func(e *workspace.Edit) error {
		if e.Now().Label(ref) == nil {
			return notFound("Label")
		}
		e.DeleteLabel(ref)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(), nil
}
