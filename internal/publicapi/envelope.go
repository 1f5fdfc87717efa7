package publicapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"penstock/internal/workspace"
)

// fault is an answer of failure.
type fault struct {
	status  int
	kind    string // what clients find under type
	message string
	field   string
}

func (f *fault) Error() string { return f.message }

func notFound(what string) error {
	return &fault{status: http.StatusNotFound, kind: "NotFound", message: what + " not found"}
}

func invalid(field, format string, args ...any) error {
	return &fault{status: http.StatusUnprocessableEntity, kind: "input-validation", message: fmt.Sprintf(format, args...), field: field}
}

func required(field string) error { return invalid(field, "%q is required", field) }

func conflict(field, format string, args ...any) error {
	return &fault{status: http.StatusConflict, kind: "Conflict", message: fmt.Sprintf(format, args...), field: field}
}

// write answers with JSON.
func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // who is gone is not told
}

// refuse answers a request that does not come in. There is no 403 in this API: what a token may not do is answered as if it were wrong.
func refuse(w http.ResponseWriter, _ int, detail string) {
	writeFault(w, &fault{status: http.StatusUnauthorized, kind: "Unauthorized", message: detail})
}

func writeFault(w http.ResponseWriter, f *fault) {
	e := map[string]any{"type": f.kind, "message": f.message}
	if f.field != "" {
		e["field"] = f.field
	}
	write(w, f.status, map[string]any{"errors": []any{e}})
}

// fail answers with what went wrong. What the server is to blame for is for its log.
func (a *api) fail(ctx context.Context, w http.ResponseWriter, operation string, err error) {
	if f, ok := errors.AsType[*fault](err); ok {
		writeFault(w, f)
		return
	}
	if problems, ok := errors.AsType[*workspace.InvalidError](err); ok {
		p := problems.Problems[0]
		message := p.Message
		if p.Path != "" {
			message = fmt.Sprintf("%q: %s", named(p.Path), p.Message)
		}
		writeFault(w, &fault{status: http.StatusUnprocessableEntity, kind: "input-validation", message: message, field: named(p.Path)})
		return
	}
	if errors.Is(err, workspace.ErrConflict) {
		writeFault(w, &fault{status: http.StatusConflict, kind: "Conflict", message: "somebody else keeps changing the workspace; try again"})
		return
	}
	a.Logger.LogAttrs(ctx, slog.LevelError, "public API request", slog.String("stage", "publicapi"), slog.String("operation", operation), slog.Any("error", err))
	writeFault(w, &fault{status: http.StatusInternalServerError, kind: "InternalServerError", message: "the server could not answer this; its log says why"})
}

// named is a path within a resource of the workspace in the words of this API.
func named(path string) string {
	path = strings.Replace(path, "fields", "settings", 1)
	if path == "name" {
		return path
	}
	return strings.Replace(path, "source", "sourceId", 1)
}

// absent are the parts of Segment's API that are not here.
func absent() []string {
	return []string{
		"tracking-plans", "regulations", "suppressions", "functions", "insert-function-instances", "users", "invites", "groups", "group", "roles", "usage", "transformations",
		"warehouses", "selective-syncs", "spaces", "audiences", "computed-traits", "reverse-etl-models", "live-plugins", "profiles-warehouses", "activations", "reverse-etl-syncs",
	}
}

// elsewhere answers for paths that are not here: 501 for what Segment's API has, 404 for what nobody has.
func (a *api) elsewhere(w http.ResponseWriter, r *http.Request) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix+"/"), "/")
	if slices.Contains(absent(), first) {
		writeFault(w, &fault{status: http.StatusNotImplemented, kind: "NotImplemented", message: "this server has no /" + first + "; docs/reference/public-api.md lists what it has"})
		return
	}
	writeFault(w, &fault{status: http.StatusNotFound, kind: "NotFound", message: r.Method + " " + strings.TrimPrefix(r.URL.Path, Prefix) + " is no operation of this API"})
}
