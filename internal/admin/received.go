package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"penstock/internal/analytics"
	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

func (a *api) receivedRoutes(h huma.API) {
	huma.Register(h, question("list-received", "/api/apps/{app}/received", "List what an app received",
		"Each call with what it became and why; the newest first. The app _ is what came for keys that belong to no app. A page may have fewer rows than its limit, and still a next one."), a.received)

	op := question("follow-received", "/api/apps/{app}/received/stream", "Follow what an app receives",
		"Server-sent events `received`; the id of each is its place, and a client that comes back with Last-Event-ID goes on after it.")
	op.Errors = append(op.Errors, http.StatusServiceUnavailable)
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Server-sent events", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{
			Type: huma.TypeObject, Title: "received",
			Properties: map[string]*huma.Schema{
				"id":    {Type: huma.TypeString},
				"event": {Type: huma.TypeString, Enum: []any{"received"}},
				"data":  huma.SchemaFromType(h.OpenAPI().Components.Schemas, reflect.TypeFor[analytics.Received]()),
			},
		}}},
	}}
	huma.Register(h, op, a.followReceived)

	huma.Register(h, question("get-received", "/api/apps/{app}/received/{position}", "Show a body that an app received",
		"As it came, and the calls that it held."), a.receivedAt)
}

// PickedCalls is which calls are to be shown.
type PickedCalls struct {
	Type      string            `query:"type" doc:"track, identify, group, meta, ..." maxLength:"64"`
	Event     string            `query:"event" doc:"Event name" maxLength:"1024"`
	Visitor   string            `query:"visitor" doc:"Visitor ID" maxLength:"1024"`
	Account   string            `query:"account" doc:"Account ID" maxLength:"1024"`
	Via       string            `query:"via" enum:"segmentio,track,agent,api"`
	Key       string            `query:"key" doc:"As it was written in the request" maxLength:"128"`
	MessageID string            `query:"messageId" maxLength:"1024"`
	Verdict   pendowire.Verdict `query:"verdict" doc:"Code" maxLength:"64"`
}

func (p *PickedCalls) filter() analytics.ReceivedFilter {
	return analytics.ReceivedFilter{
		Type: p.Type, Event: p.Event, Visitor: p.Visitor, Account: p.Account, Via: p.Via, Key: p.Key, MessageID: p.MessageID, Verdict: p.Verdict,
	}
}

type receivedInput struct {
	AppInput
	RangeInput
	FormatInput
	PickedCalls

	Search string `query:"search" doc:"Part of the properties, as JSON" maxLength:"1024"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	Cursor string `query:"cursor" doc:"What the page before gave as next" maxLength:"64"`
}

// receiver is the id of an app, or "_".
func (a *api) receiver(slug string) (string, error) {
	if slug == analytics.UnknownApp {
		return slug, nil
	}
	app, err := a.app(slug)
	if err != nil {
		return "", err
	}
	return app.ID, nil
}

func (a *api) received(ctx context.Context, in *receivedInput) (*listOf[analytics.Received], error) {
	app, err := a.receiver(in.App)
	if err != nil {
		return nil, err
	}
	page := analytics.Page{Limit: in.Limit, Cursor: in.Cursor}
	if in.csv() {
		page = analytics.Page{Limit: csvRows}
	}
	filter := in.filter()
	filter.Range, filter.Search = in.open(), in.Search
	found, err := a.Analytics.Received(ctx, app, filter, page)
	if err != nil {
		return nil, a.unanswered(ctx, "list-received", err)
	}
	return listed(found), nil
}

type receivedAtInput struct {
	AppInput

	Position string `path:"position" doc:"As in 12.0" maxLength:"64"`
}

// ReceivedBody is a body that was received.
type ReceivedBody struct {
	Record json.RawMessage      `json:"record" doc:"The request: at (ms since 1970), via, key, webhookId, remote, agent, origin, rules, and the body as it came"`
	Calls  []analytics.Received `json:"calls" nullable:"false"`
}

func (a *api) receivedAt(ctx context.Context, in *receivedAtInput) (*data[ReceivedBody], error) {
	app, err := a.receiver(in.App)
	if err != nil {
		return nil, err
	}
	p, err := record.ParsePosition(in.Position)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	calls, err := a.Analytics.At(ctx, app, p)
	if err != nil {
		return nil, a.unanswered(ctx, "get-received", err)
	}
	if len(calls) == 0 {
		return nil, huma.Error404NotFound(fmt.Sprintf("the app %q received nothing at %s", in.App, p))
	}
	line, err := a.Log.Get(ctx, eventlog.Received, p)
	if errors.Is(err, eventlog.ErrNotFound) {
		line, err = []byte("null"), nil // not kept any more
	}
	if err != nil {
		return nil, a.fault(ctx, "get-received", err)
	}
	return answer(ReceivedBody{Record: line, Calls: calls}), nil
}

type followInput struct {
	AppInput
	PickedCalls

	LastEventID string `header:"Last-Event-ID"`
}

func (a *api) followReceived(ctx context.Context, in *followInput) (*huma.StreamResponse, error) {
	app, err := a.receiver(in.App)
	if err != nil {
		return nil, err
	}
	f := &follower{tailer: tailer{form: serverSent}, service: a.Analytics, app: app, filter: in.filter()}
	if in.LastEventID == "" {
		f.mark, err = a.Analytics.Newest(ctx)
	} else {
		place, ok := analytics.ParsePlace(in.LastEventID)
		if !ok {
			return nil, huma.Error422UnprocessableEntity("Last-Event-ID is no place, as in 12.0.3")
		}
		f.mark, err = a.Analytics.MarkOf(ctx, place)
	}
	if err != nil {
		return nil, a.fault(ctx, "follow-received", err)
	}
	select {
	case a.tails <- struct{}{}:
	default:
		return nil, huma.Error503ServiceUnavailable(fmt.Sprintf("%d clients follow already, and that is as many as may", tailsMax))
	}
	return &huma.StreamResponse{Body: func(h huma.Context) { //nolint:contextcheck // the context of the stream is h's
		defer func() { <-a.tails }()
		_, w := humago.Unwrap(h)
		f.out, f.live = w, http.NewResponseController(w)
		h.SetHeader("Content-Type", "text/event-stream")
		h.SetStatus(http.StatusOK)
		if err := f.run(h.Context()); err != nil && h.Context().Err() == nil {
			a.Logger.LogAttrs(h.Context(), slog.LevelWarn, "live view ended", slog.String("stage", "admin"), slog.Any("error", err))
		}
	}}, nil
}

// follower writes what an app receives, as soon as it is in the tables.
type follower struct {
	tailer

	service analytics.Service
	app     string
	filter  analytics.ReceivedFilter
	mark    analytics.Mark
}

// followedRows is how many calls are written at a time.
const followedRows = 200

func (f *follower) run(ctx context.Context) error {
	_ = f.live.SetReadDeadline(time.Time{}) // the server's deadlines are meant for short requests
	defer func() { _ = f.live.SetWriteDeadline(time.Time{}) }()
	for {
		changed := f.service.Changed()
		found, seen, err := f.service.ReceivedAfter(ctx, f.app, f.filter, f.mark, followedRows)
		if err != nil {
			return err
		}
		f.mark = seen
		for i := range found {
			text, err := json.Marshal(&found[i])
			if err != nil {
				return fmt.Errorf("write %s: %w", found[i].Place, err)
			}
			if err := f.write("event: received\nid: " + found[i].Place.String() + "\ndata: " + string(text) + "\n\n"); err != nil {
				return err
			}
		}
		if err := f.flush(); err != nil {
			return err
		}
		if len(found) < followedRows {
			if err := f.quiet(ctx, changed); err != nil {
				return err
			}
		}
	}
}

// quiet waits for more; now and then a comment goes out, so that nobody on the way takes the connection for dead.
func (f *follower) quiet(ctx context.Context, changed <-chan struct{}) error {
	timer := time.NewTimer(tailQuiet)
	defer timer.Stop()
	select {
	case <-changed:
		return nil
	case <-timer.C:
		if err := f.write(": quiet\n\n"); err != nil {
			return err
		}
		return f.flush()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
