package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A filled template is a valid request, with ids that are never the same and the time of the call.
func TestTemplate(t *testing.T) {
	const nanos = 1_795_435_041_008_000_000
	filled := newTemplate("127.0.0.1:8080", "key", 3).clone()
	filled.fill(0xabc, nanos)
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(filled.bytes))))
	if err != nil {
		t.Fatal(err)
	}
	if user, _, _ := request.BasicAuth(); user != "key" {
		t.Errorf("user: got %q, want key", user)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatal(err)
	}
	var batch struct {
		Batch []struct {
			MessageID  string `json:"messageId"`
			Properties struct {
				SentNanos int64 `json:"sentNanos"`
			} `json:"properties"`
		} `json:"batch"`
	}
	if err := json.Unmarshal(body, &batch); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, event := range batch.Batch {
		ids = append(ids, event.MessageID)
		if event.Properties.SentNanos != nanos {
			t.Errorf("sentNanos: got %d, want %d", event.Properties.SentNanos, nanos)
		}
	}
	const prefix = "node-next-1795435041008-0000000000000"
	want := []string{prefix + "abc", prefix + "abd", prefix + "abe"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("messageIds (-want +got):\n%s", diff)
	}
}

func TestReadAnswer(t *testing.T) {
	stream := bufio.NewReader(strings.NewReader(
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 4\r\n\r\ntrue" +
			"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n" +
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
	for _, want := range []int{200, 503} {
		if got, err := readAnswer(stream); err != nil || got != want {
			t.Errorf("readAnswer: got %d, %v; want %d", got, err, want)
		}
	}
	if got, err := readAnswer(stream); err == nil {
		t.Errorf("readAnswer of an answer without a length: got %d, want an error", got)
	}
}

// A load counts what was answered 200, and a bare client's posts count at the sink.
func TestLoadAndSink(t *testing.T) {
	const longest = 5 * time.Minute
	var collector sink
	var mu sync.Mutex
	var enough func() // called when every connection has sent a few events
	perConnection := map[string]int{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		collector.take(body, time.Now())
		mu.Lock()
		defer mu.Unlock()
		if perConnection[r.RemoteAddr]++; len(perConnection) > 1 && perConnection[r.RemoteAddr] > 10 {
			enough()
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	untilEnough := func(run func(context.Context) (result, error)) result {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		mu.Lock()
		enough = cancel
		clear(perConnection)
		mu.Unlock()
		seen, err := run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return seen
	}
	two := load{address: address, template: newTemplate(address, "key", 1), connections: 2, duration: longest}
	seen := untilEnough(two.run)
	posted := untilEnough(func(ctx context.Context) (result, error) { return bareClient(ctx, address, longest) })
	stats := collector.stats()
	if got, want := stats.Events, seen.events+posted.events; got != want || seen.events == 0 || posted.events == 0 {
		t.Errorf("sink: got %d events, want the %d of the load and the %d of the client", got, seen.events, posted.events)
	}
	if stats.P50 <= 0 || stats.P50 > stats.P99 || stats.perSecond() <= 0 {
		t.Errorf("sink: got %+v, want times", stats)
	}
}

func TestPercentile(t *testing.T) {
	var hundred latencies
	for i := range 100 {
		hundred = append(hundred, time.Duration(i))
	}
	for p, want := range map[int]time.Duration{50: 50, 95: 95, 99: 99, 100: 99} {
		if got := hundred.percentile(p); got != want {
			t.Errorf("percentile(%s): got %d, want %d", strconv.Itoa(p), got, want)
		}
	}
	if got := latencies(nil).percentile(50); got != 0 {
		t.Errorf("percentile of nothing: got %d, want 0", got)
	}
}
