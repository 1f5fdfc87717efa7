package app

import (
	"context"
	"strings"
	"time"

	"penstock/destinations"
	"penstock/internal/access"
	"penstock/internal/admin"
	"penstock/internal/admin/journey"
	"penstock/internal/analyze"
	"penstock/internal/audit"
	"penstock/internal/destination"
	"penstock/internal/ingest"
	"penstock/internal/journal"
	"penstock/internal/ledger"
	"penstock/internal/publicapi"
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

// tallies makes the journal what the Public API asks.
type tallies struct{ journal *journal.Journal }

func (t tallies) Tally(ctx context.Context, q publicapi.Tally) ([]publicapi.Tallied, error) {
	rows, err := t.journal.Tally(ctx, journal.Tally{
		Workspace: workspace.Default, Stage: journal.Stage(q.Stage), Sources: q.Sources, Mappings: q.Mappings, Since: q.Since, Until: q.Until, Step: strings.ToLower(string(q.Step)),
		BySource: q.BySource, ByName: q.ByName, ByType: q.ByType, ByAppVersion: q.ByAppVersion, ByCode: q.ByCode,
		Names: q.Names, Types: q.Types, AppVersions: q.AppVersions, Codes: q.Codes,
	})
	out := make([]publicapi.Tallied, 0, len(rows))
	for _, r := range rows {
		out = append(out, publicapi.Tallied(r))
	}
	return out, err
}

func (t tallies) Delivery(ctx context.Context, mappings []string, since, until time.Time) (publicapi.Delivery, error) {
	d, err := t.journal.Delivery(ctx, mappings, since, until)
	return publicapi.Delivery(d), err
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

// audits is the audit trail as the Public API tells it.
type audits struct{ trail *audit.Trail }

// Events lists what was changed, the newest first.
func (a audits) Events(ctx context.Context, q publicapi.AuditQuery) ([]publicapi.AuditEvent, error) {
	kind := map[string]string{"subscription": "mapping"}[q.ResourceType]
	if kind == "" {
		kind = q.ResourceType
	}
	found, _, err := a.trail.Find(ctx, audit.Filter{Name: q.ResourceID, Kind: kind, Since: q.Since, Until: q.Until, Limit: q.Limit})
	if err != nil {
		return nil, err
	}
	var out []publicapi.AuditEvent
	for i := range found {
		f := &found[i]
		verb := map[string]string{"create": "Created", "update": "Modified", "delete": "Deleted"}[f.Action]
		if f.Void != "" || verb == "" {
			continue
		}
		event := publicapi.AuditEvent{
			ID: "events/" + f.Position.String(), At: time.UnixMilli(f.At), Type: auditTitle(f.Kind) + " " + verb, ResourceID: f.ID, ResourceType: f.Kind, ResourceName: f.Name, Actor: "system",
		}
		if who := f.Actor; who != nil {
			event.Actor = who.Kind + "/" + who.ID
			if who.Kind == string(access.Token) {
				event.Actor = "public-api-token/" + who.ID
			}
		}
		out = append(out, event)
	}
	return out, nil
}

// auditTitle is a kind of resource in the words of Segment's audit trail.
func auditTitle(kind string) string {
	switch kind {
	case "destination":
		return "Integration"
	case "filter":
		return "Destination Filter"
	case "":
		return "Resource"
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}
