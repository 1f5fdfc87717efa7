package admin

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/access"
	"penstock/internal/accounts"
	"penstock/internal/admin/journey"
	"penstock/internal/analytics"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/forwarded"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Config is what an operator may set.
type Config struct {
	// Version is that of the program, for the API's description.
	Version string
	// Proxies stand in front of this server.
	Proxies forwarded.Proxies
	// PublicURL is the one under which others reach this server; empty: not known.
	PublicURL string
}

// Workspace is the configuration; workspace.Store is one.
type Workspace interface {
	Snapshot() *workspace.Snapshot
	Apply(ctx context.Context, f *workspace.File, opts workspace.ApplyOptions) (*workspace.Plan, error)
	Edit(ctx context.Context, edit func(*workspace.Edit) error) (*workspace.Plan, error)
	Preview(ctx context.Context, edit func(*workspace.Edit) error) (*workspace.Plan, error)
}

// Ledger counts what became of events.
type Ledger interface {
	// Counts has a row for each mapping that has ever owed anything, and says up to where the log was read.
	Counts(ctx context.Context) ([]MappingCounts, Cut, error)
}

// MappingCounts is the ledger's account of a mapping; Accepted is the sum of the others. Mapping and Destination are ids.
type MappingCounts struct {
	Mapping     string
	Destination string
	Counts
}

// Counts are numbers of events.
type Counts struct {
	Accepted  uint64 `json:"accepted" doc:"Events that the mapping owed an outcome for; the sum of the others"`
	Delivered uint64 `json:"delivered"`
	Filtered  uint64 `json:"filtered"`
	Duplicate uint64 `json:"duplicate"`
	Discarded uint64 `json:"discarded"`
	Lost      uint64 `json:"lost"`
	Retrying  uint64 `json:"retrying"`
	Parked    uint64 `json:"parked"`
	Pending   uint64 `json:"pending"`
}

// Cut is the moment that an answer of the ledger is of: the sequences up to which the streams were read.
type Cut struct {
	Events   uint64 `json:"events"`
	Outcomes uint64 `json:"outcomes"`
}

// Journeys tells the way of a messageId, and nil of one that is not known; journey.Assembler does.
type Journeys interface {
	Journey(ctx context.Context, messageID string) (*journey.Journey, error)
}

// Log is what is shown live; eventlog.Log is one.
type Log interface {
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(stream eventlog.Stream) uint64
	Get(ctx context.Context, stream eventlog.Stream, p record.Position) ([]byte, error)
}

// Inbox knows what was sent to no app.
type Inbox interface {
	// UnknownKeys lists the most used first.
	UnknownKeys() []UnknownKey
}

// Parts is what the API answers from.
type Parts struct {
	// Accounts tells whom a request is from, and changes users and tokens.
	Accounts  *accounts.Accounts
	Trail     Trail
	Secrets   Secrets
	Server    Server
	Workspace Workspace
	Catalog   workspace.Catalog
	// Destinations are all that the catalog has.
	Destinations []destination.Destination
	Trials       Trials
	Impacts      Impacts
	Ledger       Ledger
	// Analytics is what the receiving side has made of what it took.
	Analytics       analytics.Service
	IntegrationKeys IntegrationKeys
	Inbox           Inbox
	Journeys        Journeys
	Journal         Journal
	Log             Log
	Erasures        Erasures
	// Keeping tells what the log keeps, and what is wrong with it.
	Keeping func() Keeping
	// Metrics answers /metrics.
	Metrics http.Handler
	// Ready says why the server does not take events yet, or any more; nil: it does.
	Ready  func() error
	Logger *slog.Logger
}

// api is the handlers' receiver.
type api struct {
	Parts
	tails chan struct{} // one value for each live tail
}

// New makes the gate with /api/..., /metrics, /healthz and /readyz behind it.
func New(cfg Config, parts Parts) *access.Gate {
	gate := access.NewGate(access.Config{Authenticator: parts.Accounts, Refuse: problem, Proxies: cfg.Proxies, PublicURL: cfg.PublicURL})
	routes(gate, cfg, parts)
	if parts.Metrics != nil {
		gate.Handle("GET /metrics", access.Viewer, parts.Metrics)
	}
	return gate
}

// routes registers every operation.
func routes(gate *access.Gate, cfg Config, parts Parts) huma.API {
	a := &api{Parts: parts, tails: make(chan struct{}, tailsMax)}
	config := huma.DefaultConfig("Penstock control API", cfg.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // they would add "$schema" to every answer
	config.RejectUnknownQueryParameters = true
	config.Formats = maps.Clone(config.Formats)
	config.Formats[csvType] = csvFormat()
	config.DefaultFormat = "application/json"
	h := gate.API(config)
	h.UseMiddleware(asCSV)
	a.operations(h)
	a.workspaceRoutes(h)
	a.sourceRoutes(h)
	a.destinationRoutes(h)
	a.mappingRoutes(h)
	a.filterRoutes(h)
	a.impactRoute(h)
	a.catalogRoutes(h)
	a.trialRoute(h)
	a.appRoutes(h)
	a.countRoutes(h)
	a.analyticsRoutes(h)
	a.integrationKeyRoutes(h)
	a.eventRoutes(h)
	a.historyRoutes(h)
	a.keepingRoute(h)
	a.erasureRoutes(h)
	a.tailRoute(h)
	a.sessionRoutes(h)
	a.userRoutes(h)
	a.tokenRoutes(h)
	a.auditRoute(h)
	a.secretRoutes(h)
	a.serverRoute(h)
	gate.Handle("GET "+openAPIPath, access.Viewer, description(h.OpenAPI()))
	return h
}

// openAPIPath is where the API describes itself.
const openAPIPath = "/api/openapi.json"

// description answers with the OpenAPI document, which no longer changes.
func description(document *huma.OpenAPI) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		body, err := json.Marshal(document)
		if err != nil {
			panic(err) // its own test has written it
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(body) // who is gone is not told
	})
}

// get describes an operation that reads; every viewer may.
func get(id, path, summary, description string) huma.Operation {
	return operation(http.MethodGet, path, access.Viewer, huma.Operation{OperationID: id, Summary: summary, Description: description})
}

// operation describes an operation: how it is called, and which role it needs.
func operation(method, path string, needed access.Role, op huma.Operation) huma.Operation {
	op.Method, op.Path = method, path
	op.Errors = append(op.Errors, http.StatusInternalServerError)
	return access.Allow(op, needed)
}

// data is the envelope of every answer.
type data[T any] struct {
	Body struct {
		Data T `json:"data" nullable:"false"`
	}
}

func answer[T any](v T) *data[T] {
	out := &data[T]{}
	out.Body.Data = v
	return out
}

// fault is the answer when the server itself could not do it: the reason is for the operator's log.
func (a *api) fault(ctx context.Context, operation string, err error) error {
	a.Logger.LogAttrs(ctx, slog.LevelError, "control API request", slog.String("stage", "admin"), slog.String("operation", operation), slog.Any("error", err))
	return huma.Error500InternalServerError("the server could not answer this; its log says why")
}
