package receive_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/receive"
	"penstock/internal/record"
)

type noLog struct{}

func (noLog) Append(context.Context, eventlog.Stream, string, record.Kind, []eventlog.Line) (record.Position, error) {
	return record.Position{Seq: 1}, nil
}

// event is a call of about 800 bytes, as a mapping delivers it.
func event(i int) string {
	return fmt.Sprintf(`{"timestamp":"2026-11-23T11:57:21.008Z","event":"Plan Upgraded","type":"track","properties":{"plan":"pro","seats":25,"price":1249.5,"groupId":"account-%d","note":"%s"},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"user-%d","messageId":"node-next-1795435041008-7d0c1f3e-9d53-4b8e-8a0e-%012d"}`,
		i, strings.Repeat("lorem ipsum ", 32), i, i)
}

func batch() string {
	events := make([]string, 100)
	for i := range events {
		events[i] = event(i)
	}
	return "[" + strings.Join(events, ",") + "]"
}

func handler() http.Handler {
	mux := http.NewServeMux()
	receive.New(receive.DefaultConfig("ws1"), receive.Parts{Log: noLog{}, Apps: func() receive.Apps { return acme() }, Logger: slog.New(slog.DiscardHandler)}).Register(mux)
	return mux
}

// bare is the reference: a handler that reads the body and answers.
func bare() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /data/segmentio/{key}", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			_, _ = io.WriteString(w, `{"status":"ok"}`)
		}
	})
	return mux
}

func BenchmarkBare(b *testing.B)         { run(b, bare(), segmentio, event(1), 1) }
func BenchmarkSingle(b *testing.B)       { run(b, handler(), segmentio, event(1), 1) }
func BenchmarkBareBatch100(b *testing.B) { run(b, bare(), segmentio, batch(), 100) }
func BenchmarkBatch100(b *testing.B)     { run(b, handler(), segmentio, batch(), 100) }
func BenchmarkAgent(b *testing.B)        { run(b, handler(), "/data/ptm.gif/"+key, agentBody, 2) }

// BenchmarkDecode is what the projection does with a batch.
func BenchmarkDecode(b *testing.B) {
	r := record.Received{At: 1795435041008, Via: pendowire.ViaSegmentio, Body: []byte(batch())}
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for range pendowire.Decode(&r) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// discard is a ResponseWriter that costs nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

func run(b *testing.B, h http.Handler, path, body string, events int) {
	b.Helper()
	r := httptest.NewRequest(http.MethodPost, path, http.NoBody)
	r.ContentLength = int64(len(body))
	reader := strings.NewReader(body)
	r.Body = io.NopCloser(reader)
	w := &discard{header: http.Header{}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK && w.status != 0 {
			b.Fatal(w.status)
		}
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}
