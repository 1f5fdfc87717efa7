package receive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// Log is what receive needs of the log.
type Log interface {
	Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
}

// Apps knows the apps by their keys. Keys are asked for in the form of workspace.NormalizeAppKey.
type Apps interface {
	AppByKey(key string) (App, bool)
}

// App is an app that receives.
type App struct {
	ID        string
	Workspace string
	Slug      string
}

// Config is what an operator may set.
type Config struct {
	// Workspace is the id of the workspace that takes what comes for unknown keys.
	Workspace string
	// BodyMax bounds a body, in bytes. Default 512 KiB.
	BodyMax int64
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig(workspaceID string) Config {
	return Config{Workspace: workspaceID, BodyMax: 512 << 10}
}

const (
	keyMax     = 128 // bytes that are kept of a key
	headerMax  = 256 // bytes that are kept of a header
	retryAfter = "5" // seconds
)

// Handler takes what is sent to apps. All its methods may be called concurrently.
type Handler struct {
	log     Log
	apps    func() Apps
	cfg     Config
	logger  *slog.Logger
	unknown *inbox
}

// New makes a Handler; apps returns the apps of now.
func New(log Log, apps func() Apps, cfg Config, logger *slog.Logger) *Handler {
	return &Handler{log: log, apps: apps, cfg: cfg, logger: logger, unknown: newInbox()}
}

// Register adds the routes.
func (h *Handler) Register(mux interface {
	Handle(pattern string, handler http.Handler)
}) {
	mux.Handle("POST /data/segmentio/{key}", http.HandlerFunc(h.segmentio))
	mux.Handle("OPTIONS /data/segmentio/{key}", http.HandlerFunc(preflight))
}

// UnknownKeys lists the keys that belong to no app and were used lately, the most used first.
func (h *Handler) UnknownKeys() []UnknownKey { return h.unknown.list() }

// segmentio takes a Segment event, or a batch of them, whose app is named in the path.
func (h *Handler) segmentio(w http.ResponseWriter, r *http.Request) {
	h.accept(w, r, "segmentio", r.PathValue("key"))
}

// accept takes a body that was sent to the app with a key; via is the way that it came.
func (h *Handler) accept(w http.ResponseWriter, r *http.Request, via, key string) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	body, refusal := h.read(w, r)
	if refusal != nil {
		refusal.write(w)
		return
	}
	received := &record.Received{
		At:        time.Now().UnixMilli(),
		Via:       via,
		Key:       cut(key, keyMax),
		WebhookID: cut(r.Header.Get("Webhook-Id"), headerMax),
		Remote:    host(r.RemoteAddr),
		Agent:     cut(r.UserAgent(), headerMax),
	}
	app, ok := h.apps().AppByKey(workspace.NormalizeAppKey(key))
	if !ok {
		h.note(r.Context(), received, body)
		unknownKey(key).write(w)
		return
	}
	err := h.append(r.Context(), "received."+app.Workspace+"."+app.ID, received, body)
	switch {
	case err == nil:
		write(w, http.StatusOK, []byte(`{"status":"ok"}`))
	case r.Context().Err() != nil: // nobody is there to be answered
	case errors.Is(err, eventlog.ErrTooLarge):
		tooLarge(h.cfg.BodyMax).write(w)
	default:
		h.logger.LogAttrs(r.Context(), slog.LevelError, "received body was not stored", slog.String("stage", "receive"), slog.String("app", app.Slug), slog.Any("error", err))
		w.Header().Set("Retry-After", retryAfter)
		(&refused{http.StatusServiceUnavailable, "unavailable", "the event was not stored; send it again in " + retryAfter + " seconds"}).write(w)
	}
}

// read takes the body and checks that it is one JSON text that can hold events.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) ([]byte, *refused) {
	if r.ContentLength > h.cfg.BodyMax {
		return nil, tooLarge(h.cfg.BodyMax)
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, h.cfg.BodyMax))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, tooLarge(h.cfg.BodyMax)
	}
	if err != nil {
		return nil, &refused{http.StatusBadRequest, "incomplete_body", fmt.Sprintf("the body broke off after %d bytes; send it again", n)}
	}
	body, err := pendowire.CheckBody(buf.Bytes())
	if err != nil {
		return nil, &refused{http.StatusBadRequest, "invalid_json", err.Error()}
	}
	if !pendowire.CheckBatch(body) {
		return nil, &refused{http.StatusRequestEntityTooLarge, "too_many_events", fmt.Sprintf("the body holds more than %d events; turn batching off, or send smaller batches", pendowire.BatchMax)}
	}
	return body, nil
}

func (h *Handler) append(ctx context.Context, subject string, received *record.Received, body []byte) error {
	data, err := line(received, body)
	if err != nil {
		return err
	}
	_, err = h.log.Append(ctx, eventlog.Received, subject, record.KindReceived, []eventlog.Line{{Data: data}})
	return err
}

// note leaves a trace of a body for a key that belongs to no app.
func (h *Handler) note(ctx context.Context, received *record.Received, body []byte) {
	if !h.unknown.add(received.Key, received.Remote, time.UnixMilli(received.At)) {
		return // counted
	}
	if len(body) > unknownBodyMax {
		body = []byte("null")
	}
	if err := h.append(ctx, "received."+h.cfg.Workspace+"._", received, body); err != nil {
		h.logger.LogAttrs(ctx, slog.LevelWarn, "body for unknown key was not stored", slog.String("stage", "receive"), slog.String("key", received.Key), slog.Any("error", err))
	}
}

// preflight lets browsers send from any page: the key in the path is no secret.
func preflight(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Content-Type, Webhook-Id, Webhook-Timestamp, Webhook-Signature, X-Signature")
	header.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// cut takes at most n bytes of s, as valid UTF-8.
func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(n, len(s))], "") }

// host is the address of the sender without its port.
func host(remote string) string {
	if h, _, err := net.SplitHostPort(remote); err == nil {
		return h
	}
	return remote
}
