package event_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/event"
)

const (
	eventA = `{"type":"page","userId":"u","messageId":"a","x":"\u0000,,}{"}`
	eventB = `{"type":"page","userId":"u","messageId":"b"}`
)

// TestSalvage: what phones have sent, and what becomes of it: "index messageId" of what is taken, "! index" of what is not.
func TestSalvage(t *testing.T) {
	for body, want := range map[string]string{
		`{"batch":[` + eventA + "\x00" + eventB + "\x00]}":                                      "0 a, 1 b",
		`{"batch":[,` + eventA + `,` + eventB + `]}`:                                            "0 a, 1 b",
		`{"batch":[` + eventA + eventB + `]"sentAt":"2026-11-23T12:00:00Z"}`:                    "0 a, 1 b",
		`{"batch":[` + eventA + `,,` + eventB + `,],,"writeKey":"w",}`:                          "0 a, 1 b",
		`{"batch":[` + eventA + `]}{"batch":[` + eventB + `]}`:                                  "0 a, 1 b",
		"\x00" + `{"batch":[` + eventA + "]}\x00\n" + `{"batch":[` + eventB + "]}\x00":          "0 a, 1 b",
		`{"batch":[{"type":"page","userId":}, ` + eventB + `,{"type":}]}`:                       "1 b, ! 0, ! 2",
		`{"batch":[{"type":"page","userId":"u","messageId":"n` + "\x00" + `"},` + eventB + `]}`: "1 b, ! 0",
		`{"batch":[` + eventA + `,`:                                                             "no", // cut off
		`{"batch":[` + eventA + `,"x]}`:                                                         "no",
		`{"batch":[` + eventA + `,,7]}`:                                                         "no",
		`{"batch":[` + eventA + `],"batch":[` + eventB + `]},`:                                  "no",
		`{"batch":[,]}`:            "no",
		`{"batch":[{"a":}]}`:       "no",
		`{"batch":{},,"x":1}`:      "no",
		`{"batch" ` + eventA + `}`: "no",
		`oops`:                     "no",
		``:                         "no",
		strings.Repeat(`{"batch":[`+eventA+`]}`, event.SalvageDocumentsMax+1): "no",
		`{"batch":[,` + strings.Repeat(`{},`, event.BatchEventsMax+1) + `]}`:  "no",
	} {
		if got := salvage(t, []byte(body)); got != want {
			t.Errorf("%.200q: %s, want %s", body, got, want)
		}
	}
}

// salvage repairs a body, and checks that what is taken of it is what strict reading takes of the repaired text, which is in the broken one
// byte by byte.
func salvage(t *testing.T, body []byte) string {
	t.Helper()
	s, ok := event.Salvage(body)
	if !ok {
		return "no"
	}
	var all []string
	taken := map[int]bool{}
	for _, d := range s.Documents {
		if !json.Valid(d.Body) && !strings.Contains(string(d.Body), `\u`) {
			t.Fatalf("%q is repaired to %q, which is not JSON", body, d.Body)
		}
		var splitter event.Splitter
		if r := splitter.Split(d.Body, event.Batch); r != nil {
			if r.Code == event.BadRequest {
				t.Fatalf("%q is repaired to %q: %v", body, d.Body, r)
			}
			continue
		}
		if splitter.Events() != len(d.Indexes) {
			t.Fatalf("%q: %d events, %d indexes", body, splitter.Events(), len(d.Indexes))
		}
		for _, a := range splitter.Normalize(facts()).Accepted {
			at := d.Indexes[a.Index]
			if taken[at] {
				t.Fatalf("%q: event %d is taken twice", body, at)
			}
			taken[at] = true
			all = append(all, fmt.Sprintf("%d %s", at, a.MessageID))
		}
	}
	for _, r := range s.Broken {
		if taken[r.Index] || len(r.Raw) == 0 || !bytes.Contains(bytes.ToValidUTF8(body, []byte("\uFFFD")), r.Raw) {
			t.Fatalf("%q: broken %d %q", body, r.Index, r.Raw)
		}
		all = append(all, fmt.Sprintf("! %d", r.Index))
	}
	return strings.Join(all, ", ")
}

// FuzzSalvage: whatever the body, nothing is taken that strict reading of the repaired text would not take.
func FuzzSalvage(f *testing.F) {
	f.Add([]byte(`{"batch":[,` + eventA + "\x00" + eventB + `,,]}{"batch":[{"a":}]}`))
	f.Add([]byte(`{"batch":[` + eventA + eventB + `],"context":{"a":1}"writeKey":"w"}`))
	f.Fuzz(func(t *testing.T, body []byte) { salvage(t, body) })
}
