package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/admin/impact"
	"penstock/internal/workspace"
)

// Impacts tells what a change would mean for events; impact.Assessor does.
type Impacts interface {
	Of(ctx context.Context, before, after *workspace.Snapshot) ([]impact.Impact, error)
}

func (a *api) impactRoute(h huma.API) {
	huma.Register(h, operation(http.MethodPost, "/api/mappings/impact", access.Viewer, huma.Operation{
		OperationID: "get-impact", Summary: "What a change of a mapping would mean for events",
		Description: "Takes the newest events of the source through the mapping as it is and as it would be. Nothing is changed. A change that makes no difference has no impact.",
		Errors:      []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}), a.impact)
}

type impactInput struct {
	Body struct {
		Destination string        `json:"destination" doc:"Slug" maxLength:"64"`
		Mapping     string        `json:"mapping,omitempty" doc:"Id or name; absent: a new one" maxLength:"200"`
		Change      MappingChange `json:"change" doc:"As for PATCH of the mapping; of a new one, all that it needs"`
	}
}

// MappingImpact is what a change of a mapping would mean.
type MappingImpact struct {
	Impact   []impact.Impact         `json:"impact" nullable:"false" doc:"Empty: it would make no difference"`
	Warnings []workspace.PlanWarning `json:"warnings" nullable:"false"`
}

func (a *api) impact(ctx context.Context, in *impactInput) (*data[MappingImpact], error) {
	plan, err := a.Workspace.Preview(ctx, func(e *workspace.Edit) error {
		d, err := destinationBySlug(e.Now(), in.Body.Destination)
		if err != nil {
			return err
		}
		next := workspace.Mapping{Destination: d.ID, Name: "new", Enabled: true}
		if in.Body.Mapping != "" {
			m, err := mappingOf(e.Now(), d, in.Body.Mapping)
			if err != nil {
				return err
			}
			next = *m
		}
		in.Body.Change.to(&next)
		e.PutMapping(&next)
		return nil
	})
	if err != nil {
		return nil, a.editError(ctx, "get-impact", err)
	}
	out := MappingImpact{Warnings: append([]workspace.PlanWarning{}, plan.Warnings...)}
	if out.Impact, err = a.Impacts.Of(ctx, plan.Before, plan.After); err != nil {
		return nil, a.fault(ctx, "get-impact", err)
	}
	return answer(out), nil
}
