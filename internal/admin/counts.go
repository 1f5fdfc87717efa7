package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

func (a *api) countRoutes(h huma.API) {
	huma.Register(h, get("list-apps", "/api/apps", "List the receiving apps", ""), a.apps)

	huma.Register(h, get("get-ledger", "/api/ledger", "Show the ledger",
		"What became of every accepted event, for each mapping: accepted is the sum of the outcomes, at the cut that the answer names."), a.ledger)
}

// App is an app as it is listed.
type App struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	Key  string `json:"key" doc:"Public: it lets send, never read"`
}

func (a *api) apps(context.Context, *struct{}) (*data[[]App], error) {
	apps := []App{}
	for _, app := range a.Workspace.Snapshot().Apps() {
		apps = append(apps, App{Slug: app.Slug, Name: app.Name, Key: app.Key})
	}
	return answer(apps), nil
}

// AppInput names an app.
type AppInput struct {
	App string `path:"app" doc:"Slug of the app" maxLength:"64"`
}

func (a *api) app(slug string) (*workspace.App, error) {
	app := a.Workspace.Snapshot().AppBySlug(slug)
	if app == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("there is no app %q; GET /api/apps lists them", slug))
	}
	return app, nil
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
