package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/record"
)

var update = flag.Bool("update", false, "write the golden frames; a version that has been written to a log must never change")

type frame struct {
	Header record.Header
	Lines  []string
}

// frames is one frame of each kind, as docs/internals/log.md has them.
func frames(t *testing.T) map[string]frame {
	t.Helper()
	line := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first := record.Position{Seq: 12, Line: 3}
	index := 4
	return map[string]frame{
		"events": {record.Header{Kind: record.KindEvents, N: 1, Lines: 2, At: 1700000000000}, []string{
			`{"type":"track","event":"Plan changed","userId":"123","messageId":"m1","receivedAt":"2023-11-14T22:13:20.000Z"}`,
			`{"type":"identify","userId":"123","messageId":"m2","receivedAt":"2023-11-14T22:13:20.000Z"}`,
		}},
		"events-dups": {record.Header{Kind: record.KindEvents, N: 18446744073709551615, Prev: 13, First: 40, Lines: 3, At: -1, Dups: []record.Dup{
			{Line: 0, Of: first}, {Line: 1, Of: record.Position{Line: 0}}, {Line: 2, Of: record.Position{Line: 7}, Back: 2},
		}}, []string{`{"messageId":"m1"}`, `{"messageId":"m1"}`, `{"messageId":"m3"}`}},
		"fence": {record.Header{Kind: record.KindFence, N: 2, Prev: 7, First: 1, Lines: 1, At: 1700000000001}, []string{
			line(record.Fence{
				Mapping: "map1", Destination: "dst1", Source: "src1", State: record.FenceOn, Revision: 9, Type: "actions-webhook",
				Spec: json.RawMessage(`{"action":"send","trigger":"type = \"track\""}`),
			}),
		}},
		"rejected": {record.Header{Kind: record.KindRejected, N: 1, Lines: 1, At: 1700000000002}, []string{
			line(record.Rejected{
				At: 1700000000002, Method: "POST", Path: "/v1/track", Remote: "192.0.2.1", Agent: "curl/8", Source: "src1", Code: "badJson",
				Message: "the body is not JSON", Excerpt: "“quotes”", Index: &index, Count: 3,
			}),
		}},
		"outcomes": {record.Header{Kind: record.KindOutcomes, N: 5, Prev: 90, First: 100, Lines: 4, At: 1700000000003}, []string{
			line(record.Outcome{Status: record.Filtered, At: []record.Span{{Seq: 12, From: 0, To: 2}, {Seq: 13, From: 1, To: 1}}, Revision: 9, Millis: 5}),
			line(record.Outcome{Status: record.Duplicate, At: []record.Span{record.At(record.Position{Seq: 14})}, Of: &first, Millis: 5}),
			line(record.Outcome{Status: record.Lost, Hole: &record.Hole{Before: 15, Lines: 4}, Millis: 5}),
			line(record.Outcome{
				Status: record.Retrying, At: []record.Span{record.At(first)}, Run: 1, Code: "503", Reason: "the destination is down", Attempt: 2, Due: 7,
				Revision: 9, Millis: 6, Exchange: &record.Exchange{ID: "w1", Method: "POST", URL: "http://127.0.0.1/", Bytes: 3, Status: 503, Took: 1, Answer: "no"},
			}),
		}},
		"outcomes-batch": {record.Header{Kind: record.KindOutcomes, N: 6, Prev: 91, First: 104, Lines: 1, At: 1700000000005}, []string{
			line(record.Outcome{
				Status: record.Retrying, At: []record.Span{record.At(first), {Seq: 13, To: 9}}, Code: "503", Reason: "it is busy", Attempt: 1, Due: 7,
				Batch: "msg_1", Revision: 9, Millis: 6, Exchange: &record.Exchange{ID: "msg_1", Method: "POST", URL: "http://127.0.0.1/", Bytes: 30, Status: 503, Took: 1},
			}),
		}},
		"audit": {record.Header{Kind: record.KindAudit, N: 3, Prev: 2, First: 2, Lines: 2, At: 1700000000006}, []string{
			line(record.Audit{
				At: 1700000000006, Action: "update", Kind: "mapping", ID: "map1", Name: "Track Events", Actor: &record.Actor{Kind: "user", ID: "u1", Name: "Ada", Role: "editor"},
				Remote: "192.0.2.1", Agent: "curl/8", Before: json.RawMessage(`{"enabled":false}`), After: json.RawMessage(`{"enabled":true}`),
			}),
			line(record.Audit{At: 1700000000006, Action: "void", Kind: "mapping", Of: &record.Position{Seq: 3}, Detail: "entry has changed"}),
		}},
		"events-bytes": {record.Header{Kind: record.KindEvents, N: 3, Prev: 14, First: 43, Lines: 1, Bytes: 4096, At: 1700000000006}, []string{`{"messageId":"m4"}`}},
		"checkpoint": {record.Header{Kind: record.KindCheckpoint, N: 2, Prev: 70, First: 1, Lines: 1, Bytes: 300, At: 1700000000007}, []string{
			line(record.Checkpoint{
				Events: 99, Outcomes: 98, Begun: true, Frame: 97, Lines: 1000, Accepted: 900, Counts: map[record.Status]uint64{record.Delivered: 880, record.Filtered: 10},
				Park: &record.Park{At: []record.Span{record.At(first)}, Code: "401", Reason: "the key has expired", Since: 6},
				Open: []record.Open{
					{Seq: 12, First: 40, Lines: 7, Settled: []record.Span{{Seq: 12, From: 0, To: 2}}, BehindGap: true},
					{Seq: 15, Lines: 3, Settled: []record.Span{record.At(record.Position{Seq: 14, Line: 1})}, Hole: true, After: 12, Last: 14},
				},
				Retries: []record.Waiting{{At: first, Due: 9, Attempt: 2, Revision: 9, Batch: "msg_1", Since: 5}},
			}),
		}},
		"kept": {record.Header{Kind: record.KindKept, N: 1, Lines: 1, At: 1700000000008}, []string{
			line(record.Kept{Before: 12, N: 4, Lines: 40, Bytes: 4096, At: 1700000000000}),
		}},
		"rewritten": {record.Header{Kind: record.KindRewritten, N: 1, Lines: 3, At: 1700000000009}, rewrittenLines()},
		"erasure": {record.Header{Kind: record.KindErasure, N: 1, Lines: 1, At: 1700000000010}, []string{
			line(record.Erasure{
				ID: "e1", App: "app1", Sources: []string{"src1"}, Visitors: []string{"v1"}, Accounts: []string{"a1"}, Persons: 2, State: record.ErasureRunning, Begun: 1700000000010,
			}),
		}},
		"erasure-done": {record.Header{Kind: record.KindErasure, N: 2, Prev: 8, First: 1, Lines: 1, Bytes: 200, At: 1700000000011}, []string{
			line(record.Erasure{ID: "e1", App: "app1", Persons: 2, State: record.ErasureDone, Begun: 1700000000010, Ended: 1700000000011, Lines: 3, Frames: 2}),
		}},
		"received": {record.Header{Kind: record.KindReceived, N: 1, Lines: 1, At: 1700000000004}, []string{
			line(record.Received{At: 1700000000004, Via: "segmentio", Key: "k", WebhookID: "w1", Remote: "192.0.2.1", Agent: "Penstock", Body: json.RawMessage(`{"a":1}`)}),
		}},
		"received-agent": {record.Header{Kind: record.KindReceived, N: 2, Prev: 3, First: 1, Lines: 1, At: 1700000000006}, []string{
			line(record.Received{
				At: 1700000000006, Via: "agent", Key: "k", Remote: "192.0.2.1", Agent: "Mozilla/5.0", Origin: "https://acme.example",
				Rules: []string{"anonymous"}, Verdicts: []string{"signature_wrong"}, Body: json.RawMessage(`{"events":"eJwFwIEIAAAAwDDQd3-N1QABFQC5"}`),
			}),
		}},
	}
}

func body(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }

// A log is read for years: the bytes of a version do not change.
func TestGoldenFrames(t *testing.T) {
	for name, f := range frames(t) {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "v1-"+name+".frame")
			got := record.AppendFrame(nil, &f.Header, body(f.Lines))
			if *update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("encoded (-want +got):\n%s", diff)
			}
			h, b, err := record.DecodeFrame(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f, frame{h, texts(b)}); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

func texts(body []byte) []string {
	var out []string
	for _, line := range record.Lines(body) {
		out = append(out, string(line))
	}
	return out
}

func TestDecodeInvertsEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`[ -~]{0,40}`), 0, 8).Draw(t, "lines")
		h := record.Header{
			Kind:  record.Kind(rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "kind")),
			N:     rapid.Uint64Min(1).Draw(t, "n"),
			Prev:  rapid.Uint64().Draw(t, "prev"),
			First: rapid.Uint64().Draw(t, "first"),
			Lines: len(lines),
			Bytes: rapid.Uint64().Draw(t, "bytes"),
			At:    rapid.Int64().Draw(t, "at"),
			Dups: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record.Dup {
				d := record.Dup{Line: rapid.IntRange(0, 1<<20).Draw(t, "line")}
				d.Of.Line = rapid.IntRange(0, 1<<20).Draw(t, "of line")
				if rapid.Bool().Draw(t, "known") {
					d.Of.Seq = rapid.Uint64Range(1, 1<<62).Draw(t, "of")
				} else {
					d.Back = rapid.IntRange(0, 1000).Draw(t, "back")
				}
				return d
			}), 0, 4).Draw(t, "dups"),
		}
		if len(h.Dups) == 0 {
			h.Dups = nil
		}
		var b []byte
		for _, l := range lines {
			b = append(append(b, l...), '\n')
		}
		before := rapid.SliceOf(rapid.Byte()).Draw(t, "before")
		data := record.AppendFrame(bytes.Clone(before), &h, b)
		if !bytes.HasPrefix(data, before) {
			t.Fatal("what was there before has changed")
		}
		got, gotBody, err := record.DecodeFrame(data[len(before):])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(h, got); diff != "" || !bytes.Equal(b, gotBody) {
			t.Fatalf("decoded (-want +got):\n%s", diff)
		}
		for i, l := range lines {
			if line := record.Line(gotBody, i); string(line) != l || line == nil {
				t.Fatalf("line %d: %q, want %q", i, line, l)
			}
		}
		if line := record.Line(gotBody, len(lines)); line != nil {
			t.Fatalf("line after the last: %q", line)
		}
	})
}

// The encoder is written out by hand; encoding/json says what it should write.
func TestHeaderIsWhatJSONSays(t *testing.T) {
	for name, f := range frames(t) {
		want, err := json.Marshal(f.Header)
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := bytes.Cut(record.AppendFrame(nil, &f.Header, body(f.Lines)), []byte("\n"))
		if got := header[len("P1 00000000 00000000 "):]; !bytes.Equal(got, want) {
			t.Errorf("%s: header %s, want %s", name, got, want)
		}
	}
}

// Every bit of a frame counts: whichever flips, the frame is not taken for whole, and a header that is still believed is the true one.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	for name, f := range frames(t) {
		data := record.AppendFrame(nil, &f.Header, body(f.Lines))
		for bit := range len(data) * 8 {
			data[bit/8] ^= 1 << (bit % 8)
			h, b, err := record.DecodeFrame(data)
			data[bit/8] ^= 1 << (bit % 8)
			switch {
			case errors.Is(err, record.ErrBody):
				if diff := cmp.Diff(f.Header, h); diff != "" {
					t.Errorf("%s, bit %d of byte %d: header believed (-want +got):\n%s", name, bit%8, bit/8, diff)
				}
			case !errors.Is(err, record.ErrHeader):
				t.Errorf("%s, bit %d of byte %d: not noticed: %+v %q, %v", name, bit%8, bit/8, h, b, err)
			}
		}
	}
}

func TestEveryCutIsNoticed(t *testing.T) {
	for name, f := range frames(t) {
		data := record.AppendFrame(nil, &f.Header, body(f.Lines))
		for n := range len(data) {
			if _, _, err := record.DecodeFrame(data[:n]); err == nil {
				t.Errorf("%s: its first %d bytes of %d are taken for a whole frame", name, n, len(data))
			}
		}
	}
}

func TestAppendFrameRefusesWhatDisagrees(t *testing.T) {
	for name, f := range map[string]frame{
		"more lines than said":  {record.Header{Kind: record.KindEvents, N: 1, Lines: 1}, []string{"1", "2"}},
		"fewer lines than said": {record.Header{Kind: record.KindEvents, N: 1, Lines: 3}, []string{"1", "2"}},
		"no number":             {record.Header{Kind: record.KindEvents, Lines: 1}, []string{"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was written")
				}
			}()
			record.AppendFrame(nil, &f.Header, body(f.Lines))
		})
	}
}

func FuzzDecodeFrame(f *testing.F) {
	files, err := filepath.Glob("testdata/*.frame")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden frames: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte("P1 00000000 00000000 {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, b, err := record.DecodeFrame(data)
		if err != nil {
			return
		}
		// What is taken for whole says the same when it is written again.
		again, body, err := record.DecodeFrame(record.AppendFrame(nil, &h, b))
		if err != nil || !bytes.Equal(b, body) {
			t.Fatalf("written again: %v", err)
		}
		if diff := cmp.Diff(h, again); diff != "" {
			t.Fatalf("written again (-want +got):\n%s", diff)
		}
	})
}
