package trigger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"penstock/internal/jsvalue"
	"penstock/internal/trigger"
)

// recorded is a case of testdata/fql.json: what Segment's own packages made of a trigger and an event.
type recorded struct {
	ID           string          `json:"id"`
	Subscription json.RawMessage `json:"subscription"`
	Event        json.RawMessage `json:"event"`
	Valid        bool            `json:"valid"`
	Error        string          `json:"error"`
	AST          json.RawMessage `json:"ast"`
	Matches      *bool           `json:"matches"`
	Throws       string          `json:"throws"`
}

func cases(t testing.TB) []recorded {
	t.Helper()
	data, err := os.ReadFile("testdata/fql.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []recorded
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (c *recorded) text() string { return jsvalue.Parse(c.Subscription).Str() }

func TestRecordedTruth(t *testing.T) {
	all := cases(t)
	if len(all) != 636 {
		t.Fatalf("testdata holds %d cases, want 636", len(all))
	}
	for _, c := range all {
		t.Run(c.ID, func(t *testing.T) {
			got, err := trigger.Parse(c.text())
			if (err == nil) != c.Valid {
				t.Fatalf("parse %s: error %v, want valid %v", c.Subscription, err, c.Valid)
			}
			if !c.Valid {
				e, ok := errors.AsType[*trigger.Error](err)
				if !ok || e.SegmentMessage() != c.Error || e.Expected == "" || e.Message == "" {
					t.Fatalf("parse %s: %#v, want the message %q", c.Subscription, err, c.Error)
				}
				return
			}
			if ast := got.Root().AppendJSON(nil); !bytes.Equal(ast, compact(t, c.AST)) {
				t.Errorf("parse %s\n got %s\nwant %s", c.Subscription, ast, compact(t, c.AST))
			}
			before := bytes.Clone(c.Event)
			want := c.Matches != nil && *c.Matches
			if m := got.Match(c.Event); m != want {
				t.Errorf("match %s: %v, want %v", c.Subscription, m, want)
			}
			if _, broken := got.Evaluate(c.Event); (broken != nil) != (c.Throws != "") {
				t.Errorf("evaluate %s: error %v, want %q", c.Subscription, broken, c.Throws)
			}
			if x := got.Explain(c.Event); x.Matched != want {
				t.Errorf("explain %s: %+v, want %v", c.Subscription, x, want)
			}
			if !bytes.Equal(before, c.Event) {
				t.Error("the event was changed")
			}
			again, err := trigger.Parse(got.String())
			if err != nil {
				t.Fatalf("print %s: %s: %v", c.Subscription, got, err)
			}
			if again.String() != got.String() || again.Match(c.Event) != want {
				t.Errorf("print %s: %s, which prints as %s", c.Subscription, got, again)
			}
		})
	}
}

func compact(t *testing.T, raw json.RawMessage) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
