package ingest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/event"
)

// recorded is a line of testdata/wire: a request of a real SDK as it was on the wire, but that long texts were cut and that compressed bodies were inflated.
type recorded struct {
	Method, Path string
	Headers      map[string]string
	Body         json.RawMessage
}

// TestRecordedRequests makes the recorded requests of real SDKs again: each is answered as its SDK needs it, and each event is a line with the same values.
func TestRecordedRequests(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			lines := bufio.NewReader(f)
			events := 0
			for {
				line, err := lines.ReadBytes('\n')
				if len(line) == 0 {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				var r recorded
				if err := json.Unmarshal(line, &r); err != nil {
					t.Fatal(err)
				}
				events += replay(t, &r)
			}
			if events == 0 {
				t.Error("no event was replayed")
			}
		})
	}
}

// replay makes one request, and returns how many events it had.
func replay(t *testing.T, r *recorded) int {
	t.Helper()
	q := request{method: r.Method, path: r.Path, body: string(r.Body), header: r.Headers}
	if r.Headers["Content-Encoding"] == "gzip" {
		q.body = zip(q.body)
	}
	log := &memory{}
	w := overTCP(t, newHandler(log), q)
	if origin := r.Headers["Origin"]; origin != w.Header().Get("Access-Control-Allow-Origin") {
		t.Errorf("%s %s: Access-Control-Allow-Origin %q, want %q", r.Method, r.Path, w.Header().Get("Access-Control-Allow-Origin"), origin)
	}
	switch r.Method {
	case http.MethodOptions:
		allowed := strings.ToLower(w.Header().Get("Access-Control-Allow-Headers"))
		for name := range strings.SplitSeq(r.Headers["Access-Control-Request-Headers"], ",") {
			if w.Code != http.StatusNoContent || !strings.Contains(allowed, strings.TrimSpace(name)) {
				t.Errorf("%s %s: %d, allows %q, not %q", r.Method, r.Path, w.Code, allowed, name)
			}
		}
		return 0
	case http.MethodGet:
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"apiHost":"example.com/v1"`) {
			t.Errorf("%s %s: %d %s", r.Method, r.Path, w.Code, w.Body)
		}
		return 0
	}
	if w.Code != 200 || w.Body.String() != `{"success":true}` {
		t.Fatalf("%s %s: %d %s\n%s", r.Method, r.Path, w.Code, w.Body, r.Body)
	}
	if r.Path == "/v1/m" {
		return 0
	}
	return wantLines(t, r, log)
}

// wantLines compares the events of a request with the lines that they became.
func wantLines(t *testing.T, r *recorded, log *memory) int {
	t.Helper()
	var batch struct {
		Batch   []map[string]json.RawMessage
		Context map[string]json.RawMessage
	}
	if err := json.Unmarshal(r.Body, &batch); err != nil {
		t.Fatal(err)
	}
	if batch.Batch == nil {
		batch.Batch = make([]map[string]json.RawMessage, 1)
		if err := json.Unmarshal(r.Body, &batch.Batch[0]); err != nil {
			t.Fatal(err)
		}
	}
	lines := log.of("events.ws1.recorded")
	if len(lines) != len(batch.Batch) {
		t.Fatalf("%d lines, want %d", len(lines), len(batch.Batch))
	}
	browser := strings.HasPrefix(r.Headers["User-Agent"], "Mozilla/")
	for i, sent := range batch.Batch {
		got := map[string]json.RawMessage{}
		if err := json.Unmarshal(lines[i].Data, &got); err != nil {
			t.Fatal(err)
		}
		if channel := string(got["channel"]); (channel == `"client"`) != browser || (event.BriefOf(lines[i].Data).Library == "unknown") {
			t.Errorf("channel %s of %s", channel, lines[i].Data)
		}
		for name, value := range sent {
			switch name {
			case "timestamp":
				name = "originalTimestamp"
			case "writeKey", "channel": // not taken over
				continue
			case "context": // has more in the line
				value = merged(t, batch.Context, value, browser)
			}
			if !sameJSON(value, got[name]) {
				t.Errorf("%s of event %d (-want +got):\n%s", name, i, cmp.Diff(string(value), string(got[name])))
			}
		}
	}
	return len(lines)
}

// merged is the context of a line: with the batch's, and the address of a browser.
func merged(t *testing.T, shared map[string]json.RawMessage, own json.RawMessage, browser bool) json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(own, &all); err != nil {
		t.Fatal(err)
	}
	for name, value := range shared {
		if _, ok := all[name]; !ok {
			all[name] = value
		}
	}
	if browser && all["ip"] == nil {
		all["ip"] = json.RawMessage(`"127.0.0.1"`)
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameJSON(a, b json.RawMessage) bool {
	return bytes.Equal(a, b) || cmp.Equal(decodeNumbers(a), decodeNumbers(b))
}

func decodeNumbers(raw json.RawMessage) any {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		return err
	}
	return v
}
