package app

import (
	"context"

	"penstock/destinations"
	"penstock/internal/admin"
	"penstock/internal/admin/journey"
	"penstock/internal/analyze"
	"penstock/internal/destination"
	"penstock/internal/ingest"
	"penstock/internal/ledger"
	"penstock/internal/receive"
	"penstock/internal/workspace"
)

// catalog is the destinations as the workspace looks them up.
type catalog struct{}

// Lookup finds a destination by its type.
func (catalog) Lookup(typ string) (destination.Destination, bool) { return destinations.Lookup(typ) }

// sources is a snapshot as ingest sees it.
type sources struct {
	snapshot *workspace.Snapshot
	full     func(source string) bool
}

// SourceByWriteKey finds the source of a write key.
func (s sources) SourceByWriteKey(key string) (ingest.Source, bool) {
	source := s.snapshot.SourceByWriteKey(key)
	if source == nil {
		return ingest.Source{}, false
	}
	return ingest.Source{ID: source.ID, Workspace: workspace.Default, Slug: source.Slug, Type: string(source.Type), Enabled: source.Enabled, Full: s.full(source.ID)}, true
}

// counts is the ledger as the control API sees it.
type counts struct{ ledger *ledger.Ledger }

// Counts lists what became of events.
func (c counts) Counts(ctx context.Context) ([]admin.MappingCounts, admin.Cut, error) {
	rows, cut, err := c.ledger.Totals(ctx)
	if err != nil {
		return nil, admin.Cut{}, err
	}
	out := make([]admin.MappingCounts, 0, len(rows))
	for _, r := range rows {
		out = append(out, admin.MappingCounts{Mapping: r.Mapping, Destination: r.Destination, Counts: admin.Counts(r.Counts)})
	}
	return out, admin.Cut(cut), nil
}

// analytics is the analyzer as the control API sees it.
type analytics struct{ analyzer *analyze.Analyzer }

// TrackEvents lists the Track Events of an app.
func (a analytics) TrackEvents(ctx context.Context, app string) ([]admin.TrackEvent, error) {
	rows, err := a.analyzer.TrackEvents(ctx, app)
	if err != nil {
		return nil, err
	}
	out := make([]admin.TrackEvent, 0, len(rows))
	for _, r := range rows {
		out = append(out, admin.TrackEvent(r))
	}
	return out, nil
}

// Visitor finds a visitor of an app.
func (a analytics) Visitor(ctx context.Context, app, id string) (*admin.Visitor, error) {
	v, ok, err := a.analyzer.Visitor(ctx, app, id)
	if err != nil || !ok {
		return nil, err
	}
	return &admin.Visitor{ID: v.ID, Accounts: v.Accounts, Events: v.Events, FirstSeen: v.FirstSeen, LastSeen: v.LastSeen}, nil
}

// landings is the analyzer as journeys see it.
type landings struct{ server *server }

// Landed tells what became of a messageId at this server's receiver.
func (l landings) Landed(ctx context.Context, messageID string) ([]journey.Landing, error) {
	return l.shown(l.server.analyzer.ByMessage(ctx, "", messageID))
}

// LandedRequest tells what became of what came with a webhook-id.
func (l landings) LandedRequest(ctx context.Context, webhookID string) ([]journey.Landing, error) {
	return l.shown(l.server.analyzer.ByRequest(ctx, webhookID))
}

func (l landings) shown(rows []analyze.Landed, err error) ([]journey.Landing, error) {
	if err != nil {
		return nil, err
	}
	out := make([]journey.Landing, 0, len(rows))
	snapshot := l.server.workspace.Snapshot()
	for _, r := range rows {
		landing := journey.Landing{App: r.App, Event: r.Event, Visitor: r.Visitor, Account: r.Account, ReceivedAt: r.ReceivedAt, Verdicts: []journey.Verdict{}}
		if app := snapshot.App(r.App); app != nil {
			landing.App = app.Slug
		}
		for _, v := range r.Verdicts {
			landing.Verdicts = append(landing.Verdicts, journey.Verdict{Code: string(v.Code), Message: v.Message})
		}
		out = append(out, landing)
	}
	return out, nil
}

// inbox is the receiver as the control API sees it.
type inbox struct{ receiver *receive.Handler }

// UnknownKeys lists what was sent to no app.
func (i inbox) UnknownKeys() []admin.UnknownKey {
	all := []admin.UnknownKey{}
	for _, k := range i.receiver.UnknownKeys() {
		all = append(all, admin.UnknownKey{
			Key: k.Key, Reason: k.Reason, App: k.App, Via: k.Via, Count: k.Count, Remote: k.Remote, Agent: k.Agent, FirstSeen: k.First, LastSeen: k.Last,
		})
	}
	return all
}
