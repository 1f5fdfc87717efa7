package pendoapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"penstock/internal/analytics"
	"penstock/internal/eventlog"
	"penstock/internal/pendoapi/keys"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Log is what is needed of the log.
type Log interface {
	Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
}

// Keys finds integration keys; keys.Store does.
type Keys interface {
	Find(secret string) (keys.Key, bool)
}

// Analytics answers what is asked.
type Analytics interface {
	Visitor(ctx context.Context, app, id string) (*analytics.Visitor, error)
	Account(ctx context.Context, app, id string) (*analytics.Account, error)
	Received(ctx context.Context, app string, f analytics.ReceivedFilter, p analytics.Page) (analytics.List[analytics.Received], error)
	TrackEvents(ctx context.Context, app string, r analytics.Range, p analytics.Page) (analytics.List[analytics.TrackEvent], error)
	PropertyKeys(ctx context.Context, app string) (map[string][]string, error)
	MetadataDictionary(ctx context.Context, app string, kind analytics.Kind, search string) ([]analytics.MetadataEntry, error)
	Known(ctx context.Context, app string, kind analytics.Kind, ids []string) (map[string]bool, error)
	SetFlags(ctx context.Context, app string, who analytics.Who, change analytics.FlagChange) (analytics.Flags, error)
	// Reached waits until what lies at a sequence of RECEIVED is in every answer.
	Reached(ctx context.Context, seq uint64) error
}

// Parts is what a Handler works with.
type Parts struct {
	Snapshot  func() *workspace.Snapshot
	Keys      Keys
	Analytics Analytics
	Log       Log
	Logger    *slog.Logger
}

// Handler answers /api/v1/.
type Handler struct {
	Parts

	mux *http.ServeMux
}

// New makes a Handler.
func New(parts Parts) *Handler {
	h := &Handler{Parts: parts, mux: http.NewServeMux()}
	for pattern, answer := range map[string]endpoint{
		"GET /api/v1/token/verify":                                  h.verify,
		"GET /api/v1/visitor/{id}":                                  h.visitor,
		"GET /api/v1/visitor/{id}/history":                          h.history,
		"GET /api/v1/account/{id}":                                  h.account,
		"GET /api/v1/tracktype":                                     h.trackTypes,
		"GET /api/v1/metadata/schema/{kind}":                        h.schema,
		"GET /api/v1/metadata/{kind}/{group}/value/{id}/{field}":    h.value,
		"PUT /api/v1/metadata/{kind}/{group}/value/{id}/{field}":    h.setValue,
		"POST /api/v1/metadata/{kind}/{group}/value":                h.setValues,
		"PATCH /api/v1/metadata/{kind}/{group}/value":               h.setValues,
		"PUT /api/v1/metadata/{kind}/pendo/value/{id}/donotprocess": h.doNotProcess,
	} {
		h.mux.Handle(pattern, h.open(answer))
	}
	h.mux.Handle("/api/v1/", h.open(func(*request) (any, error) {
		return nil, &failure{http.StatusNotFound, "there is no such endpoint here; of Pendo's public API there are token/verify, visitor, account, tracktype and metadata"}
	}))
	return h
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// request is a request with a good key.
type request struct {
	*http.Request

	key  keys.Key
	apps []*workspace.App // that the key opens
}

// endpoint answers a request with a value, or a *failure.
type endpoint func(r *request) (any, error)

// failure is the answer to what cannot be done. Its message says what is wrong; "" is an answer with nothing in it.
type failure struct {
	status  int
	message string
}

func (f *failure) Error() string { return f.message }

// errForbidden is what somebody without a good key gets.
func errForbidden() error { return &failure{http.StatusForbidden, ""} }

// open lets requests with a good key through; those that change something need one with write access.
func (h *Handler) open(answer endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, ok := h.Keys.Find(r.Header.Get("X-Pendo-Integration-Key"))
		req := &request{Request: r, key: key}
		for _, app := range h.Snapshot().Apps() {
			if key.App == "" || key.App == app.ID {
				req.apps = append(req.apps, app)
			}
		}
		if !ok || len(req.apps) == 0 || r.Method != http.MethodGet && !key.WriteAccess {
			h.write(w, r, nil, errForbidden())
			return
		}
		value, err := answer(req)
		h.write(w, r, value, err)
	})
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request, value any, err error) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	failed, known := errors.AsType[*failure](err)
	switch {
	case r.Context().Err() != nil:
		return // nobody is there to be answered
	case known && failed.message == "":
		w.WriteHeader(failed.status)
		return
	case known:
		value = map[string]string{"message": failed.message}
	case err != nil:
		h.Logger.LogAttrs(r.Context(), slog.LevelError, "public API request", slog.String("stage", "pendoapi"), slog.String("path", r.URL.Path), slog.Any("error", err))
		failed = &failure{status: http.StatusInternalServerError}
		value = map[string]string{"message": "the server could not answer this; its log says why"}
	default:
		failed = &failure{status: http.StatusOK}
	}
	body, err := json.Marshal(value)
	if err != nil {
		h.Logger.LogAttrs(r.Context(), slog.LevelError, "public API answer", slog.String("stage", "pendoapi"), slog.Any("error", err))
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(failed.status)
	_, _ = w.Write(body) // who is gone is not told
}

func (h *Handler) verify(r *request) (any, error) {
	return map[string]bool{"valid": true, "writeAccess": r.key.WriteAccess}, nil
}

// id is the visitor or account in the path, that may be in base64 as a header says.
func (r *request) id() (string, error) {
	value := r.PathValue("id")
	if r.Header.Get("X-Pendo-Base64-Encoded-Params") != "true" {
		return value, nil
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if text, err := encoding.DecodeString(value); err == nil {
			return string(text), nil
		}
	}
	return "", &failure{http.StatusBadRequest, fmt.Sprintf("x-pendo-base64-encoded-params is true, and %q is not base64", value)}
}

// kind is the part of the path that says visitor or account.
func (r *request) kind() (analytics.Kind, error) {
	switch k := analytics.Kind(r.PathValue("kind")); k {
	case analytics.KindVisitor, analytics.KindAccount:
		return k, nil
	}
	return "", &failure{http.StatusNotFound, "there is metadata of visitor and account"}
}

func notFound(what, id string) error {
	return &failure{http.StatusNotFound, fmt.Sprintf("%s %q is not known", what, id)}
}
