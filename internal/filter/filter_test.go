package filter_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/filter"
)

const event = `{"type":"track","messageId":"m-1","userId":"u-1","properties":{"email":"ann@acme.test","plan":"pro","card":{"no":"4","name":"A"},"items":[{"id":1,"price":2}]},"context":{"ip":"::1","traits":{"email":"x","age":3}},"integrations":{}}`

func compile(t *testing.T, rules string) *filter.Filters {
	t.Helper()
	var in []filter.Rule
	if err := json.Unmarshal([]byte(rules), &in); err != nil {
		t.Fatal(err)
	}
	f, err := filter.Compile(in)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestNoFilters(t *testing.T) {
	f, err := filter.Compile(nil)
	if f != nil || err != nil || f.Dropped([]byte(event)) != nil || string(f.Trim([]byte(event))) != event {
		t.Errorf("no rules: %v, %v; want that all is let through as it is", f, err)
	}
}

func TestDrop(t *testing.T) {
	f := compile(t, `[{"name":"Pages","if":"type = \"page\"","actions":[{"type":"DROP"}]},
		{"name":"Our own","if":"contains(properties.email, \"@acme.test\")","actions":[{"type":"DROP_PROPERTIES","fields":{"properties":["plan"]}},{"type":"DROP"}]}]`)
	want := &filter.Verdict{Rule: "Our own", Reason: `the filter "Our own" drops it: contains(properties.email, "@acme.test")`}
	if diff := cmp.Diff(want, f.Dropped([]byte(event))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v := f.Dropped([]byte(`{"type":"track"}`)); v != nil {
		t.Errorf("dropped by %+v", v)
	}
}

func TestTrim(t *testing.T) {
	for name, c := range map[string]struct{ actions, want string }{
		"members": {
			`[{"type":"DROP_PROPERTIES","fields":{"properties":["email","nothing"],"context.traits":["email"]}}]`,
			`{"type":"track","messageId":"m-1","userId":"u-1","properties":{"plan":"pro","card":{"no":"4","name":"A"},"items":[{"id":1,"price":2}]},"context":{"ip":"::1","traits":{"age":3}},"integrations":{}}`,
		},
		"below a member that stays": {
			`[{"type":"DROP_PROPERTIES","fields":{"properties":["plan","email"],"properties.card":["no"],"properties.items.0":["price"]}}]`,
			`{"type":"track","messageId":"m-1","userId":"u-1","properties":{"card":{"name":"A"},"items":[{"id":1}]},"context":{"ip":"::1","traits":{"email":"x","age":3}},"integrations":{}}`,
		},
		"the top": {
			`[{"type":"DROP_PROPERTIES","fields":{"":["context"]}}]`,
			`{"type":"track","messageId":"m-1","userId":"u-1","properties":{"email":"ann@acme.test","plan":"pro","card":{"no":"4","name":"A"},"items":[{"id":1,"price":2}]},"integrations":{}}`,
		},
		"allowed": {
			`[{"type":"ALLOW_PROPERTIES","fields":{"properties":["plan"],"context":[]}}]`,
			`{"type":"track","messageId":"m-1","userId":"u-1","properties":{"plan":"pro"},"context":{},"integrations":{}}`,
		},
		"allowed at the top": {
			`[{"type":"ALLOW_PROPERTIES","fields":{"":["properties"],"properties":["plan"]}}]`,
			`{"type":"track","messageId":"m-1","userId":"u-1","properties":{"plan":"pro"},"integrations":{}}`,
		},
		"nothing to take out": {`[{"type":"DROP_PROPERTIES","fields":{"traits":["x"],"properties.plan":["x"]}}]`, event},
	} {
		f := compile(t, `[{"name":"Less","if":"all","actions":`+c.actions+`}]`)
		if diff := cmp.Diff(c.want, string(f.Trim([]byte(event)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		other := compile(t, `[{"name":"Less","if":"type = \"page\"","actions":`+c.actions+`}]`)
		if string(other.Trim([]byte(event))) != event {
			t.Errorf("%s: the condition is not met, and the event is changed", name)
		}
	}
}

// Sampling by a path is the same for all events that have the same there, and lets about so many through as it says.
func TestSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.Float64Range(0, 1).Draw(t, "percent")
		f, err := filter.Compile([]filter.Rule{{Name: "Some", If: "all", Actions: []filter.RuleAction{{Type: filter.Sample, Percent: &percent, Path: "userId"}}}})
		if err != nil {
			t.Fatal(err)
		}
		const users = 2000
		passed := 0
		for i := range users {
			drop := f.Dropped(fmt.Appendf(nil, `{"messageId":"a","userId":"%d"}`, i))
			if again := f.Dropped(fmt.Appendf(nil, `{"messageId":"b","userId":"%d"}`, i)); (drop == nil) != (again == nil) {
				t.Fatalf("user %d is let through once, and not the other time", i)
			}
			if drop == nil {
				passed++
			}
		}
		if deviation := math.Abs(float64(passed)/users - percent); deviation > 0.06 { //nolint:mnd // more than five times the standard deviation
			t.Fatalf("%d of %d are let through, want %g of them", passed, users, percent)
		}
	})
	f := compile(t, `[{"name":"None","if":"all","actions":[{"type":"SAMPLE","percent":0}]}]`)
	if v := f.Dropped([]byte(event)); v == nil || v.Reason != `the filter "None" lets 0 % of such events through, chosen by messageId, and this is none of them: all` {
		t.Errorf("0 percent: %+v", v)
	}
}

// Conditions look at the event as it came in, whatever is taken out of it.
func TestConditionsSeeTheWholeEvent(t *testing.T) {
	f := compile(t, `[{"name":"A","if":"all","actions":[{"type":"DROP_PROPERTIES","fields":{"properties":["plan"]}}]},
		{"name":"B","if":"properties.plan = \"pro\"","actions":[{"type":"DROP_PROPERTIES","fields":{"":["context"]}}]}]`)
	var got map[string]any
	if err := json.Unmarshal(f.Trim([]byte(event)), &got); err != nil {
		t.Fatal(err)
	}
	if _, there := got["context"]; there {
		t.Error("the second rule did not see what the first took out")
	}
}

func TestMistakes(t *testing.T) {
	for rule, want := range map[string]string{
		`{"if":"type =","actions":[{"type":"DROP"}]}`:                                           `/if: character 7: want a field, a value or a function, got the end`,
		`{"if":"all","actions":[]}`:                                                             `/actions: a filter has between 1 and 20 actions; this one has 0`,
		`{"if":"all","actions":[{"type":"DROP"},{"type":"EAT"}]}`:                               `/actions/1: there is no action "EAT"; want DROP, SAMPLE, DROP_PROPERTIES or ALLOW_PROPERTIES`,
		`{"if":"all","actions":[{"type":"SAMPLE"}]}`:                                            `/actions/0: SAMPLE needs percent, a number from 0 to 1`,
		`{"if":"all","actions":[{"type":"SAMPLE","percent":50}]}`:                               `/actions/0: SAMPLE needs percent, a number from 0 to 1`,
		`{"if":"all","actions":[{"type":"DROP_PROPERTIES"}]}`:                                   `/actions/0: DROP_PROPERTIES needs fields, such as {"properties": ["email"]}`,
		`{"if":"all","actions":[{"type":"DROP_PROPERTIES","fields":{"integrations":["All"]}}]}`: `/actions/0: the path "integrations" is out of reach; properties are taken out of properties, context and traits`,
		`{"if":"all","actions":[{"type":"ALLOW_PROPERTIES","fields":{"":["messageId"]}}]}`:      `/actions/0: "messageId" is out of reach; of the event itself, properties, context and traits can be taken out`,
	} {
		var in filter.Rule
		if err := json.Unmarshal([]byte(rule), &in); err != nil {
			t.Fatal(err)
		}
		_, err := filter.Compile([]filter.Rule{in})
		wrong, ok := errors.AsType[*filter.Error](err)
		if !ok || wrong.Path+": "+wrong.Error() != want {
			t.Errorf("%s: %v, want %s", rule, err, want)
		}
	}
}

// What is taken out is gone, what is not stays, and the event stays JSON.
func FuzzTrim(f *testing.F) {
	f.Add(event)
	f.Add(`{"properties":{"email":[{"email":1}],"a\u0062":{}},"context":[1,{"x":"}"}]}`)
	rules := []filter.Rule{{Name: "Less", If: "all", Actions: []filter.RuleAction{
		{Type: filter.DropProperties, Fields: map[string][]string{"properties": {"email"}, "context.1": {"x"}}},
		{Type: filter.AllowProperties, Fields: map[string][]string{"traits": {"a"}}},
	}}}
	filters, err := filter.Compile(rules)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, event string) {
		if len(event) == 0 || event[0] != '{' || !json.Valid([]byte(event)) {
			return
		}
		out := filters.Trim([]byte(event))
		var got, was map[string]any
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q becomes %q: %v", event, out, err)
		}
		if err := json.Unmarshal([]byte(event), &was); err != nil {
			return
		}
		if p, ok := got["properties"].(map[string]any); ok {
			if _, there := p["email"]; there {
				t.Fatalf("%q still has properties.email: %q", event, out)
			}
		}
		if diff := cmp.Diff(was["type"], got["type"]); diff != "" {
			t.Fatalf("%q: what no rule names is changed: %s", event, diff)
		}
	})
}
