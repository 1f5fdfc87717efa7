package event_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/event"
)

// TestNormalizeAgreesWithAPlainReading draws batches and compares each line with what a straightforward implementation on maps makes of the same
// body.
func TestNormalizeAgreesWithAPlainReading(t *testing.T) {
	var s event.Splitter // used again and again: nothing may be left over from the body before
	rapid.Check(t, func(t *rapid.T) {
		batch := drawBatch(t)
		body := encode(t, batch)
		if rapid.Bool().Draw(t, "indented") {
			var b bytes.Buffer
			if err := json.Indent(&b, body, "", "\t"); err != nil {
				t.Fatal(err)
			}
			body = bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte("\r\n"))
		}
		if r := s.Split(body, event.Batch); r != nil {
			t.Fatalf("split %s: %s", body, r)
		}
		result := s.Normalize(facts())
		if len(result.Rejected) > 0 {
			t.Fatalf("rejected %v of %s", result.Rejected[0], body)
		}
		for i, a := range result.Accepted {
			if bytes.IndexByte(a.Line, '\n') >= 0 {
				t.Fatalf("line break in %q", a.Line)
			}
			var got map[string]any
			decoder := json.NewDecoder(bytes.NewReader(a.Line))
			decoder.UseNumber()
			if err := decoder.Decode(&got); err != nil {
				t.Fatalf("decode %s: %v", a.Line, err)
			}
			want := plain(t, batch, i)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("event %d of %s\nline %s\nwant -, got +:\n%s", i, body, a.Line, diff)
			}
		}
	})
}

func encode(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func drawBatch(t *rapid.T) map[string]any {
	batch := map[string]any{"writeKey": "wk"}
	count := rapid.IntRange(1, 4).Draw(t, "count")
	events := make([]any, count)
	for i := range events {
		events[i] = drawEvent(t)
	}
	batch["batch"] = events
	for _, name := range []string{"context", "integrations"} {
		if rapid.Bool().Draw(t, "shared "+name) {
			batch[name] = drawObject(t)
		}
	}
	if rapid.Bool().Draw(t, "sent") {
		batch["sentAt"] = drawTime(t)
	}
	return batch
}

func drawEvent(t *rapid.T) map[string]any {
	e := map[string]any{"type": "track", "userId": "u", "event": "E", "messageId": rapid.StringN(1, 20, 60).Draw(t, "id")}
	for _, name := range []string{"context", "integrations", "properties"} {
		switch rapid.IntRange(0, 2).Draw(t, name) {
		case 1:
			e[name] = drawObject(t)
		case 2:
			e[name] = nil
		}
	}
	for _, name := range []string{"timestamp", "sentAt", "originalTimestamp"} {
		if rapid.Bool().Draw(t, name) {
			e[name] = drawTime(t)
		}
	}
	for name, value := range drawObject(t) {
		if _, known := e[name]; !known && name != "library" {
			e["x-"+name] = value
		}
	}
	e["channel"], e["version"], e["writeKey"] = "mine", 1, "wk"
	return e
}

func drawTime(t *rapid.T) string {
	at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC()
	zone := time.FixedZone("", rapid.IntRange(-12*60, 12*60).Draw(t, "zone")*60)
	return at.In(zone).Format(rapid.SampledFrom([]string{time.RFC3339, "2006-01-02T15:04:05.000Z07:00"}).Draw(t, "layout"))
}

// drawObject draws an object with names that are likely to meet those of another one.
func drawObject(t *rapid.T) map[string]any {
	names := rapid.SampledFrom([]string{"library", "ip", "app", "All", "a\"b", "\u2028", "", "ü", "\\", "new\nline"})
	values := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Int64(), func(n int64) any { return json.Number(strconv.FormatInt(n, 10)) }),
		rapid.Just(any(nil)), rapid.Just(any(true)),
		rapid.Map(rapid.SliceOfN(rapid.String(), 0, 2), func(s []string) any {
			list := make([]any, len(s))
			for i := range s {
				list[i] = map[string]any{s[i]: []any{}}
			}
			return list
		}),
	)
	return rapid.MapOfN(names, values, 0, 4).Draw(t, "object")
}

// plain is what a line should say, made with maps and the time package.
func plain(t *rapid.T, batch map[string]any, i int) map[string]any {
	var body struct {
		Batch                 []map[string]any
		Context, Integrations map[string]any
		SentAt                string
	}
	decoder := json.NewDecoder(bytes.NewReader(encode(t, batch)))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		t.Fatal(err)
	}
	e := body.Batch[i]
	want := maps.Clone(e)
	for _, name := range []string{"timestamp", "originalTimestamp", "sentAt", "writeKey"} {
		delete(want, name)
	}
	want["channel"], want["projectId"], want["version"] = "server", "src_1", json.Number("2")
	merged := merge(body.Context, e["context"])
	if _, ok := merged["library"]; !ok {
		merged["library"] = map[string]any{"name": "unknown", "version": "unknown"}
	}
	want["context"] = merged
	want["integrations"] = merge(body.Integrations, e["integrations"])

	const layout = "2006-01-02T15:04:05.000Z"
	receivedAt := time.UnixMilli(received).UTC()
	want["receivedAt"], want["timestamp"] = receivedAt.Format(layout), receivedAt.Format(layout)
	sent, ok := e["sentAt"].(string)
	if !ok {
		sent = body.SentAt
	}
	if sent != "" {
		want["sentAt"] = sent
	}
	original, ok := e["timestamp"].(string)
	if !ok {
		original, ok = e["originalTimestamp"].(string)
	}
	if ok {
		want["originalTimestamp"] = original
		at := parse(t, original)
		if sent != "" {
			at = receivedAt.Add(-parse(t, sent).Sub(at))
		}
		want["timestamp"] = at.UTC().Format(layout)
	}
	return want
}

func parse(t *rapid.T, s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func merge(shared map[string]any, own any) map[string]any {
	merged := map[string]any{}
	maps.Copy(merged, shared)
	if own, ok := own.(map[string]any); ok {
		maps.Copy(merged, own)
	}
	return merged
}
