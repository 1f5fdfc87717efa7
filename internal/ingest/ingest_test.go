package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/ingest"
	"penstock/internal/record"
)

// TestAnswersWhenDurable: the answer comes after the append has returned, not before.
func TestAnswersWhenDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{block: make(chan struct{})}
		answered := make(chan *httptest.ResponseRecorder, 1)
		go func() { answered <- do(newHandler(log), request{path: "/v1/track", body: track(inBody)}) }()
		synctest.Wait()
		select {
		case w := <-answered:
			t.Fatalf("answered %d before the append had returned", w.Code)
		default:
		}
		close(log.block)
		if w := <-answered; w.Code != 200 || w.Body.String() != `{"success":true}` {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// TestAppendDoesNotSucceed: what may be taken later is 503 with both headers.
func TestAppendDoesNotSucceed(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{fmt.Errorf("append: %w", eventlog.ErrBusy), 503, "busy"},
		{eventlog.ErrFull, 503, "busy"},
		{eventlog.ErrClosed, 503, "busy"},
		{errors.New("disk on fire"), 503, "busy"},
		{fmt.Errorf("append: %w", eventlog.ErrTooLarge), 400, "payload_too_large"},
	} {
		w := do(newHandler(&memory{err: c.err}), request{path: "/v1/b", body: batchOf(3), header: origin()})
		a := read(t, w)
		if w.Code != c.status || a.Code != c.code || *a.Success {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
		if c.status == 503 && (w.Header().Get("Retry-After") != "2" || w.Header().Get("X-RateLimit-Reset") != "2" ||
			!strings.Contains(w.Header().Get("Access-Control-Expose-Headers"), "Retry-After")) {
			t.Errorf("%v: headers %v", c.err, w.Header())
		}
	}
}

// full is a store that has no room while it is told so.
type full struct {
	eventlog.Store

	now atomic.Bool
}

func (f *full) Append(ctx context.Context, stream eventlog.Stream, msgs []eventlog.Message) (uint64, error) {
	if f.now.Load() {
		return 0, eventlog.ErrFull
	}
	return f.Store.Append(ctx, stream, msgs)
}

// TestFullLog: while the log has no room calls are answered 503, and 200 again as soon as it has; what is on the log is what was answered 200.
func TestFullLog(t *testing.T) {
	store := &full{Store: memlog.New()}
	log, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	h := newHandler(log)
	for i, want := range []int{200, 503, 503, 200} {
		store.now.Store(want == 503)
		body := fmt.Sprintf(`{"event":"E","userId":"u","messageId":"m%d"%s}`, i, inBody)
		if w := do(h, request{path: "/v1/track", body: body}); w.Code != want || (w.Header().Get("Retry-After") != "") != (want == 503) {
			t.Errorf("call %d: %d %v, want %d", i, w.Code, w.Header(), want)
		}
	}
	var ids []string
	for r := log.Read(eventlog.Events, "events.>", 1); ; {
		c, more, err := r.TryNext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		for _, line := range record.Lines(c.Body) {
			ids = append(ids, event.MessageID(line))
		}
	}
	if diff := cmp.Diff([]string{"m0", "m3"}, ids); diff != "" {
		t.Errorf("on the log (-want +got):\n%s", diff)
	}
}

// TestFullBacklog: a source whose backlog is full is told to come again, and nothing of it is stored; others are none the worse.
func TestFullBacklog(t *testing.T) {
	log := &memory{}
	h := newHandler(log)
	for key, want := range map[string]int{"wk_full_1": 503, key: 200} {
		w := do(h, request{path: "/v1/track", header: basic(key), body: `{"event":"E","userId":"u"}`})
		if w.Code != want || (w.Header().Get("Retry-After") != "") != (want == 503) {
			t.Errorf("%s: %d %s %v", key, w.Code, w.Body, w.Header())
		}
	}
	if n := len(log.of("events.ws1.src4")); n > 0 {
		t.Errorf("%d events of the full source were stored", n)
	}
}

// TestPartialBatch: one bad event does not sink its batch; the answer lists it.
func TestPartialBatch(t *testing.T) {
	log := &memory{}
	w := do(newHandler(log), request{path: "/v1/batch", header: basic(key), body: `{"batch":[{"type":"page","userId":"u","messageId":"m0"},{"type":"track","userId":"u"},{"type":"page"},{"type":"page","userId":"u","messageId":"m3"}]}`})
	a := read(t, w)
	if w.Code != 200 || !*a.Success || a.Accepted != 2 || a.RejectedCount != 2 || len(a.Rejected) != 2 ||
		a.Rejected[0].Index != 1 || a.Rejected[0].Code != "event_not_defined" || a.Rejected[1].Index != 2 || a.Rejected[1].Code != "no_user_anon_id" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	var ids []string
	for _, line := range log.of("events.ws1.src1") {
		ids = append(ids, line.ID)
		if event.MessageID(line.Data) != line.ID {
			t.Errorf("line %s has id %q", line.Data, line.ID)
		}
	}
	if diff := cmp.Diff([]string{"m0", "m3"}, ids); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	w = do(newHandler(log), request{path: "/v1/batch", header: basic(key), body: `{"batch":[{"type":"page"},{"type":"track","userId":"u"}]}`})
	if a := read(t, w); w.Code != 400 || a.Code != "empty_batch_result" || a.RejectedCount != 2 || *a.Success {
		t.Errorf("none taken: %d %s", w.Code, w.Body)
	}
}

// TestSalvage: the good events of a broken batch are taken and the answer says so; the rest is listed and recorded.
func TestSalvage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		h := newHandler(log)
		stop := start(t, h)
		page := `{"type":"page","userId":"u"`
		w := do(h, request{path: "/v1/b", body: `{"batch":[,` + page + `,"messageId":"m0"},{"type":},{"type":"page"}]` + inBody + `}` + "\x00" + `{"batch":[` + page + `,"messageId":"m3"}]}`, header: basic(key)})
		a := read(t, w)
		if w.Code != 200 || a.Accepted != 2 || a.RejectedCount != 2 || a.Rejected[0].Index != 1 || a.Rejected[1].Index != 2 || !strings.Contains(w.Body.String(), `"salvaged":"`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		lines := log.of("events.ws1.src1")
		if len(lines) != 2 || lines[0].ID != "m0" || lines[1].ID != "m3" {
			t.Errorf("lines %v", lines)
		}
		broken := `{"batch":[,` + page + `}]`
		if w := do(h, request{path: "/v1/b", body: broken + inBody + `}` + broken + `,"writeKey":"wk\"<quote>é"}`}); w.Code != 400 {
			t.Errorf("of two sources: %d %s", w.Code, w.Body)
		}
		if a := read(t, do(h, request{path: "/v1/b", body: broken + `}`})); a.Code != "no_write_key" {
			t.Errorf("without a key: %+v", a)
		}
		stop()
		if refused := log.rejected(t, "rejected.ws1.src1"); len(refused) != 2 || refused[0].Excerpt != `{"type":}` {
			t.Errorf("recorded %+v", refused)
		}
	})
}

// TestRateLimit: a source that sends more than it may is told when to come again, and is let in then; another one is not held up.
func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(&memory{}, func(c *ingest.Config) { c.EventsPerSecond = 10 })
		if w := do(h, request{path: "/v1/b", body: batchOf(40)}); w.Code != 200 {
			t.Fatalf("the first: %d %s", w.Code, w.Body)
		}
		w := do(h, request{path: "/v1/t", body: track(inBody), header: origin()})
		if a := read(t, w); w.Code != 429 || a.Code != "rate_limited" || w.Header().Get("Retry-After") != "4" || w.Header().Get("X-RateLimit-Reset") != "4" ||
			!strings.Contains(w.Header().Get("Access-Control-Expose-Headers"), "Retry-After") {
			t.Errorf("over the rate: %d %v %s", w.Code, w.Header(), w.Body)
		}
		if w := do(h, request{path: "/v1/t", body: track(""), header: basic("wk\"<quote>é")}); w.Code != 200 {
			t.Errorf("another source: %d %s", w.Code, w.Body)
		}
		<-time.After(4 * time.Second)
		if w := do(h, request{path: "/v1/t", body: track(inBody)}); w.Code != 200 {
			t.Errorf("after the wait: %d %s", w.Code, w.Body)
		}
	})
}

// TestSettings: they name the host by which they were asked for, and the scheme that a trusted proxy or the public URL says.
func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		peer, proto, host, public, want string
	}{
		"plain":            {"203.0.113.7:1", "", "", "", `"apiHost":"example.com/v1","protocol":"http"`},
		"trusted proxy":    {"10.0.0.1:1", "https", "events.acme.test", "", `"apiHost":"events.acme.test/v1","protocol":"https"`},
		"stranger":         {"203.0.113.7:1", "https", "events.acme.test", "", `"apiHost":"example.com/v1","protocol":"http"`},
		"public URL":       {"203.0.113.7:1", "", "", "https://example.com", `"apiHost":"example.com/v1","protocol":"https"`},
		"other public URL": {"203.0.113.7:1", "", "", "https://acme.test", `"apiHost":"example.com/v1","protocol":"http"`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(&memory{}, func(cfg *ingest.Config) {
				cfg.PublicURL, cfg.TrustedProxies = c.public, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
			})
			r := httptest.NewRequest(http.MethodGet, "http://example.com/v1/projects/"+key+"/settings", http.NoBody)
			r.RemoteAddr = c.peer
			r.Header.Set("X-Forwarded-Proto", c.proto)
			r.Header.Set("X-Forwarded-Host", c.host)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 200 || !strings.Contains(w.Body.String(), c.want) || !strings.Contains(w.Body.String(), `"metrics":{"sampleRate":0}`) ||
				!strings.Contains(w.Body.String(), `"apiKey":"`+key+`"`) || w.Header().Get("Cache-Control") != "public, max-age=60" {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}

// TestPixel: an image whatever becomes of the event; what was refused is recorded, and only what is not durable is not answered 200.
func TestPixel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		h := newHandler(log)
		stop := start(t, h)
		get := func(method, path string) int { return do(h, request{method: method, path: path}).Code }
		query := "/v1/pixel/track?event=E&userId=u&messageId=p&context.page.url=x&context.page=y&properties.a.b=1&integrations.All=false&writeKey=" + key
		for _, status := range []int{get(http.MethodGet, query), get(http.MethodHead, query), get(http.MethodGet, "/v1/pixel/track?data=%7B%7B"), get(http.MethodGet, "/v1/pixel/track?userId=u&writeKey="+key)} {
			if status != 200 {
				t.Errorf("%d", status)
			}
		}
		if get(http.MethodPost, query) != 405 || get(http.MethodGet, "/v1/pixel/batch") != 404 {
			t.Error("a pixel is fetched, and there is none of a batch")
		}
		stop()
		lines := log.of("events.ws1.src1")
		if len(lines) != 1 || !strings.Contains(string(lines[0].Data), `"channel":"client"`) || !strings.Contains(string(lines[0].Data), `"properties":{"a":{"b":"1"}}`) ||
			!strings.Contains(string(lines[0].Data), `"integrations":{"All":false}`) || !strings.Contains(string(lines[0].Data), `"page":"y","page.url":"x"`) {
			t.Errorf("lines %s", lines)
		}
		if len(log.rejected(t, "rejected.ws1.src1")) != 1 || len(log.rejected(t, "rejected.default._")) != 1 {
			t.Errorf("recorded %v", log.lines)
		}
		w := do(newHandler(&memory{err: eventlog.ErrFull}), request{method: http.MethodGet, path: query})
		if w.Code != 503 || w.Header().Get("Content-Type") != "image/gif" || w.Header().Get("Retry-After") == "" {
			t.Errorf("not durable: %d %v", w.Code, w.Header())
		}
	})
}

// TestLinesAreNotReused: what was handed to the log stays as it was, whatever comes after.
func TestLinesAreNotReused(t *testing.T) {
	log := &memory{}
	h := newHandler(log)
	for i := range 50 {
		body := fmt.Sprintf(`{"event":"E","userId":"u","messageId":"m%d","properties":{"n":"%s"}%s}`, i, strings.Repeat(string(rune('a'+i%26)), 50+i), inBody)
		if w := do(h, request{path: "/v1/track", body: body}); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	for i, line := range log.of("events.ws1.src1") {
		want := fmt.Sprintf(`"properties":{"n":"%s"}`, strings.Repeat(string(rune('a'+i%26)), 50+i))
		if line.ID != fmt.Sprintf("m%d", i) || !strings.Contains(string(line.Data), want) || !json.Valid(line.Data) {
			t.Errorf("line %d: %s %s", i, line.ID, line.Data)
		}
	}
}

// TestBodies tries bodies that are too large, or do not arrive, declared and not.
func TestBodies(t *testing.T) {
	large := track(inBody + `,"x":"` + strings.Repeat("x", event.BodyBytesMax) + `"`)
	for name, c := range map[string]struct {
		body   io.Reader
		length int64
		header map[string]string
		status int
	}{
		"declared":          {strings.NewReader(large), int64(len(large)), nil, 400},
		"chunked":           {strings.NewReader(large), -1, nil, 400},
		"chunked, small":    {strings.NewReader(track(inBody)), -1, nil, 200},
		"cut off":           {io.MultiReader(strings.NewReader(track(inBody)), broken{}), -1, nil, 503},
		"cut off, gzip":     {io.MultiReader(strings.NewReader(zip(batchOf(100))[:60]), broken{}), -1, map[string]string{"Content-Encoding": "gzip"}, 503},
		"gzip without end":  {strings.NewReader(zip(batchOf(100))[:60]), -1, map[string]string{"Content-Encoding": "gzip"}, 400},
		"gzip of nothing":   {strings.NewReader(""), 0, map[string]string{"Content-Encoding": "gzip"}, 400},
		"unknown encoding":  {strings.NewReader(track(inBody)), -1, map[string]string{"Content-Encoding": "br"}, 400},
		"identity encoding": {strings.NewReader(track(inBody)), -1, map[string]string{"Content-Encoding": "identity"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/v1/track", c.body)
			r.ContentLength = c.length
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			newHandler(&memory{}).ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("%d %s, want %d", w.Code, w.Body, c.status)
			}
		})
	}
}

// broken is a connection that was reset.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// TestBodiesAreBounded: together, bodies take no more memory than they may; what was held is given back.
func TestBodiesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{block: make(chan struct{})}
		h := newHandler(log, func(c *ingest.Config) { c.BodiesBytesMax = 100 })
		first := make(chan int, 1)
		go func() { first <- do(h, request{path: "/v1/track", body: track(inBody)}).Code }()
		synctest.Wait()
		if w := do(h, request{path: "/v1/track", body: track(inBody)}); w.Code != 503 || w.Header().Get("Retry-After") == "" {
			t.Errorf("the second: %d %s", w.Code, w.Body)
		}
		close(log.block)
		if code := <-first; code != 200 {
			t.Errorf("the first: %d", code)
		}
		if w := do(h, request{path: "/v1/track", body: track(inBody)}); w.Code != 200 {
			t.Errorf("the third: %d %s", w.Code, w.Body)
		}
	})
}

func TestPreflight(t *testing.T) {
	w := do(newHandler(&memory{}), request{method: http.MethodOptions, path: "/v1/b", header: origin()})
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://shop.example", "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		"Access-Control-Allow-Headers": "Authorization, Content-Type, X-Retry-Count, X-Write-Key, X-Enable-Debug, X-IP-Policy",
		"Access-Control-Max-Age":       "86400",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w.Code != http.StatusNoContent {
		t.Errorf("%d", w.Code)
	}
}

// TestAddress: events of browsers get the caller's IPv4 address, and only a trusted proxy is believed when it names another.
func TestAddress(t *testing.T) {
	proxies := func(c *ingest.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }
	for name, c := range map[string]struct {
		path, peer, forwarded, want string
	}{
		"browser":                     {"/v1/t", "203.0.113.7:1", "", "203.0.113.7"},
		"mapped":                      {"/v1/t", "[::ffff:203.0.113.7]:1", "", "203.0.113.7"},
		"not version 6":               {"/v1/t", "[2001:db8::1]:1", "", ""},
		"server":                      {"/v1/track", "203.0.113.7:1", "", ""},
		"proxy":                       {"/v1/t", "10.0.0.1:1", "203.0.113.7", "203.0.113.7"},
		"two proxies":                 {"/v1/t", "10.0.0.1:1", "198.51.100.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"},
		"stranger says another":       {"/v1/t", "203.0.113.7:1", "198.51.100.9", "203.0.113.7"},
		"proxy says nothing sensible": {"/v1/t", "10.0.0.1:1", "unknown", "10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			log := &memory{}
			r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(track(inBody)))
			r.RemoteAddr = c.peer
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			newHandler(log, proxies).ServeHTTP(httptest.NewRecorder(), r)
			var line struct {
				Channel string
				Context struct{ IP string }
			}
			if err := json.Unmarshal(log.of("events.ws1.src1")[0].Data, &line); err != nil {
				t.Fatal(err)
			}
			if channel := map[string]string{"/v1/t": "client", "/v1/track": "server"}[c.path]; line.Context.IP != c.want || line.Channel != channel {
				t.Errorf("address %q, channel %q, want %q", line.Context.IP, line.Channel, c.want)
			}
		})
	}
}

// TestRefusedIsRecorded: each refused request, and each refused event of a batch, leaves a record; nobody waits for it.
func TestRefusedIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		h := newHandler(log)
		stop := start(t, h)
		do(h, request{path: "/v1/track", body: `{"writeKey": “x”}`, header: map[string]string{"User-Agent": "curl/8"}})
		do(h, request{path: "/v1/batch", header: basic(key), body: `{"batch":[{"type":"page","userId":"u"},{"type":"page","x":"bad one"}]}`})
		do(h, request{path: "/v1/batch?writeKey=" + key, body: `{"batch":[` + strings.Repeat(" ", 5000) + `oops`})
		stop()
		nobody := log.rejected(t, "rejected.default._")
		if len(nobody) != 1 || nobody[0].Code != "bad_request" || nobody[0].Agent != "curl/8" || nobody[0].Excerpt != `{"writeKey": “x”}` ||
			nobody[0].Remote != "192.0.2.1" || nobody[0].Path != "/v1/track" || nobody[0].Method != http.MethodPost || nobody[0].Index != nil {
			t.Errorf("without a source: %+v", nobody)
		}
		ours := log.rejected(t, "rejected.ws1.src1")
		if len(ours) != 2 || ours[0].Code != "no_user_anon_id" || ours[0].Index == nil || *ours[0].Index != 1 || !strings.Contains(ours[0].Excerpt, "bad one") || ours[0].Source != "src1" {
			t.Errorf("of a batch: %+v", ours)
		} else if !strings.HasSuffix(ours[1].Excerpt, "oops") || len(ours[1].Excerpt) > record.ExcerptBytesMax {
			t.Errorf("excerpt %q", ours[1].Excerpt)
		}
	})
}

// TestRefusedIsBounded: an address that keeps sending what is refused is counted, and every refusal is in a record or in a count.
func TestRefusedIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		h := newHandler(log)
		stop := start(t, h)
		total := func() (records, refusals int) {
			for _, r := range log.rejected(t, "rejected.default._") {
				records++
				refusals += max(1, r.Count)
			}
			return records, refusals
		}
		for range 1000 {
			do(h, request{path: "/v1/track", body: `x`})
		}
		synctest.Wait()
		if records, _ := total(); records != 20 {
			t.Errorf("%d records at once, want 20", records)
		}
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if records, refusals := total(); records != 21 || refusals != 1000 {
			t.Errorf("after the window: %d records of %d refusals, want 21 of 1000", records, refusals)
		}
		for range 100 {
			do(h, request{path: "/v1/track", body: `x`})
		}
		stop()
		if records, refusals := total(); records != 42 || refusals != 1100 {
			t.Errorf("at the end: %d records of %d refusals, want 42 of 1100", records, refusals)
		}
	})
}

// start runs a handler's writer; what is returned stops it and waits.
func start(t *testing.T, h *ingest.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestOnTheLog goes all the way: a call over HTTP is a line of the log.
func TestOnTheLog(t *testing.T) {
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	mux := http.NewServeMux()
	newHandler(log).Register(mux)
	server := httptest.NewServer(mux)
	defer server.Close()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/track", strings.NewReader(track(inBody+`,"groupId":"account"`)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := server.Client().Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if body, err := io.ReadAll(a.Body); err != nil || a.StatusCode != http.StatusOK || string(body) != `{"success":true}` {
		t.Fatalf("%d %s %v", a.StatusCode, body, err)
	}
	c, ok, err := log.Read(eventlog.Events, "events.>", 1).TryNext(t.Context())
	if err != nil || !ok || c.Subject != "events.ws1.src1" || !strings.Contains(string(c.Body), `"groupId":"account"`) {
		t.Errorf("chunk %+v, %v, %v", c, ok, err)
	}
}
