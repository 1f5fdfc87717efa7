package admin

import (
	"bytes"
	"cmp"
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

	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/origin"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

const (
	tailsMax      = 64 // live tails at a time
	tailQuiet     = 15 * time.Second
	tailWriteTime = 10 * time.Second // a client that takes nothing for so long is let go
)

// logEnd is the header that tells a client of the tail what is new.
const logEnd = "Penstock-Log-End"

func (a *api) tailRoute(h huma.API) {
	op := get("tail", "/api/tail", "Follow what comes in",
		"Server-sent events, in the order of the log: `event` (an accepted event, as in GET /api/sources/{source}/events), `rejected` (a request, or an event of a "+
			"batch, that was not taken), `lost` (lines of the log that cannot be read). The id of each is its position; a client that comes back with "+
			"Last-Event-ID goes on after it. What lies behind the sequence in Penstock-Log-End came in after the answer began.")
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	schemas := h.OpenAPI().Components.Schemas
	var kinds []*huma.Schema
	for _, kind := range []struct {
		name string
		data any
	}{{"event", Event{}}, {"rejected", Rejected{}}, {"lost", Lost{}}, {"removed", Removed{}}} {
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
		Description: "Server-sent events",
		Headers: map[string]*huma.Param{logEnd: {
			Description: "Sequence of the last frame that was on the log when the answer began", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"},
		}},
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{OneOf: kinds}}},
	}}
	huma.Register(h, op, a.tail)
}

type tailInput struct {
	Picked
	Shape

	Source      string `query:"source" doc:"Slug of a source; absent: all, and the requests that belong to none" maxLength:"64"`
	From        string `query:"from" doc:"start, now, a sequence of the log, or a position, as in 12.3" default:"now" maxLength:"64"`
	Last        int    `query:"last" doc:"Begin with so many of the last that are there" minimum:"0" maximum:"10000"`
	Follow      bool   `query:"follow" doc:"false: end at the end of the log" default:"true"`
	LastEventID string `header:"Last-Event-ID"`
}

// Picked is what is to be shown.
type Picked struct {
	Text     string `query:"text" doc:"Show only what holds this text, as it is written in the JSON" maxLength:"1024"`
	Type     string `query:"type" doc:"Show only events of this type" enum:"track,identify,page,screen,group,alias"`
	Event    string `query:"event" doc:"Show only events of this name: of a track call, a page or a screen" maxLength:"1024"`
	User     string `query:"user" doc:"Show only events of this userId or anonymousId" maxLength:"1024"`
	Channel  string `query:"channel" doc:"Show only events of this channel: of browsers, of servers, of phones" enum:"client,server,mobile"`
	Rejected bool   `query:"rejected" doc:"Show only what was not taken"`
}

// event tells whether an event is to be shown.
func (p *Picked) event(line []byte) bool {
	if p.Rejected || p.Text != "" && !bytes.Contains(line, []byte(p.Text)) {
		return false
	}
	if p.Channel != "" && origin.Of(line).Channel != p.Channel {
		return false
	}
	if p.Type == "" && p.Event == "" && p.User == "" {
		return true
	}
	b := event.BriefOf(line)
	return (p.Type == "" || b.Type == p.Type) && (p.Event == "" || cmp.Or(b.Event, b.Name) == p.Event) && (p.User == "" || b.UserID == p.User || b.AnonymousID == p.User)
}

// rejected tells whether what was not taken is to be shown: it has no type, name, user or channel that could be trusted.
func (p *Picked) rejected(line []byte) bool {
	return p.Type == "" && p.Event == "" && p.User == "" && p.Channel == "" && bytes.Contains(line, []byte(p.Text))
}

// Shape is how an event is to be shown.
type Shape struct {
	Form string `query:"form" doc:"normalized: as destinations get it; raw: as the client sent it, without what the server says" enum:"normalized,raw" default:"normalized"`
}

// event is the JSON of an event that is to be shown.
func (s *Shape) event(line []byte) []byte {
	if s.Form == "raw" {
		return event.AppendSent(nil, line)
	}
	return line
}

// Rejected is a request, or an event of a batch, that was not taken.
type Rejected struct {
	Position   record.Position `json:"position"`
	ReceivedAt string          `json:"receivedAt" doc:"RFC 3339, in UTC"`
	Source     string          `json:"source,omitempty" doc:"Slug, when the write key was good"`
	Rejected   record.Rejected `json:"rejected"`
}

// Lost says that lines of the log cannot be read.
type Lost struct {
	Position record.Position `json:"position" doc:"Of the frame after them, or of their own where that can still be told"`
	Source   string          `json:"source"`
	Lost     uint64          `json:"lost" doc:"Number of lines"`
}

// Removed says that lines of the log are older than what is kept.
type Removed struct {
	Position record.Position `json:"position" doc:"Of the first frame that is kept"`
	Source   string          `json:"source"`
	Removed  uint64          `json:"removed" doc:"Number of lines"`
}

// tailer writes what came in, as it lies on the log.
type tailer struct {
	token  string                                                   // id of the source; *: all
	after  record.Position                                          // what the client has had
	pick   Picked                                                   // what it wants
	shape  Shape                                                    // how it wants an event
	form   func(kind string, p record.Position, data []byte) string // how it wants a message
	limit  int                                                      // 0: none
	follow bool

	out    http.ResponseWriter
	live   *http.ResponseController
	now    func() *workspace.Snapshot
	reader *eventlog.Reader
	sent   int
}

// errLimit ends a list that is as long as it may be.
var errLimit = errors.New("limit is reached")

func (a *api) tail(ctx context.Context, in *tailInput) (*huma.StreamResponse, error) {
	t := &tailer{token: "*", pick: in.Picked, shape: in.Shape, form: serverSent, follow: in.Follow}
	if in.Source != "" {
		source, err := a.source(in.Source)
		if err != nil {
			return nil, err
		}
		t.token = source.ID
	}
	var err error
	if t.after, err = a.tailFrom(in); err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	if in.Last > 0 && in.LastEventID == "" {
		if t.after, err = a.lastOf(ctx, t, in.Last); err != nil {
			return nil, a.fault(ctx, "tail", err)
		}
	}
	return a.stream(t) //nolint:contextcheck // the context of the stream is that of its request
}

// stream answers with what a tailer writes.
func (a *api) stream(t *tailer) (*huma.StreamResponse, error) {
	select {
	case a.tails <- struct{}{}:
	default:
		return nil, huma.Error503ServiceUnavailable(fmt.Sprintf("%d clients follow the log already, and that is as many as may", tailsMax))
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer func() { <-a.tails }()
		_, w := humago.Unwrap(h)
		t.out, t.live, t.now = w, http.NewResponseController(w), a.Workspace.Snapshot
		t.reader = a.Log.Read(eventlog.Events, t.filter(), t.after.Seq)
		if t.limit > 0 {
			h.SetHeader("Content-Type", "application/x-ndjson")
		} else {
			h.SetHeader("Content-Type", "text/event-stream")
			h.SetHeader(logEnd, strconv.FormatUint(a.Log.Last(eventlog.Events), 10))
		}
		h.SetStatus(http.StatusOK)
		if err := t.run(h.Context()); err != nil && !errors.Is(err, errLimit) && h.Context().Err() == nil {
			a.Logger.LogAttrs(h.Context(), slog.LevelWarn, "live tail ended", slog.String("stage", "admin"), slog.Any("error", err))
		}
	}}, nil
}

func (t *tailer) filter() string { return "*." + workspace.Default + "." + t.token }

// lastFrames is how many frames are looked through first for the last lines; then four times as many.
const lastFrames = 256

// lastOf finds the position after which as many lines remain as are wanted, of those that are there and are shown.
func (a *api) lastOf(ctx context.Context, t *tailer, wanted int) (record.Position, error) {
	end := a.Log.Last(eventlog.Events)
	for frames := uint64(lastFrames); ; frames *= 4 {
		from := uint64(1)
		if end > frames {
			from = end - frames
		}
		found, err := a.shown(ctx, t, from, end)
		if err != nil {
			return record.Position{}, err
		}
		if len(found) >= wanted {
			p := found[len(found)-wanted]
			p.Line--
			return p, nil
		}
		if from == 1 {
			return record.Position{Seq: 1, Line: -1}, nil
		}
	}
}

// shown lists the positions of the lines from one sequence to another that a tail shows.
func (a *api) shown(ctx context.Context, t *tailer, from, end uint64) ([]record.Position, error) {
	var found []record.Position
	reader := a.Log.Read(eventlog.Events, t.filter(), from)
	for {
		c, more, err := reader.TryNext(ctx)
		if err != nil || !more || c.Seq > end {
			return found, err
		}
		for line, text := range record.Lines(c.Body) {
			if c.Header.Kind == record.KindEvents && t.pick.event(text) || c.Header.Kind == record.KindRejected && t.pick.rejected(text) {
				found = append(found, record.Position{Seq: c.Seq, Line: line})
			}
		}
	}
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
	if seq, err := strconv.ParseUint(in.From, 10, 64); err == nil {
		return record.Position{Seq: seq, Line: -1}, nil
	}
	p, err := record.ParsePosition(in.From)
	if err != nil {
		return record.Position{}, fmt.Errorf("from is %q; want start, now, a sequence of the log, or a position such as 12.3", in.From)
	}
	p.Line--
	return p, nil
}

func (t *tailer) run(ctx context.Context) error {
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
		case !t.follow:
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
	if c.Removed > 0 && c.Header.Kind == record.KindEvents {
		if err := t.send("removed", record.Position{Seq: c.Seq}, Removed{Position: record.Position{Seq: c.Seq}, Source: source, Removed: c.Removed}); err != nil {
			return err
		}
	}
	if c.Lost > 0 && c.Header.Kind == record.KindEvents {
		if err := t.send("lost", record.Position{Seq: c.Seq}, Lost{Position: record.Position{Seq: c.Seq}, Source: source, Lost: c.Lost}); err != nil {
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
		if !t.pick.event(text) {
			return nil
		}
		return t.send("event", p, t.event(c, p, text, source))
	case record.KindRejected:
		if !t.pick.rejected(text) {
			return nil
		}
		r := Rejected{Position: p}
		if err := json.Unmarshal(text, &r.Rejected); err != nil {
			return fmt.Errorf("read %s: %w", p, err)
		}
		r.ReceivedAt = timeText(r.Rejected.At)
		if r.Rejected.Source != "" {
			r.Source, r.Rejected.Source = source, source
		}
		return t.send("rejected", p, r)
	case record.KindFence, record.KindOutcomes, record.KindReceived, record.KindAudit, record.KindCheckpoint, record.KindErasure, record.KindKept, record.KindRewritten:
		return nil
	}
	return nil
}

func (t *tailer) send(kind string, p record.Position, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // what a client wrote is shown as it was written
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write %s: %w", p, err)
	}
	if err := t.write(t.form(kind, p, bytes.TrimSuffix(text.Bytes(), []byte("\n")))); err != nil {
		return err
	}
	if t.sent++; t.sent == t.limit {
		return errors.Join(t.flush(), errLimit)
	}
	return nil
}

// serverSent writes a message as a server-sent event.
func serverSent(kind string, p record.Position, data []byte) string {
	return "event: " + kind + "\nid: " + p.String() + "\ndata: " + string(data) + "\n\n"
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
