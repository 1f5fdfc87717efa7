package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

const (
	tailsMax      = 64 // live tails at a time
	tailQuiet     = 15 * time.Second
	tailWriteTime = 10 * time.Second // a client that takes nothing for so long is let go
)

func (a *api) tailRoute(h huma.API) {
	op := get("tail", "/api/tail", "Follow what comes in",
		"Server-sent events, in the order of the log: `event` (an accepted event, as in GET /api/sources/{source}/events), `rejected` (a request, or an event of a "+
			"batch, that was not taken), `lost` (lines of the log that cannot be read). The id of each is its position; a client that comes back with "+
			"Last-Event-ID goes on after it.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	schemas := h.OpenAPI().Components.Schemas
	var kinds []*huma.Schema
	for _, kind := range []struct {
		name string
		data any
	}{{"event", Event{}}, {"rejected", Rejected{}}, {"lost", Lost{}}} {
		kinds = append(kinds, &huma.Schema{
			Type: huma.TypeObject, Title: kind.name,
			Properties: map[string]*huma.Schema{
				"id":    {Type: huma.TypeString},
				"event": {Type: huma.TypeString, Enum: []any{kind.name}},
				"data":  huma.SchemaFromType(schemas, reflect.TypeOf(kind.data)),
			},
		})
	}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Server-sent events", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{OneOf: kinds}}},
	}}
	huma.Register(h, op, a.tail)
}

type tailInput struct {
	Source      string `query:"source" doc:"Slug of a source; absent: all, and the requests that belong to none" maxLength:"64"`
	From        string `query:"from" doc:"start, now, or a sequence of the log" default:"now" maxLength:"64"`
	Follow      bool   `query:"follow" doc:"false: end at the end of the log" default:"true"`
	LastEventID string `header:"Last-Event-ID"`
}

// Rejected is a request, or an event of a batch, that was not taken.
type Rejected struct {
	Position record.Position `json:"position"`
	record.Rejected
}

// Lost says that lines of the log cannot be read.
type Lost struct {
	Before uint64 `json:"before" doc:"Sequence of the frame after them, or of their own where that can still be told"`
	Source string `json:"source"`
	Lines  uint64 `json:"lines"`
}

// tailer writes one live tail.
type tailer struct {
	out    http.ResponseWriter
	live   *http.ResponseController
	now    func() *workspace.Snapshot
	after  record.Position // what the client has had
	reader *eventlog.Reader
}

func (a *api) tail(_ context.Context, in *tailInput) (*huma.StreamResponse, error) {
	token := "*"
	if in.Source != "" {
		source, err := a.source(in.Source)
		if err != nil {
			return nil, err
		}
		token = source.ID
	}
	after, err := a.tailFrom(in)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	select {
	case a.tails <- struct{}{}:
	default:
		return nil, huma.Error503ServiceUnavailable(fmt.Sprintf("%d clients follow the log already, and that is as many as may", tailsMax))
	}
	return &huma.StreamResponse{Body: func(h huma.Context) { //nolint:contextcheck // the context of the stream is h's
		defer func() { <-a.tails }()
		_, w := humago.Unwrap(h)
		t := &tailer{
			out: w, live: http.NewResponseController(w), now: a.Workspace.Snapshot, after: after,
			reader: a.Log.Read(eventlog.Events, "*."+workspace.Default+"."+token, after.Seq),
		}
		h.SetHeader("Content-Type", "text/event-stream")
		h.SetStatus(http.StatusOK)
		if err := t.run(h.Context(), in.Follow); err != nil && h.Context().Err() == nil {
			a.Logger.LogAttrs(h.Context(), slog.LevelWarn, "live tail ended", slog.String("stage", "admin"), slog.Any("error", err))
		}
	}}, nil
}

// tailFrom is the position after which a tail begins.
func (a *api) tailFrom(in *tailInput) (record.Position, error) {
	if in.LastEventID != "" {
		return record.ParsePosition(in.LastEventID)
	}
	switch in.From {
	case "start":
		return record.Position{Seq: 1, Line: -1}, nil
	case "now":
		return record.Position{Seq: a.Log.Last(eventlog.Events) + 1, Line: -1}, nil
	}
	seq, err := strconv.ParseUint(in.From, 10, 64)
	if err != nil {
		return record.Position{}, fmt.Errorf("from is %q; want start, now, or a sequence of the log", in.From)
	}
	return record.Position{Seq: seq, Line: -1}, nil
}

func (t *tailer) run(ctx context.Context, follow bool) error {
	// The server's deadlines are meant for short requests. Where there is none to set, there is none to lift.
	_ = t.live.SetReadDeadline(time.Time{})
	defer func() { _ = t.live.SetWriteDeadline(time.Time{}) }()
	if err := t.flush(); err != nil {
		return err
	}
	for {
		c, more, err := t.reader.TryNext(ctx)
		switch {
		case err != nil:
			return err
		case more:
			err = t.chunk(&c)
		case !follow:
			return t.flush()
		default:
			err = t.wait(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// wait sends what was written, and waits for more; now and then a comment goes out, so that nobody on the way takes the connection for dead.
func (t *tailer) wait(ctx context.Context) error {
	if err := t.flush(); err != nil {
		return err
	}
	quiet := time.NewTimer(tailQuiet)
	defer quiet.Stop()
	select {
	case <-t.reader.Wait():
		return nil
	case <-quiet.C:
		return t.write(": quiet\n\n")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *tailer) chunk(c *eventlog.Chunk) error {
	source := c.Source()
	if known := t.now().Source(source); known != nil {
		source = known.Slug
	}
	if c.Lost > 0 && c.Header.Kind == record.KindEvents {
		if err := t.send("lost", record.Position{Seq: c.Seq}, Lost{Before: c.Seq, Source: source, Lines: c.Lost}); err != nil {
			return err
		}
	}
	for line, text := range record.Lines(c.Body) {
		p := record.Position{Seq: c.Seq, Line: line}
		if p.Compare(t.after) <= 0 {
			continue
		}
		if err := t.line(c, p, text, source); err != nil {
			return err
		}
	}
	return nil
}

func (t *tailer) line(c *eventlog.Chunk, p record.Position, text []byte, source string) error {
	switch c.Header.Kind {
	case record.KindEvents:
		return t.send("event", p, eventAt(c, p, text, source))
	case record.KindRejected:
		var r record.Rejected
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("read %s: %w", p, err)
		}
		if r.Source != "" {
			r.Source = source
		}
		return t.send("rejected", p, Rejected{Position: p, Rejected: r})
	case record.KindFence, record.KindOutcomes, record.KindReceived:
		return nil
	}
	return nil
}

func (t *tailer) send(event string, p record.Position, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", p, err)
	}
	return t.write("event: " + event + "\nid: " + p.String() + "\ndata: " + string(text) + "\n\n")
}

func (t *tailer) write(text string) error {
	if err := t.live.SetWriteDeadline(time.Now().Add(tailWriteTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	_, err := io.WriteString(t.out, text)
	return err
}

func (t *tailer) flush() error {
	if err := t.live.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
