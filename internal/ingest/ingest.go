package ingest

import (
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// Log is where events go; *eventlog.Log is one.
type Log interface {
	Append(ctx context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error)
}

// Sources finds the source that a write key belongs to.
type Sources interface {
	SourceByWriteKey(key string) (Source, bool)
}

// Source is what ingest needs to know of a source.
type Source struct {
	ID, Workspace, Slug, Type string
	Enabled                   bool
	Full                      bool // its unsettled backlog holds as much as it may: nothing more is taken
}

// Config is what an operator may set.
type Config struct {
	// Workspace is where requests are recorded that were refused and name no source. Default "default".
	Workspace string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed. Default none.
	TrustedProxies []netip.Prefix
	// BodiesBytesMax bounds the bodies that are held at one moment, in bytes; beyond it the answer is 503. Default 256 MiB.
	BodiesBytesMax int64
	// PublicURL is under which others reach this server: the settings that SDKs fetch name its scheme, where its host is the one asked for. Default "".
	PublicURL string
	// EventsPerSecond is how many events each source may send in a second; beyond it the answer is 429. Default 0: no bound.
	EventsPerSecond int
	// RetryAfter is what a client is told when it is to come again, in whole seconds. Default 2 s.
	RetryAfter time.Duration
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{Workspace: "default", BodiesBytesMax: 256 << 20, RetryAfter: 2 * time.Second}
}

// Handler serves the tracking API. Its record of refused requests is written by Run.
type Handler struct {
	log      Log
	sources  func() Sources
	cfg      Config
	logger   *slog.Logger
	refused  *refusals
	rates    *rates
	calls    sync.Pool
	held     atomic.Int64 // bytes of bodies
	received atomic.Int64 // the latest receivedAt
	warned   atomic.Int64 // when an append that did not succeed was last logged, ms
}

// New makes a Handler. sources is called once for each request, and must be quick.
func New(log Log, sources func() Sources, cfg Config, logger *slog.Logger) *Handler {
	h := &Handler{log: log, sources: sources, cfg: cfg, logger: logger, refused: newRefusals(), rates: newRates(cfg.EventsPerSecond)}
	h.calls.New = func() any { return &call{} }
	return h
}

// Register adds the routes to mux. More particular patterns under /v1/ may be registered beside them.
func (h *Handler) Register(mux interface {
	Handle(pattern string, handler http.Handler)
},
) {
	mux.Handle("/v1/", h)
}

// route is what a path says of a body.
type route struct {
	typ     event.Type
	client  bool // a route of browsers and phones
	imports bool // a route on which old libraries of phones send too
	metrics bool // health of SDKs, not events
	pixel   bool // the event is in the query
}

// routeOf finds the route of a path. A slash at the end does not matter.
func routeOf(path string) (route, bool) {
	name, ok := strings.CutPrefix(strings.TrimSuffix(path, "/"), "/v1/")
	if !ok {
		return route{}, false
	}
	name, pixel := strings.CutPrefix(name, "pixel/")
	switch name {
	case "track", "identify", "page", "screen", "group", "alias":
		return route{typ: event.Type(name), client: pixel, pixel: pixel}, true
	}
	if pixel {
		return route{}, false
	}
	switch name {
	case "batch":
		return route{typ: event.Batch}, true
	case "import":
		return route{typ: event.Batch, imports: true}, true
	case "b":
		return route{typ: event.Batch, client: true}, true
	case "t":
		return route{typ: event.Track, client: true}, true
	case "i":
		return route{typ: event.Identify, client: true}, true
	case "p":
		return route{typ: event.Page, client: true}, true
	case "s":
		return route{typ: event.Screen, client: true}, true
	case "g":
		return route{typ: event.Group, client: true}, true
	case "a":
		return route{typ: event.Alias, client: true}, true
	case "m":
		return route{metrics: true}, true
	}
	return route{}, false
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w.Header(), r)
	key, settings := settingsKey(r.URL.Path)
	route, ok := routeOf(r.URL.Path)
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case !ok && !settings:
		writeError(w, http.StatusNotFound, answer{Code: codeNotFound, Message: "There is no " + shorten(r.URL.Path, pathBytesMax) + ". Send events to /v1/track, /v1/batch and the like."})
	case r.Method == http.MethodOptions:
		preflight(w)
	case (settings || route.pixel) && !read:
		notAllowed(w, r, "GET, HEAD, OPTIONS", "GET")
	case settings:
		h.settings(w, r, key)
	case route.pixel:
		h.pixel(w, r, route)
	case r.Method != http.MethodPost:
		notAllowed(w, r, "POST, OPTIONS", "POST")
	case route.metrics:
		drain(r.Body)
		writeSuccess(w)
	default:
		h.serve(w, r, route)
	}
}

// notAllowed answers a method that a path does not have.
func notAllowed(w http.ResponseWriter, r *http.Request, allowed, instead string) {
	w.Header().Set("Allow", allowed)
	writeError(w, http.StatusMethodNotAllowed, answer{
		Code: codeMethodNotAllowed, Message: shorten(r.Method, pathBytesMax) + " is not for " + shorten(r.URL.Path, pathBytesMax) + ". Send a " + instead + " request.",
	})
}

// call is the memory that a request needs, and leaves to the next one.
type call struct {
	body     []byte
	splitter event.Splitter
	inflate  gzip.Reader
}

// serve takes the events of a request.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, route route) {
	receivedAt := h.now()
	size := bodySize(r)
	defer h.held.Add(-size)
	if h.held.Add(size) > h.cfg.BodiesBytesMax {
		h.later(w, codeBusy, "Too much is being received at this moment.")
		return
	}
	c, _ := h.calls.Get().(*call)
	defer h.calls.Put(c)
	v := visit{r: r, route: route, receivedAt: receivedAt, call: c}
	refuse := func(source Source, rejection *event.Rejection) {
		h.refuse(r, receivedAt, source, rejection, c.body)
		writeRejection(w, rejection, nil)
	}
	read := c.read
	if route.pixel {
		read = c.readQuery
	}
	if err := read(r); err != nil {
		if rejection, ok := errors.AsType[*event.Rejection](err); ok {
			refuse(Source{}, rejection)
			return
		}
		h.later(w, codeBodyNotReceived, "The body did not arrive whole.")
		return
	}
	key := headerKey(r)
	if key != "" {
		if source, rejection := h.find(key); rejection != nil {
			refuse(source, rejection)
			return
		}
	}
	if rejection := c.splitter.Split(c.body, route.typ); rejection != nil {
		if !h.salvage(w, v, rejection) {
			source, _ := h.find(cmp.Or(key, queryKey(r)))
			refuse(source, rejection)
		}
		return
	}
	if key == "" {
		key = cmp.Or(c.splitter.WriteKey(), queryKey(r))
	}
	source, rejection := h.find(key)
	if rejection != nil {
		refuse(source, rejection)
		return
	}
	if wait := h.rates.take(source.ID, c.splitter.Events(), time.Now()); wait > 0 {
		h.tooMany(w, wait)
		return
	}
	h.settle(w, v, source, outcome{Result: c.splitter.Normalize(h.facts(v, source))})
}

// facts is what the server knows of a request.
func (h *Handler) facts(v visit, source Source) *event.Facts {
	return &event.Facts{
		Project: source.ID, ReceivedAt: v.receivedAt, Client: v.route.client, Import: v.route.imports, IP: v4(h.remote(v.r)), Random: random,
	}
}

// settle stores what was accepted, answers, and records what was not.
func (h *Handler) settle(w http.ResponseWriter, v visit, source Source, result outcome) {
	h.store(w, v.r, source, result)
	for _, rejection := range result.Rejected {
		h.refuse(v.r, v.receivedAt, source, rejection, v.call.body)
	}
}

// find looks a write key up. The source is returned with the rejection, when there is one.
func (h *Handler) find(key string) (Source, *event.Rejection) {
	if key == "" {
		return Source{}, event.Whole(event.NoWriteKey, "The request has no write key.",
			`Send it as the user name of Basic authentication, with an empty password, or as "writeKey" in the body.`)
	}
	source, ok := h.sources().SourceByWriteKey(key)
	switch {
	case !ok:
		return Source{}, event.Whole(event.UnknownSource, "The write key "+quoteKey(key)+" belongs to no source.", "Copy the key from the source's settings.")
	case !source.Enabled:
		return source, event.Whole(event.SourceDisabled, "The source "+source.Slug+" is disabled.", "Enable it in its settings.")
	}
	return source, nil
}

// store appends what was accepted, and answers.
func (h *Handler) store(w http.ResponseWriter, r *http.Request, source Source, result outcome) {
	if len(result.Accepted) == 0 {
		writeRejection(w, noneTaken(result.Rejected), result.Rejected)
		return
	}
	if source.Full {
		h.later(w, "backlog_full", "The source holds as many events as it may that are not delivered yet.")
		return
	}
	lines := make([]eventlog.Line, len(result.Accepted))
	for i := range result.Accepted {
		lines[i] = eventlog.Line{ID: result.Accepted[i].MessageID, Data: result.Accepted[i].Line}
	}
	_, err := h.log.Append(r.Context(), eventlog.Events, "events."+source.Workspace+"."+source.ID, record.KindEvents, lines)
	switch {
	case err == nil && len(result.Rejected) == 0 && result.salvaged == nil:
		writeSuccess(w)
	case err == nil:
		writePartial(w, result)
	case errors.Is(err, eventlog.ErrTooLarge):
		writeRejection(w, event.TooLarge(), nil)
	default:
		h.warn(r.Context(), source, err)
		h.later(w, codeBusy, "The events could not be stored at this moment.")
	}
}

// noneTaken is the rejection of a body of which nothing is left.
func noneTaken(rejected []*event.Rejection) *event.Rejection {
	if len(rejected) == 1 {
		return rejected[0]
	}
	return event.Whole(event.EmptyBatchResult, "None of the batch's events was taken; the first: "+rejected[0].Message, rejected[0].Mend)
}

// warnEvery is how often appends that do not succeed are logged.
const warnEvery = time.Second

func (h *Handler) warn(ctx context.Context, source Source, err error) {
	now, last := time.Now().UnixMilli(), h.warned.Load()
	if errors.Is(err, eventlog.ErrBusy) || errors.Is(err, context.Canceled) || now-last < warnEvery.Milliseconds() || !h.warned.CompareAndSwap(last, now) {
		return
	}
	h.logger.LogAttrs(ctx, slog.LevelError, "append events", slog.String("stage", "ingest"), slog.String("source", source.ID), slog.Any("error", err))
}

// now is receivedAt, in ms since 1970: it never goes backwards, even if the clock does.
func (h *Handler) now() int64 {
	for {
		last := h.received.Load()
		now := max(last, time.Now().UnixMilli())
		if now == last || h.received.CompareAndSwap(last, now) {
			return now
		}
	}
}

func random() (b [16]byte) {
	_, _ = rand.Read(b[:]) // it does not fail: the process ends instead
	return b
}
