package admin

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"penstock/internal/admin/journey"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/workspace"
)

// Config is what an operator may set.
type Config struct {
	// TokenHash is the SHA-256 of the bearer token; see HashToken.
	TokenHash [sha256.Size]byte
	// Version is that of the program, for the API's description.
	Version string
}

// HashToken is the form in which the token is kept.
func HashToken(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }

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

// Analytics is what the receiving side has made of what it took. App is an id.
type Analytics interface {
	TrackEvents(ctx context.Context, app string) ([]TrackEvent, error)
	// Visitor returns nil for one that was never seen.
	Visitor(ctx context.Context, app, id string) (*Visitor, error)
}

// TrackEvent is one Track Event of an app, over all time.
type TrackEvent struct {
	Name      string    `json:"name"`
	Events    int64     `json:"events"`
	Visitors  int64     `json:"visitors"`
	Accounts  int64     `json:"accounts"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

// Visitor is one visitor of an app.
type Visitor struct {
	ID        string    `json:"id"`
	Accounts  []string  `json:"accounts" nullable:"false" doc:"Account IDs that the visitor was seen with"`
	Events    int64     `json:"events"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

// Journeys tells the way of a messageId, and nil of one that is not known; journey.Assembler does.
type Journeys interface {
	Journey(ctx context.Context, messageID string) (*journey.Journey, error)
}

// Log is what is shown live; eventlog.Log is one.
type Log interface {
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(stream eventlog.Stream) uint64
}

// Parts is what the API answers from.
type Parts struct {
	Workspace Workspace
	Catalog   workspace.Catalog
	// Destinations are all that the catalog has.
	Destinations []destination.Destination
	Trials       Trials
	Ledger       Ledger
	Analytics    Analytics
	Journeys     Journeys
	Log          Log
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

// New makes the handler of /api/..., /metrics, /healthz and /readyz.
func New(cfg Config, parts Parts) http.Handler {
	mux := http.NewServeMux()
	routes(mux, cfg, parts)
	if parts.Metrics != nil {
		mux.Handle("GET /metrics", parts.Metrics)
	}
	return guard(cfg, mux)
}

// routes registers every operation.
func routes(mux humago.Mux, cfg Config, parts Parts) huma.API {
	a := &api{Parts: parts, tails: make(chan struct{}, tailsMax)}
	config := huma.DefaultConfig("Penstock control API", cfg.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", ""
	config.CreateHooks = nil // they would add "$schema" to every answer
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "The admin token: PENSTOCK_ADMIN_TOKEN, or the one that `penstock serve` printed at its first start."},
	}
	h := humago.New(mux, config)
	a.operations(h)
	a.workspaceRoutes(h)
	a.sourceRoutes(h)
	a.destinationRoutes(h)
	a.mappingRoutes(h)
	a.catalogRoutes(h)
	a.trialRoute(h)
	a.countRoutes(h)
	a.eventRoutes(h)
	a.tailRoute(h)
	return h
}

// get describes an operation that reads; it needs the token.
func get(id, path, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Description: description,
		Security: []map[string][]string{{"token": {}}},
		Errors:   []int{http.StatusUnauthorized, http.StatusInternalServerError},
	}
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
