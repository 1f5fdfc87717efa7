package destination_test

import (
	"context"
	"encoding/json"
	"testing"

	"penstock/internal/destination"
	"penstock/internal/filter"
)

// plain is a destination with one action, which has one field.
type plain struct{ definition *destination.Definition }

func (p *plain) Definition() *destination.Definition { return p.definition }

func (p *plain) Perform(context.Context, *destination.Call) destination.Result {
	return destination.Result{Class: destination.ClassDelivered}
}

func compilePlain(t testing.TB, filters string) *destination.Mapping {
	t.Helper()
	definition, err := destination.ParseDefinition([]byte(`{"slug":"plain","name":"Plain","mode":"cloud","actions":[{"slug":"send","name":"Send","fields":[
		{"key":"data","label":"Data","description":"What.","type":"object"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	spec := destination.Spec{Action: "send", Trigger: `type = "track" and properties.email = "ann@acme.test"`, Fields: json.RawMessage(`{"data":{"@path":"$.properties"}}`)}
	if filters != "" {
		if err := json.Unmarshal([]byte(filters), &spec.Filters); err != nil {
			t.Fatal(err)
		}
	}
	m, err := destination.Compile(&plain{definition}, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const filtered = `{"type":"track","messageId":"m-1","userId":"u-1","properties":{"email":"ann@acme.test","plan":"pro"}}`

// Filters stand in front of the trigger and of the fields.
func TestFilters(t *testing.T) {
	for name, c := range map[string]struct {
		filters string
		matches bool
		payload string
		dropped string
	}{
		"none":               {"", true, `{"data":{"email":"ann@acme.test","plan":"pro"}}`, ""},
		"drop":               {`[{"name":"F","if":"userId = \"u-1\"","actions":[{"type":"DROP"}]}]`, false, `{"data":{"email":"ann@acme.test","plan":"pro"}}`, "F"},
		"what a field has":   {`[{"name":"F","if":"all","actions":[{"type":"DROP_PROPERTIES","fields":{"properties":["plan"]}}]}]`, true, `{"data":{"email":"ann@acme.test"}}`, ""},
		"what a trigger has": {`[{"name":"F","if":"all","actions":[{"type":"DROP_PROPERTIES","fields":{"properties":["email"]}}]}]`, false, `{"data":{"plan":"pro"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, event := compilePlain(t, c.filters), []byte(filtered)
			if got := m.Match(event); got != c.matches {
				t.Errorf("match: %t, want %t", got, c.matches)
			}
			verdict := m.Dropped(event)
			if verdict == nil {
				verdict = &filter.Verdict{}
			}
			if verdict.Rule != c.dropped {
				t.Errorf("dropped by %q, want %q", verdict.Rule, c.dropped)
			}
			if explained := m.Explain(event); c.dropped == "" && explained.Matched != c.matches {
				t.Errorf("explained: %+v", explained)
			}
			payload, err := m.Resolve(event)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(payload.AppendJSON(nil)); got != c.payload {
				t.Errorf("payload %s, want %s", got, c.payload)
			}
		})
	}
}

// Without filters, matching costs what the trigger costs.
func BenchmarkMatch(b *testing.B) {
	for name, filters := range map[string]string{
		"none": "",
		"drop": `[{"name":"F","if":"userId = \"u-2\"","actions":[{"type":"DROP"}]}]`,
		"trim": `[{"name":"F","if":"all","actions":[{"type":"DROP_PROPERTIES","fields":{"properties":["plan"]}}]}]`,
	} {
		b.Run(name, func(b *testing.B) {
			m, event := compilePlain(b, filters), []byte(filtered)
			b.ReportAllocs()
			for b.Loop() {
				m.Match(event)
			}
		})
	}
}

// A destination without filters costs a hot path no allocation.
func TestMatchWithoutFiltersAllocatesNothing(t *testing.T) {
	m, event := compilePlain(t, ""), []byte(filtered)
	if n := testing.AllocsPerRun(100, func() { m.Match(event) }); n != 0 {
		t.Errorf("%g allocations for each event", n)
	}
}
