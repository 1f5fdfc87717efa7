package receive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

const (
	keyMax     = 128 // bytes that are kept of a key
	headerMax  = 256 // bytes that are kept of a header
	retryAfter = "5" // seconds
)

// delivery is a body on its way in.
type delivery struct {
	request  *http.Request
	body     []byte // as it came
	received record.Received
	app      *workspace.App // nil: there is none, for a reason
	reason   reason
	owner    *workspace.App // the app that the key belongs to, in another region
}

// byKey addresses a body to the app whose key is in the path.
func (h *Handler) byKey(r *http.Request, via string, body []byte) *delivery {
	key := r.PathValue("key")
	d := h.delivery(r, via, body)
	d.received.Key = cut(key, keyMax)
	app := h.parts.Apps().AppByKey(key)
	if app == nil {
		d.reason = reasonKey
		return d
	}
	if workspace.NormalizeAppKey(key) != workspace.NormalizeAppKey(app.Key) {
		d.verdict(pendowire.OldKey)
	}
	h.address(d, app)
	return d
}

func (h *Handler) delivery(r *http.Request, via string, body []byte) *delivery {
	d := &delivery{request: r, body: body, received: record.Received{
		At:        time.Now().UnixMilli(),
		Via:       via,
		WebhookID: cut(r.Header.Get("Webhook-Id"), headerMax),
		Agent:     cut(r.UserAgent(), headerMax),
		Origin:    cut(r.Header.Get("Origin"), headerMax),
	}}
	if redrive, err := strconv.ParseUint(r.Header.Get("Webhook-Redrive"), 10, 32); err == nil {
		d.received.Redrive = redrive // anything else is none
	}
	if client := h.cfg.Proxies.Client(r); client.IsValid() {
		d.received.Remote = client.String()
	}
	return d
}

// address gives a body to an app, unless it came to the host of another region.
func (h *Handler) address(d *delivery, app *workspace.App) {
	_, host := h.cfg.Proxies.Reached(d.request, "")
	if here := regionOf(host); app.Region != "" && here != "" && here != app.Region {
		d.owner, d.reason = app, reasonRegion
		d.verdict(pendowire.WrongRegion)
		return
	}
	d.app = app
	d.received.Rules = app.Rules().Names()
}

func (d *delivery) verdict(v pendowire.Verdict) {
	d.received.Verdicts = append(d.received.Verdicts, string(v))
}

// take stores a body, or says why not.
func (h *Handler) take(ctx context.Context, d *delivery) *refused {
	if d.app != nil && d.app.CheckSignature {
		if v := signed(d.request.Header, d.body, d.app.SignatureSecret); v != "" {
			d.verdict(v)
		}
	}
	body, err := pendowire.CheckBody(d.body) // which may overwrite what came
	if err != nil {
		return &refused{status: http.StatusBadRequest, code: "invalid_json", message: err.Error()}
	}
	if !pendowire.CheckBatch(body) {
		return &refused{status: http.StatusRequestEntityTooLarge, code: "too_many_events", message: fmt.Sprintf("the body holds more than %d events; turn batching off, or send smaller batches", pendowire.BatchMax)}
	}
	d.received.Body = []byte(body)
	if d.app == nil {
		h.note(ctx, d)
		return d.refusal()
	}
	if isStrict(d.request) {
		if refusal := strict(&d.received); refusal != nil {
			return refusal
		}
	}
	return h.store(ctx, d)
}

func (h *Handler) store(ctx context.Context, d *delivery) *refused {
	err := h.append(ctx, "received."+h.cfg.Workspace+"."+d.app.ID, &d.received)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &refused{} // nobody is there to be answered
	case errors.Is(err, eventlog.ErrTooLarge):
		return tooLarge(h.cfg.BodyMax)
	}
	h.parts.Logger.LogAttrs(ctx, slog.LevelError, "received body was not stored", slog.String("stage", "receive"), slog.String("app", d.app.Slug), slog.Any("error", err))
	return &refused{status: http.StatusServiceUnavailable, code: "unavailable", message: "the event was not stored; send it again in " + retryAfter + " seconds"}
}

// read reads a body.
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
		return nil, &refused{status: http.StatusBadRequest, code: "incomplete_body", message: fmt.Sprintf("the body broke off after %d bytes; send it again", n)}
	}
	return buf.Bytes(), nil
}

func (h *Handler) append(ctx context.Context, subject string, received *record.Received) error {
	data, err := line(received)
	if err != nil {
		return err
	}
	_, err = h.parts.Log.Append(ctx, eventlog.Received, subject, record.KindReceived, []eventlog.Line{{Data: data}})
	return err
}

// note leaves a trace of a body that is for no app.
func (h *Handler) note(ctx context.Context, d *delivery) {
	if !h.unknown.add(&d.received, d.reason, d.owner) {
		return // counted
	}
	if len(d.received.Body) > unknownBodyMax {
		d.received.Body = []byte("null")
	}
	if err := h.append(ctx, "received."+h.cfg.Workspace+"._", &d.received); err != nil {
		h.parts.Logger.LogAttrs(ctx, slog.LevelWarn, "body for unknown key was not stored", slog.String("stage", "receive"), slog.String("key", d.received.Key), slog.Any("error", err))
	}
}

// cut takes at most n bytes of s, as valid UTF-8.
func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(n, len(s))], "") }
