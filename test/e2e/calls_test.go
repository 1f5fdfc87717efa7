//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// call is what a program told an SDK: the members of an event.
type call map[string]json.RawMessage

func (c call) text(name string) string {
	var text string
	_ = json.Unmarshal(c[name], &text) // what is not a text is ""
	return text
}

func parseCall(t *testing.T, raw []byte) call {
	t.Helper()
	c := call{}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatalf("read call: %v: %.200s", err, raw)
	}
	return c
}

// delivered is what of a log counts: the firsts by messageId. The rest of its lines must be duplicates that name their
// first, and are the same call.
func delivered(t *testing.T, lines []harness.Line) (firsts map[string]harness.Line, again int) {
	t.Helper()
	return deliveredAgain(t, lines, func(call, call) string { return "" })
}

// deliveredAgain is delivered for an SDK that does not send a call again as it was. May takes out of both what may
// differ, and says what is wrong with it.
func deliveredAgain(
	t *testing.T, lines []harness.Line, may func(first, second call) (problem string),
) (firsts map[string]harness.Line, again int) {
	t.Helper()
	firsts = map[string]harness.Line{}
	for _, line := range lines {
		if line.Rejected != nil {
			t.Errorf("%s: not taken: %s", line.Position, line.Rejected)
			continue
		}
		id := parseCall(t, line.Event).text("messageId")
		first, known := firsts[id]
		switch {
		case line.DuplicateOf == "" && known:
			t.Errorf("%s: %s is there for the second time, and is not a duplicate of %s", line.Position, id, first.Position)
		case line.DuplicateOf == "":
			firsts[id] = line
		case line.DuplicateOf != first.Position:
			t.Errorf("%s: %s is a duplicate of %s, want of %s", line.Position, id, line.DuplicateOf, first.Position)
		default:
			again++
			wantSameCall(t, first, line, may)
		}
	}
	return firsts, again
}

// wantSameCall compares a line with its duplicate: only the times of sending and receiving may differ, and what may
// differ besides.
func wantSameCall(t *testing.T, first, second harness.Line, may func(first, second call) string) {
	t.Helper()
	a, b := parseCall(t, first.Event), parseCall(t, second.Event)
	for _, name := range []string{"receivedAt", "timestamp", "sentAt"} {
		delete(a, name)
		delete(b, name)
	}
	if problem := may(a, b); problem != "" {
		t.Errorf("%s, first %s: %s:\n%s\n%s", second.Position, first.Position, problem, second.Event, first.Event)
	}
	if !maps.EqualFunc(a, b, func(x, y json.RawMessage) bool { return bytes.Equal(x, y) }) {
		t.Errorf("%s is not what %s was a duplicate of:\n%s\n%s", second.Position, first.Position, second.Event, first.Event)
	}
}

// wantCalls compares what an SDK was told with the log, call by call and field by field: same values, nothing missing, nothing more.
func wantCalls(t *testing.T, calls []call, firsts map[string]harness.Line, library string) {
	t.Helper()
	if len(firsts) != len(calls) {
		t.Errorf("the log holds %d calls, want %d", len(firsts), len(calls))
	}
	for _, want := range calls {
		line, ok := firsts[want.text("messageId")]
		if !ok {
			t.Errorf("%s is not in the log", want["messageId"])
			continue
		}
		wantCall(t, want, line, library)
		if t.Failed() {
			return // one is enough to look at
		}
	}
}

func wantCall(t *testing.T, want call, line harness.Line, library string) {
	t.Helper()
	got := parseCall(t, line.Event)
	var context struct {
		Library struct{ Name, Version string }
	}
	if err := json.Unmarshal(got["context"], &context); err != nil || context.Library.Name != library || context.Library.Version == "" {
		t.Errorf("context %.300s (%v), want library %s", got["context"], err, library)
	}
	if line.Origin.Channel != "server" || line.Origin.Library != library || !strings.Contains(strings.ToLower(line.Origin.Call), "analytics."+want.text("type")) {
		t.Errorf("%.300s: origin %+v", line.Event, line.Origin)
	}
	left := maps.Clone(got)
	for name, value := range want {
		switch name {
		case "timestamp":
			name = "originalTimestamp"
		case "context":
			wantWithin(t, value, got["context"])
			continue
		}
		if diff := cmp.Diff(compact(t, value), string(got[name])); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", name, want["messageId"], diff)
		}
		delete(left, name)
	}
	for name, value := range map[string]string{"channel": `"server"`, "version": "2"} {
		if string(left[name]) != value {
			t.Errorf("%s is %s, want %s", name, left[name], value)
		}
	}
	if want["integrations"] == nil && string(got["integrations"]) != "{}" {
		t.Errorf("integrations of %s are %s, want {}", want["messageId"], got["integrations"])
	}
	if of := want.text("type"); want["properties"] == nil && (of == "track" || of == "page" || of == "screen") || want["traits"] == nil && (of == "identify" || of == "group") {
		for _, name := range []string{"properties", "traits"} {
			if string(left[name]) == "{}" { // some SDKs send an empty object
				delete(left, name)
			}
		}
	}
	wantSkew(t, got)
	for _, name := range []string{"channel", "version", "projectId", "receivedAt", "timestamp", "originalTimestamp", "sentAt", "context", "integrations", "_metadata"} {
		delete(left, name)
	}
	for name, value := range left {
		t.Errorf("%s: there is %s: %.300s, which nobody sent", want["messageId"], name, value)
	}
}

// wantWithin looks for the members of a context in the one of the log, which has more.
func wantWithin(t *testing.T, want, got json.RawMessage) {
	t.Helper()
	all := parseCall(t, got)
	for name, value := range parseCall(t, want) {
		if diff := cmp.Diff(compact(t, value), string(all[name])); diff != "" {
			t.Errorf("context.%s (-want +got):\n%s", name, diff)
		}
	}
}

// wantSkew reckons the timestamp anew.
func wantSkew(t *testing.T, got call) {
	t.Helper()
	var times [4]time.Time
	for i, name := range []string{"receivedAt", "sentAt", "originalTimestamp", "timestamp"} {
		at, err := time.Parse(time.RFC3339Nano, got.text(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		times[i] = at
	}
	want := times[0].Add(-times[1].Sub(times[2]))
	if off := times[3].Sub(want).Abs(); off > time.Millisecond {
		t.Errorf("timestamp is %s, want %s", times[3], want)
	}
}

func compact(t *testing.T, value json.RawMessage) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, value); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
