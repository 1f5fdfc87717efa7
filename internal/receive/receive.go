package receive

import (
	"context"
	"log/slog"
	"net/http"

	"penstock/internal/agent"
	"penstock/internal/eventlog"
	"penstock/internal/forwarded"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Log is what receive needs of the log.
type Log interface {
	Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
}

// Apps knows the apps by what senders name them by; nil for one that is not there. workspace.Snapshot is one.
type Apps interface {
	// AppByKey takes a key in any written form.
	AppByKey(key string) *workspace.App
	AppBySharedSecret(secret string) *workspace.App
}

// Visitors knows what is wished for visitors. Whoever projects RECEIVED does.
type Visitors interface {
	// DoNotProcess tells whether a visitor of an app (id) wants nothing to be known of them.
	DoNotProcess(app, visitor string) bool
}

// Parts is what a Handler works with.
type Parts struct {
	Log      Log
	Apps     func() Apps // those of now
	Visitors Visitors    // nil: there is no such wish
	Logger   *slog.Logger
}

// Config is what an operator may set.
type Config struct {
	// Workspace is the id of the workspace whose apps receive.
	Workspace string
	// BodyMax bounds a body, in bytes. Default 512 KiB.
	BodyMax int64
	// Proxies are believed when they say who sent a request, and to which host. Default none.
	Proxies forwarded.Proxies
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig(workspaceID string) Config {
	return Config{Workspace: workspaceID, BodyMax: 512 << 10}
}

// Handler takes what is sent to apps. All its methods may be called concurrently.
type Handler struct {
	parts   Parts
	cfg     Config
	unknown *inbox
	agent   *agent.Script
}

// New makes a Handler.
func New(cfg Config, parts Parts) *Handler {
	return &Handler{parts: parts, cfg: cfg, unknown: newInbox(), agent: agent.New()}
}

// Register adds the routes.
func (h *Handler) Register(mux interface {
	Handle(pattern string, handler http.Handler)
},
) {
	mux.Handle("POST /data/segmentio/{key}", http.HandlerFunc(h.segmentio))
	mux.Handle("POST /data/track", http.HandlerFunc(h.track))
	mux.Handle("GET /data/ptm.gif/{key}", http.HandlerFunc(h.agentImage))
	mux.Handle("POST /data/ptm.gif/{key}", http.HandlerFunc(h.agentPost))
	mux.Handle("GET /data/guide.json/{key}", http.HandlerFunc(h.guides))
	mux.Handle("POST /data/guide.json/{key}", http.HandlerFunc(h.guides))
	mux.Handle("GET /data/guide.gif/{key}", http.HandlerFunc(image))
	mux.Handle("GET /data/log.gif/{key}", http.HandlerFunc(h.agentLog))
	mux.Handle("POST /data/errorlog", http.HandlerFunc(h.agentError))
	mux.Handle("OPTIONS /data/", http.HandlerFunc(preflight))
	mux.Handle("/data/", http.HandlerFunc(elsewhere))
	mux.Handle("GET /agent/static/{key}/pendo.js", http.HandlerFunc(h.script))
}

// UnknownKeys lists what came for no app lately: the most used key first.
func (h *Handler) UnknownKeys() []UnknownKey { return h.unknown.list() }

// segmentio takes a Segment event, or a batch of them, whose app is named in the path.
func (h *Handler) segmentio(w http.ResponseWriter, r *http.Request) {
	open(w)
	body, refusal := h.read(w, r)
	if refusal == nil {
		refusal = h.take(r.Context(), h.byKey(r, "segmentio", body))
	}
	reply(w, refusal)
}

// script serves the browser agent to the pages of an app.
func (h *Handler) script(w http.ResponseWriter, r *http.Request) {
	open(w)
	if d := h.byKey(r, "script", nil); d.app == nil {
		h.unknown.add(&d.received, d.reason, d.owner)
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("console.error(" + quoted(d.refusal().message) + ");\n")) //nolint:gosec // a quoted text; whoever asked has gone
		return
	}
	h.agent.ServeHTTP(w, r)
}
