package receive_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/eventlog"
	"penstock/internal/receive"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/test/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Sharing(m)) }

const (
	key          = "0000000000000000000000000000000a"
	oldKey       = "0000000000000000000000000000000b"
	sharedSecret = "the-shared-secret-of-acme"
)

var (
	_ receive.Log  = (*eventlog.Log)(nil)
	_ receive.Apps = (*workspace.Snapshot)(nil)
)

// apps is one app, by its key, an old key and its shared secret.
type apps struct{ app workspace.App }

func acme() apps {
	return apps{workspace.App{ID: "app1", Slug: "acme", Key: strings.ToUpper(key), OldKeys: []string{oldKey}, SharedSecret: sharedSecret}}
}

func (a apps) AppByKey(k string) *workspace.App {
	if k = workspace.NormalizeAppKey(k); k == key || k == oldKey {
		return &a.app
	}
	return nil
}

func (a apps) AppBySharedSecret(s string) *workspace.App {
	if s == sharedSecret {
		return &a.app
	}
	return nil
}

// memory is a log that keeps what is appended, and answers err.
type memory struct {
	subjects []string
	lines    []string
	err      error
}

func (m *memory) Append(_ context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error) {
	if stream != eventlog.Received || kind != record.KindReceived || len(lines) != 1 {
		return record.Position{}, fmt.Errorf("wrong append: %s, %s, %d lines", stream, kind, len(lines))
	}
	if m.err != nil {
		return record.Position{}, m.err
	}
	m.subjects = append(m.subjects, subject)
	m.lines = append(m.lines, string(lines[0].Data))
	return record.Position{Seq: uint64(len(m.lines))}, nil
}

func serve(log receive.Log) (*receive.Handler, http.Handler) { return serveApps(log, acme()) }

func serveApps(log receive.Log, a apps) (*receive.Handler, http.Handler) {
	h := receive.New(receive.DefaultConfig("ws1"), receive.Parts{Log: log, Apps: func() receive.Apps { return a }, Visitors: a, Logger: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	h.Register(mux)
	return h, mux
}

// DoNotProcess is what one visitor wishes.
func (a apps) DoNotProcess(app, visitor string) bool { return app == a.app.ID && visitor == "nobody" }

func post(t *testing.T, h http.Handler, k, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/data/segmentio/"+k, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.7:55555"
	r.Header.Set("User-Agent", "Acme/1")
	r.Header.Set("Webhook-Id", "msg_1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("answer %d is no JSON object: %q", w.Code, w.Body)
	}
	return w
}

func TestBodyIsStoredAsItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().UnixMilli()
		for body, want := range map[string]string{
			` {"b" : "<é&>", "a":1.0, "a":2} `: `{"b" : "<é&>", "a":1.0, "a":2}`,
			"[{\"a\": 1},\n {\"b\": 2}]":       `[{"a":1},{"b":2}]`,
			`{"batch":[{"type":"track"}]}`:     `{"batch":[{"type":"track"}]}`,
		} {
			log := &memory{}
			_, h := serve(log)
			if w := post(t, h, key, body); w.Code != http.StatusOK {
				t.Errorf("%s: answered %d %s", body, w.Code, w.Body)
			}
			line := fmt.Sprintf(`{"at":%d,"via":"segmentio","key":"%s","webhookId":"msg_1","remote":"203.0.113.7","agent":"Acme/1","body":%s}`, at, key, want)
			if diff := cmp.Diff([]string{line}, log.lines); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"received.ws1.app1"}, log.subjects); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestKeyHasManyForms(t *testing.T) {
	for _, k := range []string{key, strings.ToUpper(key), "00000000-0000-0000-0000-00000000000A"} {
		_, h := serve(&memory{})
		if w := post(t, h, k, `{}`); w.Code != http.StatusOK {
			t.Errorf("%s: answered %d %s", k, w.Code, w.Body)
		}
	}
}

func TestRefusalsSayWhatIsWrong(t *testing.T) {
	full := fmt.Errorf("append: %w", eventlog.ErrBusy)
	for name, c := range map[string]struct {
		key, body string
		log       error
		status    int
		code, say string
	}{
		"not json":      {key, `{"a":1`, nil, 400, "invalid_json", "line 1, column 7"},
		"quotes":        {key, `{"a": “x”}`, nil, 400, "invalid_json", "typographic quote"},
		"not utf-8":     {key, "{\"a\":\"\xff\"}", nil, 400, "invalid_json", "UTF-8"},
		"too large":     {key, `{"a":"` + strings.Repeat("x", 512<<10) + `"}`, nil, 413, "too_large", "524288 bytes"},
		"too many":      {key, "[" + strings.Repeat("1,", 10_000) + "1]", nil, 413, "too_many_events", "10000 events"},
		"unknown":       {"00000000-0000-0000-0000-0000000000ff", `{}`, nil, 404, "unknown_key", "region"},
		"no key at all": {"YOUR_PENDO_API_KEY", `{}`, nil, 404, "unknown_key", "32 hexadecimal digits"},
		"log is busy":   {key, `{}`, full, 503, "unavailable", "again"},
		"record":        {key, `{}`, eventlog.ErrTooLarge, 413, "too_large", "524288 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, h := serve(&memory{err: c.log})
			w := post(t, h, c.key, c.body)
			var answer struct{ Code, Message string }
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || answer.Code != c.code || !strings.Contains(answer.Message, c.say) {
				t.Errorf("answered %d %s; want %d, %s, %q", w.Code, w.Body, c.status, c.code, c.say)
			}
			if retry := w.Header().Get("Retry-After"); (retry != "") != (c.status == 503) {
				t.Errorf("Retry-After is %q", retry)
			}
		})
	}
}

func TestBodyOfTheGreatestSize(t *testing.T) {
	const frame = len(`{"a":""}`)
	log := &memory{}
	_, h := serve(log)
	if w := post(t, h, key, `{"a":"`+strings.Repeat("x", 512<<10-frame)+`"}`); w.Code != http.StatusOK || len(log.lines) != 1 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestBodyThatBreaksOffIsNotStored(t *testing.T) {
	log := &memory{}
	_, h := serve(log)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/data/segmentio/"+key, broken{}))
	if w.Code != http.StatusBadRequest || len(log.lines) > 0 {
		t.Errorf("answered %d %s, stored %v", w.Code, w.Body, log.lines)
	}
}

func TestBrowsersMaySend(t *testing.T) {
	_, h := serve(&memory{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/data/segmentio/"+key, http.NoBody))
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(w.Header().Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("answered %d %v", w.Code, w.Header())
	}
	if got := post(t, h, key, `{}`).Header().Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("the answer can be read by %q", got)
	}
}

func TestUnknownKeysAreCountedAndWrittenNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		handler, h := serve(log)
		for range 3 {
			post(t, h, "one", `{"a":1}`)
		}
		post(t, h, "two", `{"a":"`+strings.Repeat("x", 5000)+`"}`)
		<-time.After(time.Minute) // fake time
		post(t, h, "one", `{"a":2}`)
		bodies := []string{}
		for i, line := range log.lines {
			var r record.Received
			if err := json.Unmarshal([]byte(line), &r); err != nil || log.subjects[i] != "received.ws1._" {
				t.Fatalf("%s: %s, %v", log.subjects[i], line, err)
			}
			bodies = append(bodies, r.Key+" "+string(r.Body))
		}
		if diff := cmp.Diff([]string{`one {"a":1}`, "two null", `one {"a":2}`}, bodies); diff != "" {
			t.Error(diff)
		}
		now := time.Now()
		want := []receive.UnknownKey{
			{Key: "one", Reason: "unknown_key", Via: "segmentio", Count: 4, Remote: "203.0.113.7", Agent: "Acme/1", First: now.Add(-time.Minute), Last: now},
			{Key: "two", Reason: "unknown_key", Via: "segmentio", Count: 1, Remote: "203.0.113.7", Agent: "Acme/1", First: now.Add(-time.Minute), Last: now.Add(-time.Minute)},
		}
		if diff := cmp.Diff(want, handler.UnknownKeys()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUnknownKeysAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		handler, h := serve(log)
		for i := range 2000 {
			post(t, h, fmt.Sprint("key", i), `{}`)
		}
		if n := len(handler.UnknownKeys()); n != 1024 {
			t.Errorf("%d keys are counted", n)
		}
		if n := len(log.lines); n != 60 {
			t.Errorf("%d lines were written", n)
		}
	})
}
