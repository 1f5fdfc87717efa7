package event

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// seeds adds the bodies of the golden cases to those that a fuzzer begins with.
func seeds(f *testing.F, add func(body []byte)) {
	f.Helper()
	files, err := filepath.Glob("testdata/normalize/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add(bytes.TrimSuffix(archive.Files[0].Data, []byte("\n")))
	}
	for _, body := range []string{
		`{"batch":[],"batch":{}}`, `[1,2,]`, "\xEF\xBB\xBF{}", "{\"userId\":\"\xFF\"}", `{"a":1}{`, ``, strings.Repeat("[", 100), `{"userId":"u\\","event":"E\"","messageId":"\\\""}`,
		`{"userId":"u","event":"E","context":{"\u006cibrary":1},"timestamp":"2020-01-01T00:00:00+0100"}`,
	} {
		add([]byte(body))
	}
}

// FuzzSplit feeds any bytes: what is taken, and the events in it, are what encoding/json finds.
func FuzzSplit(f *testing.F) {
	seeds(f, func(body []byte) {
		f.Add(body, true)
		f.Add(body, false)
	})
	f.Fuzz(func(t *testing.T, body []byte, batch bool) {
		typ := Track
		if batch {
			typ = Batch
		}
		before := bytes.Clone(body)
		holdAgainst(t, &Splitter{}, body, typ)
		if !bytes.Equal(before, body) {
			t.Fatalf("body was changed: %q, %q", before, body)
		}
	})
}

// FuzzNormalize feeds any bytes to all routes: each event is taken or refused, once, and a line is what its event was, and what the server adds to it.
func FuzzNormalize(f *testing.F) {
	seeds(f, func(body []byte) {
		f.Add(body, uint8(0), true, "203.0.113.7")
		f.Add(body, uint8(6), false, "")
	})
	f.Fuzz(func(t *testing.T, body []byte, route uint8, client bool, ip string) {
		types := []Type{Track, Identify, Page, Screen, Group, Alias, Batch}
		typ := types[int(route)%len(types)]
		var s Splitter
		if s.Split(body, typ) != nil {
			return
		}
		facts := Facts{Project: "src_1", ReceivedAt: 1795435200000, Client: client, Import: !client, IP: ip, Random: func() [16]byte { return [16]byte{} }}
		result := s.Normalize(&facts)
		if len(result.Accepted)+len(result.Rejected) != s.Events() {
			t.Fatalf("%d events of %q: %d taken, %d not", s.Events(), body, len(result.Accepted), len(result.Rejected))
		}
		for _, r := range result.Rejected {
			if r.Code == "" || r.Message == "" || len(r.Raw) == 0 {
				t.Fatalf("refused without a reason: %+v", r)
			}
		}
		for _, a := range result.Accepted {
			event := s.part(s.events[a.Index].raw)
			wantLine(t, event, a)
			if from := membersOf(t, a.Line); string(from["channel"]) == `"client"` && !client {
				t.Fatalf("%q is of the channel client", a.Line)
			}
		}
	})
}

// wantLine compares a line with the event that it was made of.
func wantLine(t *testing.T, event []byte, a Accepted) {
	t.Helper()
	if !json.Valid(a.Line) || bytes.IndexByte(a.Line, '\n') >= 0 || MessageID(a.Line) != a.MessageID || a.MessageID == "" || BriefOf(a.Line).Type != string(a.Type) {
		t.Fatalf("%q became %q, id %q", event, a.Line, a.MessageID)
	}
	sent, line := membersOf(t, event), membersOf(t, a.Line)
	for name, value := range sent {
		switch name {
		case "type", "messageId", "timestamp", "originalTimestamp", "sentAt", "writeKey", "channel", "projectId", "version", "receivedAt", "context", "integrations":
			continue
		case "userId", "anonymousId", "groupId", "previousId":
			if string(value) == `""` && line[name] == nil {
				continue // left out, since there is another
			}
			if isNumber(value) {
				value = []byte(`"` + string(value) + `"`)
			}
		}
		if !bytes.Equal(tight(t, value), tight(t, line[name])) {
			t.Fatalf("%s of %q became %q", name, event, line[name])
		}
	}
	for name := range line {
		switch name {
		case "type", "messageId", "timestamp", "originalTimestamp", "sentAt", "channel", "projectId", "version", "receivedAt", "context", "integrations":
		default:
			if _, ok := sent[name]; !ok {
				t.Fatalf("%q: nobody sent %s", a.Line, name)
			}
		}
	}
	for _, name := range []string{"timestamp", "receivedAt"} {
		var text string
		if err := json.Unmarshal(line[name], &text); err != nil {
			t.Fatalf("%s of %q: %v", name, a.Line, err)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", text); err != nil {
			t.Fatalf("%s of %q: %v", name, a.Line, err)
		}
	}
	for _, name := range []string{"context", "integrations"} {
		all := membersOf(t, line[name])
		if sent[name] == nil || sent[name][0] != '{' {
			continue
		}
		for inner, value := range membersOf(t, sent[name]) {
			if !bytes.Equal(tight(t, value), tight(t, all[inner])) {
				t.Fatalf("%s.%s of %q became %q", name, inner, event, all[inner])
			}
		}
	}
}

// tight is a value without the spaces between its tokens.
func tight(t *testing.T, value []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if len(value) == 0 {
		return nil
	}
	if err := json.Compact(&out, value); err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	return out.Bytes()
}

// FuzzFromQuery feeds any query: what becomes of it is refused with a reason, or is a body that can be read.
func FuzzFromQuery(f *testing.F) {
	for _, query := range []string{
		"userId=u&event=E&properties.a.b=1&properties.a=2&integrations.All=false", "data=eyJ1c2VySWQiOiJ1In0", "data=e30=&writeKey=w", "a..b=1&.=2&=3", "%", "a=%ff&%00=1", "a.b=1&a.b.c=2",
		strings.Repeat("a.", 40) + "=1",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		body, r := FromQuery(query)
		if r != nil {
			if r.Message == "" || r.Code == "" {
				t.Fatalf("%q is refused without a reason", query)
			}
			return
		}
		if !strings.Contains(query, "data") && !json.Valid(body) {
			t.Fatalf("%q became %q", query, body)
		}
		holdAgainst(t, &Splitter{}, body, Track)
	})
}
