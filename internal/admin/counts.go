package admin

import (
	"cmp"
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

func (a *api) countRoutes(h huma.API) {
	huma.Register(h, get("get-ledger", "/api/ledger", "Show the ledger",
		"What became of every accepted event, for each mapping: accepted is the sum of the outcomes, at the cut that the answer names."), a.ledger)
}

// AppInput names an app in a path.
type AppInput struct {
	App string `path:"app" doc:"Slug of the app" maxLength:"64"`
}

func (a *api) app(slug string) (*workspace.App, error) {
	return appBySlug(a.Workspace.Snapshot(), slug)
}

// LedgerRow is the account of one mapping.
type LedgerRow struct {
	Destination string `json:"destination" doc:"Slug, or the id of one that was deleted"`
	Mapping     string `json:"mapping" doc:"Name, or the id of one that was deleted"`
	Counts
}

type ledgerOutput struct {
	Body struct {
		Data []LedgerRow `json:"data" nullable:"false"`
		Cut  Cut         `json:"cut"`
	}
}

func (a *api) ledger(ctx context.Context, _ *struct{}) (*ledgerOutput, error) {
	counts, cut, err := a.Ledger.Counts(ctx)
	if err != nil {
		return nil, a.fault(ctx, "get-ledger", err)
	}
	now := a.Workspace.Snapshot()
	out := &ledgerOutput{}
	out.Body.Data, out.Body.Cut = []LedgerRow{}, cut
	for _, c := range counts {
		row := LedgerRow{Destination: c.Destination, Mapping: c.Mapping, Counts: c.Counts}
		if d := now.Destination(c.Destination); d != nil {
			row.Destination = d.Slug
		}
		if m := now.Mapping(c.Mapping); m != nil {
			row.Mapping = m.Name
		}
		out.Body.Data = append(out.Body.Data, row)
	}
	slices.SortStableFunc(out.Body.Data, func(a, b LedgerRow) int {
		return cmp.Or(cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.Mapping, b.Mapping))
	})
	return out, nil
}
