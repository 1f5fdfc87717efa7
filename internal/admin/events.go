package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/admin/journey"
	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/origin"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

func (a *api) eventRoutes(h huma.API) {
	op := get("get-journey", "/api/events/{messageId}", "Where is my event?",
		"Every gate that an event passed: received, normalised, matched or not and by which clause, mapped, sent, answered, and what it became at the receiver.")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.journey)

	op = get("list-events", "/api/sources/{source}/events", "List what came in for a source",
		"In the order of the log, from the beginning or after a position: one line of JSON for each event, and for each request, or event of a batch, that was not "+
			"taken. The position of the last line is what to give as after for more.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	schemas := h.OpenAPI().Components.Schemas
	op.Responses = map[string]*huma.Response{"200": {
		Description: "One line of JSON each", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: &huma.Schema{OneOf: []*huma.Schema{
			huma.SchemaFromType(schemas, reflect.TypeFor[Event]()), huma.SchemaFromType(schemas, reflect.TypeFor[Rejected]()), huma.SchemaFromType(schemas, reflect.TypeFor[Lost]()), huma.SchemaFromType(schemas, reflect.TypeFor[Removed]()),
		}}}},
	}}
	huma.Register(h, op, a.events)
}

type journeyInput struct {
	MessageID string `path:"messageId" maxLength:"1024"`
}

func (a *api) journey(ctx context.Context, in *journeyInput) (*data[*journey.Journey], error) {
	j, err := a.Journeys.Journey(ctx, in.MessageID)
	if err != nil {
		return nil, a.fault(ctx, "get-journey", err)
	}
	if j == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("no event with the messageId %q is known among those that are kept; if it was refused, `penstock tail --from start` shows why", in.MessageID))
	}
	return answer(j), nil
}

type eventsInput struct {
	Picked
	Shape

	Source string `path:"source" doc:"Slug of the source" maxLength:"64"`
	After  string `query:"after" doc:"Position, as in 12.3; absent: from the beginning"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100000" default:"100"`
}

// Event is an event with its place on the log.
type Event struct {
	Position    record.Position  `json:"position"`
	ReceivedAt  string           `json:"receivedAt" doc:"RFC 3339, in UTC"`
	Source      string           `json:"source" doc:"Slug, or the id of one that was deleted"`
	DuplicateOf *record.Position `json:"duplicateOf,omitempty" doc:"The line with the same messageId that came first"`
	Origin      origin.Origin    `json:"origin"`
	Event       json.RawMessage  `json:"event"`
}

func (a *api) source(slug string) (*workspace.Source, error) {
	source := a.Workspace.Snapshot().SourceBySlug(slug)
	if source == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("there is no source %q; GET /api/workspace names them", slug))
	}
	return source, nil
}

func (a *api) events(_ context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	source, err := a.source(in.Source)
	if err != nil {
		return nil, err
	}
	after := record.Position{Seq: 1, Line: -1}
	if in.After != "" {
		if after, err = record.ParsePosition(in.After); err != nil {
			return nil, huma.Error422UnprocessableEntity(err.Error())
		}
	}
	return a.stream(&tailer{token: source.ID, after: after, pick: in.Picked, shape: in.Shape, form: ndjson, limit: in.Limit}) //nolint:contextcheck // as in tail
}

// ndjson writes a message as a line.
func ndjson(_ string, _ record.Position, data []byte) string { return string(data) + "\n" }

// event is an event as it is shown.
func (t *tailer) event(c *eventlog.Chunk, p record.Position, line []byte, source string) Event {
	e := Event{Position: p, ReceivedAt: event.BriefOf(line).ReceivedAt, Source: source, Origin: origin.Of(line), Event: t.shape.event(line)}
	if e.ReceivedAt == "" {
		e.ReceivedAt = timeText(c.Header.At)
	}
	if first, dup := c.Header.DupOf(p.Seq, p.Line); dup {
		e.DuplicateOf = &first
	}
	return e
}

// timeText is a time in ms since 1970 as text.
func timeText(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
