package ingest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/ingest"
	"penstock/internal/record"
)

type noLog struct{}

func (noLog) Append(context.Context, eventlog.Stream, string, record.Kind, []eventlog.Line) (record.Position, error) {
	return record.Position{Seq: 1}, nil
}

// sample is an event of about 800 bytes, as a server sends it.
func sample(i int) string {
	return fmt.Sprintf(`{"timestamp":"2026-11-23T11:57:21.008Z","integrations":{},"event":"Plan Upgraded","type":"track","properties":{"plan":"pro","seats":25,"price":1249.5,"groupId":"account-%d","note":"%s"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-%d","messageId":"node-next-1795435041008-7d0c1f3e-9d53-4b8e-8a0e-%012d","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}`,
		i, strings.Repeat("lorem ipsum ", 32), i, i)
}

func BenchmarkTrack(b *testing.B) { run(b, "/v1/track", sample(1)) }

func BenchmarkBatch100(b *testing.B) {
	events := make([]string, 100)
	for i := range events {
		events[i] = sample(i)
	}
	run(b, "/v1/batch", `{"batch":[`+strings.Join(events, ",")+`],"sentAt":"2026-11-23T11:57:21.024Z"}`)
}

// discard is a ResponseWriter that costs nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

func run(b *testing.B, path, body string) {
	b.Helper()
	var h http.Handler = newHandler(noLog{})
	r := httptest.NewRequest(http.MethodPost, path, http.NoBody)
	r.Header.Set("Authorization", basic(key + ":")["Authorization"])
	r.ContentLength = int64(len(body))
	reader := strings.NewReader(body)
	r.Body = readCloser{reader}
	w := &discard{header: http.Header{}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		h.ServeHTTP(w, r)
		if w.status != 0 {
			b.Fatal(w.status)
		}
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

var _ ingest.Log = noLog{}
