package mapping_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/jsvalue"
	"penstock/internal/liquid"
	"penstock/internal/mapping"
)

// recorded is a case of testdata/mapping.json: what Segment's own packages made of a mapping and an event.
type recorded struct {
	ID          string          `json:"id"`
	Mapping     json.RawMessage `json:"mapping"`
	Payload     json.RawMessage `json:"payload"`
	PayloadJSON string          `json:"payload_json"`       //nolint:tagliatelle // the name in the recording
	Expected    string          `json:"expected_json"`      //nolint:tagliatelle // the name in the recording
	Undefined   bool            `json:"expected_undefined"` //nolint:tagliatelle // the name in the recording
	Error       *struct {
		Messages []string `json:"messages"`
	} `json:"error"`
}

func cases(t testing.TB) []recorded {
	t.Helper()
	data, err := os.ReadFile("testdata/mapping.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []recorded
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (c *recorded) event() []byte {
	if c.PayloadJSON != "" {
		return []byte(c.PayloadJSON)
	}
	return c.Payload
}

// inheritedMembers are the cases in which Segment's code finds a member that no event has, in JavaScript's prototype chain. Ours finds own members only:
// docs/adr/0005-own-members-only.md.
var inheritedMembers = []string{"mapping-0796"}

func TestRecordedTruth(t *testing.T) {
	all := cases(t)
	if len(all) != 713 {
		t.Fatalf("testdata holds %d cases, want 713", len(all))
	}
	for _, c := range all {
		t.Run(c.ID, func(t *testing.T) {
			m, err := mapping.Compile(c.Mapping)
			var got jsvalue.Value
			event := c.event()
			before := bytes.Clone(event)
			if err == nil {
				got, err = m.Resolve(event)
			} else if jsvalue.Parse(event).Kind() != jsvalue.Object {
				t.Fatalf("the event is no object, and the mapping is wrong as well: %v", err)
			}
			if !bytes.Equal(before, event) {
				t.Error("the event was changed")
			}
			if refusedForWantOfLiquidJS(err) {
				return
			}
			c.compare(t, got, err)
		})
	}
}

// refusedForWantOfLiquidJS tells whether a template was refused because this build has no LiquidJS, which that of `make test` has.
func refusedForWantOfLiquidJS(err error) bool {
	return !liquid.Built() && err != nil && strings.Contains(err.Error(), liquid.ErrNotBuilt.Message)
}

func (c *recorded) compare(t *testing.T, got jsvalue.Value, err error) {
	t.Helper()
	if c.Error != nil {
		e, ok := errors.AsType[*mapping.Error](err)
		if !ok {
			t.Fatalf("%s: error %v, want %q", c.Mapping, err, c.Error.Messages)
		}
		if diff := cmp.Diff(c.Error.Messages, e.Messages); diff != "" {
			t.Errorf("%s: %s", c.Mapping, diff)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v, want %s", c.Mapping, err, c.Expected)
	}
	// What passes through keeps its bytes (white space, order of keys, digits); so the exact text is compared as JSON.stringify would print our result.
	text := string(got.Stringify(nil))
	if c.Undefined != (got.Kind() == jsvalue.Undefined) || (text != c.Expected) != slices.Contains(inheritedMembers, c.ID) {
		t.Errorf("%s\nof  %s\n got %s\nwant %s", c.Mapping, c.event(), text, c.Expected)
	}
	if again, ok := jsvalue.DecodeText(string(got.AppendJSON(nil))); got.Kind() != jsvalue.Undefined && (!ok || string(again.Stringify(nil)) != text) {
		t.Errorf("%s: sent as %s, which is not %s", c.Mapping, got.AppendJSON(nil), text)
	}
}
