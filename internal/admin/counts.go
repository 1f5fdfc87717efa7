package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/workspace"
)

func (a *api) countRoutes(h huma.API) {
	op := get("list-track-events", "/api/apps/{app}/track-events", "List the Track Events of an app", "Each with how often, by how many visitors and accounts, and when.")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.trackEvents)

	op = get("get-visitor", "/api/apps/{app}/visitors/{id}", "Show a visitor of an app", "")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.visitor)

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

func (a *api) trackEvents(ctx context.Context, in *AppInput) (*data[[]TrackEvent], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	events, err := a.Analytics.TrackEvents(ctx, app.ID)
	if err != nil {
		return nil, a.fault(ctx, "list-track-events", err)
	}
	if events == nil {
		events = []TrackEvent{}
	}
	return answer(events), nil
}

type visitorInput struct {
	App string `path:"app" doc:"Slug of the app" maxLength:"64"`
	ID  string `path:"id" doc:"Visitor ID" maxLength:"1024"`
}

func (a *api) visitor(ctx context.Context, in *visitorInput) (*data[*Visitor], error) {
	app, err := a.app(in.App)
	if err != nil {
		return nil, err
	}
	visitor, err := a.Analytics.Visitor(ctx, app.ID, in.ID)
	if err != nil {
		return nil, a.fault(ctx, "get-visitor", err)
	}
	if visitor == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("the app %q has never seen a visitor %q; its Visitor ID is an event's userId", in.App, in.ID))
	}
	if visitor.Accounts == nil {
		visitor.Accounts = []string{}
	}
	return answer(visitor), nil
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
