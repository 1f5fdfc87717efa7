package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"penstock/internal/admin/journey"
	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

// listBytesMax bounds the events of one answer, in bytes; the list ends earlier and says where to go on.
const listBytesMax = 8 << 20

func (a *api) eventRoutes(h huma.API) {
	op := get("get-journey", "/api/events/{messageId}", "Where is my event?",
		"Every gate that an event passed: received, normalised, matched or not and by which clause, mapped, sent, answered, and what it became at the receiver.")
	op.Errors = append(op.Errors, http.StatusNotFound)
	huma.Register(h, op, a.journey)

	op = get("list-events", "/api/sources/{source}/events", "List the events of a source", "In the order of the log, from the beginning or after a position.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
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
		return nil, huma.Error404NotFound(fmt.Sprintf("no event with the messageId %q is known; if it was refused, `penstock tail --from start` shows why", in.MessageID))
	}
	return answer(j), nil
}

type eventsInput struct {
	Source string `path:"source" doc:"Slug of the source" maxLength:"64"`
	After  string `query:"after" doc:"Position, as in 12.3; absent: from the beginning"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Event is an event with its place on the log.
type Event struct {
	Position    record.Position  `json:"position"`
	Source      string           `json:"source" doc:"Slug, or the id of one that was deleted"`
	DuplicateOf *record.Position `json:"duplicateOf,omitempty" doc:"The line with the same messageId that came first"`
	Event       json.RawMessage  `json:"event"`
}

type eventsOutput struct {
	Body struct {
		Data []Event          `json:"data" nullable:"false"`
		Next *record.Position `json:"next,omitempty" doc:"What to give as after for more; absent: the end of the log was reached"`
	}
}

func (a *api) source(slug string) (*workspace.Source, error) {
	source := a.Workspace.Snapshot().SourceBySlug(slug)
	if source == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("there is no source %q; GET /api/workspace names them", slug))
	}
	return source, nil
}

func (a *api) events(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
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
	out := &eventsOutput{}
	out.Body.Data = []Event{}
	r := a.Log.Read(eventlog.Events, "events."+workspace.Default+"."+source.ID, after.Seq)
	for size := 0; ; {
		c, more, err := r.TryNext(ctx)
		if err != nil {
			return nil, a.fault(ctx, "list-events", err)
		}
		if !more {
			return out, nil
		}
		for line, event := range record.Lines(c.Body) {
			p := record.Position{Seq: c.Seq, Line: line}
			if p.Compare(after) <= 0 {
				continue
			}
			if len(out.Body.Data) == in.Limit || size+len(event) > listBytesMax && size > 0 {
				last := out.Body.Data[len(out.Body.Data)-1].Position
				out.Body.Next = &last
				return out, nil
			}
			size += len(event)
			out.Body.Data = append(out.Body.Data, eventAt(&c, p, event, source.Slug))
		}
	}
}

func eventAt(c *eventlog.Chunk, p record.Position, event []byte, source string) Event {
	e := Event{Position: p, Source: source, Event: slices.Clone(event)}
	if first, dup := c.Header.DupOf(p.Seq, p.Line); dup {
		e.DuplicateOf = &first
	}
	return e
}
