package event

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestSplitAgreesWithEncodingJSON draws bodies, sound and damaged, and holds the splitter against encoding/json: the same bodies are JSON, and in
// those the same events have the same members with the same bytes.
func TestSplitAgreesWithEncodingJSON(t *testing.T) {
	var s Splitter // used again and again: nothing may be left over from the body before
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		body := damage(t, drawBody(t))
		typ := rapid.SampledFrom([]Type{Batch, Track}).Draw(t, "type")
		if holdAgainst(t, &s, body, typ) {
			taken++
		}
	})
	if taken == 0 {
		t.Error("no body was taken: nothing was compared")
	}
}

// failer is a test, be it of rapid, a fuzzer's, or a plain one.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// holdAgainst splits a body, and compares what becomes of it with what encoding/json says. It tells whether the body was taken.
func holdAgainst(t failer, s *Splitter, body []byte, typ Type) bool {
	t.Helper()
	r := s.Split(body, typ)
	text := bytes.ToValidUTF8(bytes.TrimPrefix(body, []byte(byteOrderMark)), []byte("\uFFFD"))
	isJSON := json.Valid(text)
	if r != nil {
		if r.Message == "" || r.Code == "" {
			t.Fatalf("refused %q without a reason: %+v", body, r)
		}
		if isJSON && wellFormed(text, typ) {
			t.Fatalf("refused %q: %v", body, r)
		}
		return false
	}
	if !isJSON || !wellFormed(text, typ) {
		t.Fatalf("took %q", body)
	}
	whole := membersOf(t, text)
	events := []json.RawMessage{bytes.TrimSpace(text)}
	if typ == Batch {
		if err := json.Unmarshal(whole["batch"], &events); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		for _, f := range []struct {
			name string
			at   field
		}{{"context", fieldContext}, {"integrations", fieldIntegrations}, {"sentAt", fieldSentAt}, {"writeKey", fieldWriteKey}, {"batch", fieldBatch}} {
			if got := s.part(s.envelope[f.at]); !bytes.Equal(got, whole[f.name]) {
				t.Fatalf("%q: %s of the batch is %q, want %q", body, f.name, got, whole[f.name])
			}
		}
	}
	if len(events) != s.Events() {
		t.Fatalf("%q: %d events, want %d", body, s.Events(), len(events))
	}
	for i, want := range events {
		e := s.events[i]
		if got := s.part(e.raw); !bytes.Equal(got, want) {
			t.Fatalf("%q: event %d is %q, want %q", body, i, got, want)
		}
		if want[0] == '{' {
			sameMembers(t, s, e, membersOf(t, want))
		}
	}
	return true
}

// wellFormed tells whether a JSON document is one that the splitter takes: an object, with a batch where there should be one.
func wellFormed(text []byte, typ Type) bool {
	var whole map[string]json.RawMessage
	if json.Unmarshal(text, &whole) != nil || whole == nil {
		return false
	}
	if typ != Batch {
		return true
	}
	var events []json.RawMessage
	if whole["batch"] == nil || json.Unmarshal(whole["batch"], &events) != nil || len(events) == 0 || len(events) > BatchEventsMax {
		return false
	}
	return isObject(whole["context"]) && isObject(whole["integrations"])
}

// membersOf reads an object; of repeated names the last one counts.
func membersOf(t failer, text []byte) map[string]json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatalf("read %q: %v", text, err)
	}
	return members
}

func sameMembers(t failer, s *Splitter, e item, want map[string]json.RawMessage) {
	t.Helper()
	got := map[string][]byte{}
	known := map[field][]byte{}
	for _, m := range s.members[e.first:e.last] {
		name := string(unquote(nil, s.part(m.name)))
		got[name] = s.part(m.value)
		if quoted, err := json.Marshal(name); m.field != fieldOf(quoted) && err == nil && utf8.ValidString(name) {
			t.Fatalf("member %q is taken for field %d, want %d", name, m.field, fieldOf(quoted))
		}
		known[m.field] = s.part(m.value)
	}
	if len(got) != len(want) {
		t.Fatalf("%q has %d members, want %d", s.part(e.raw), len(got), len(want))
	}
	for name, value := range want {
		if !bytes.Equal(got[name], value) {
			t.Fatalf("member %q of %q is %q, want %q", name, s.part(e.raw), got[name], value)
		}
	}
	if name, ok := want["event"]; ok && !bytes.Equal(known[fieldEvent], name) {
		t.Fatalf("the event of %q is %q, want %q", s.part(e.raw), known[fieldEvent], name)
	}
}

// drawBody draws a document, with spaces between its tokens.
func drawBody(t *rapid.T) []byte {
	d := drawer{t: t}
	d.space()
	if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
		d.value(3)
	} else {
		d.object(2, true)
	}
	d.space()
	return d.out
}

// drawer writes a document.
type drawer struct {
	t   *rapid.T
	out []byte
}

func (d *drawer) pick(from ...string) {
	d.out = append(d.out, rapid.SampledFrom(from).Draw(d.t, "token")...)
}

func (d *drawer) space() { d.pick("", "", "", " ", "\n", "\r\n", "\t \r") }

// name draws the name of a member: one that ingest knows, plainly or with escapes, or another.
func (d *drawer) name() {
	d.pick(`"batch"`, `"b\u0061tch"`, `"userId"`, `"event"`, `"\u0065vent"`, `"event\u0000"`, `"context"`, `"integrations"`, `"messageId"`, `"sentAt"`, `"writeKey"`, `"type"`,
		`"properties"`, `""`, `"a"`, `"\\"`, `"\""`, `"__proto__"`, `"\ud800"`, `"ü"`, `"Batch"`)
}

func (d *drawer) object(depth int, batch bool) {
	d.out = append(d.out, '{')
	for i := range rapid.IntRange(0, 4).Draw(d.t, "members") {
		if i > 0 {
			d.out = append(d.out, ',')
		}
		d.space()
		if batch && rapid.Bool().Draw(d.t, "batch") {
			d.out = append(d.out, `"batch"`...)
			d.space()
			d.out = append(d.out, ':')
			d.space()
			d.array(depth)
		} else {
			d.name()
			d.space()
			d.out = append(d.out, ':')
			d.space()
			d.value(depth)
		}
		d.space()
	}
	d.out = append(d.out, '}')
}

func (d *drawer) array(depth int) {
	d.out = append(d.out, '[')
	for i := range rapid.IntRange(0, 3).Draw(d.t, "elements") {
		if i > 0 {
			d.out = append(d.out, ',')
		}
		d.space()
		d.value(depth)
		d.space()
	}
	d.out = append(d.out, ']')
}

func (d *drawer) value(depth int) {
	kinds := 8
	if depth == 0 {
		kinds = 5
	}
	switch rapid.IntRange(0, kinds).Draw(d.t, "value") {
	case 0:
		d.pick("null", "true", "false")
	case 1, 2:
		d.pick("0", "-0", "1.0", "1E5", "1e+400", "18446744073709551615", "-1.5e-7")
	case 3:
		text, err := json.Marshal(rapid.String().Draw(d.t, "text"))
		if err != nil {
			d.t.Fatal(err)
		}
		d.out = append(d.out, text...)
	case 4, 5:
		d.pick(`""`, `"\u0000"`, `"\ud800"`, `"\ud83d\ude42"`, `"}{,]["`, `"\\\""`, `"`+"\u2028\u2029"+`"`, `"\/\b\f"`)
	case 6:
		d.array(depth - 1)
	default:
		d.object(depth-1, false)
	}
}

// damage changes nothing, or a few bytes.
func damage(t *rapid.T, body []byte) []byte {
	pieces := []string{"{", "}", "[", "]", ",", ":", `"`, `\`, "0", "-", ".", "e", "t", "null", " ", "\n", "\x00", "\x1f", "\xff", "\uFEFF", "“", "\u00a0", `\u12`, `\x`, "//"}
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2, 3}).Draw(t, "damages") {
		at := rapid.IntRange(0, len(body)).Draw(t, "at")
		end := min(len(body), at+rapid.IntRange(0, 2).Draw(t, "removed"))
		piece := rapid.SampledFrom(append(pieces, "")).Draw(t, "piece")
		body = append(append(bytes.Clone(body[:at]), piece...), body[end:]...)
	}
	return body
}
