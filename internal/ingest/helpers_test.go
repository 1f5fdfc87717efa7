package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/eventlog"
	"penstock/internal/ingest"
	"penstock/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key         = "wk_website_00000000000000000001"
	recordedKey = "RIGwritekeyRIGwritekeyRIGwriteke" // of testdata/wire
)

// sources has one source that is enabled and one that is not.
type sources map[string]ingest.Source

func (s sources) SourceByWriteKey(key string) (ingest.Source, bool) {
	source, ok := s[key]
	return source, ok
}

func known() ingest.Sources {
	return sources{
		key:            {ID: "src1", Workspace: "ws1", Slug: "website", Type: "javascript", Enabled: true},
		"wk_disabled":  {ID: "src2", Workspace: "ws1", Slug: "old", Type: "server"},
		"wk_full_1":    {ID: "src4", Workspace: "ws1", Slug: "full", Type: "server", Enabled: true, Full: true},
		recordedKey:    {ID: "recorded", Workspace: "ws1", Slug: "recorded", Type: "server", Enabled: true},
		"wk\"<quote>é": {ID: "src3", Workspace: "ws1", Slug: "odd", Type: "server", Enabled: true},
	}
}

// memory is a log that keeps what is appended, or answers err.
type memory struct {
	mu    sync.Mutex
	err   error
	block chan struct{}
	lines map[string][]eventlog.Line
}

func (m *memory) Append(ctx context.Context, _ eventlog.Stream, subject string, _ record.Kind, lines []eventlog.Line) (record.Position, error) {
	if m.block != nil {
		select {
		case <-m.block:
		case <-ctx.Done():
			return record.Position{}, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return record.Position{}, m.err
	}
	if m.lines == nil {
		m.lines = map[string][]eventlog.Line{}
	}
	m.lines[subject] = append(m.lines[subject], lines...)
	return record.Position{Seq: 1}, nil
}

func (m *memory) of(subject string) []eventlog.Line {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lines[subject]
}

func (m *memory) rejected(t *testing.T, subject string) []record.Rejected {
	t.Helper()
	var all []record.Rejected
	for _, line := range m.of(subject) {
		var r record.Rejected
		if err := json.Unmarshal(line.Data, &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func newHandler(log ingest.Log, change ...func(*ingest.Config)) *ingest.Handler {
	cfg := ingest.DefaultConfig()
	for _, c := range change {
		c(&cfg)
	}
	return ingest.New(log, known, cfg, slog.New(slog.DiscardHandler))
}

// request is a request to be made.
type request struct {
	method, path, body string
	header             map[string]string
}

func basic(name string) map[string]string {
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(name))}
}

func do(h http.Handler, q request) *httptest.ResponseRecorder {
	method := q.method
	if method == "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, q.path, strings.NewReader(q.body))
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// reply is the body of an answer.
type reply struct {
	Success              *bool
	Code, Message, Error string
	Accepted             int
	RejectedCount        int
	Rejected             []struct {
		Index         int
		Code, Message string
	}
}

func read(t *testing.T, w *httptest.ResponseRecorder) reply {
	t.Helper()
	var a reply
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.Success == nil {
		t.Fatalf("answer %d %q is not what SDKs expect: %v", w.Code, w.Body, err)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type %q", ct)
	}
	return a
}

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

// track is the body of a track call, with more members.
func track(members string) string {
	return fmt.Sprintf(`{"event":"E","userId":"u","messageId":"m"%s}`, members)
}
