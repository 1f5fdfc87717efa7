package deliver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"penstock/internal/deliver"
	"penstock/internal/destination"
	"penstock/internal/filter"
)

// taker is a destination that keeps the call it is given.
type taker struct {
	definition *destination.Definition
	call       *destination.Call
}

func (k *taker) Definition() *destination.Definition { return k.definition }

func (k *taker) Perform(_ context.Context, call *destination.Call) destination.Result {
	k.call = call
	return destination.Result{Class: destination.ClassDelivered}
}

func TestFromMapping(t *testing.T) {
	definition, err := destination.ParseDefinition([]byte(`{"slug":"post","name":"Post","mode":"cloud","actions":[{"slug":"send","name":"Send","batches":true,"fields":[
		{"key":"to","label":"To","description":"Where to.","type":"string","required":true}, {"key":"data","label":"Data","description":"What.","type":"object"},
		{"key":"batch_keys","label":"Batch Keys","description":"Which.","type":"string","multiple":true,"default":["to"]},
		{"key":"enable_batching","label":"Batch","description":"Whether.","type":"boolean","ofApp":true}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	k := &taker{definition: definition}
	client := &http.Client{}
	compile := func(batching string) deliver.Compiled {
		fields := `{"to":{"@path":"$.to"},"data":{"@path":"$.data"},"enable_batching":` + batching + `}`
		m, err := destination.Compile(k, destination.Spec{Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(fields)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return deliver.FromMapping(m, client)
	}
	dropping, err := destination.Compile(k, destination.Spec{
		Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(`{"to":"a"}`),
		Filters: []filter.Rule{{Name: "None", If: "all", Actions: []filter.RuleAction{{Type: filter.Drop}}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dropped := deliver.FromMapping(dropping, client)
	code, reason := dropped.Explain([]byte(`{"type":"track"}`))
	wants(t, "code of what a filter drops", code, deliver.CodeFilteredByRules)
	wants(t, "reason of what a filter drops", reason, `the filter "None" drops it: all`)
	wants(t, "match of what a filter drops", dropped.Match([]byte(`{"type":"track"}`)), false)
	if _, ok := compile("false").(deliver.Batcher); ok {
		t.Error("a mapping that does not batch is a Batcher")
	}
	b, ok := compile("true").(deliver.Batcher)
	if !ok {
		t.Fatal("a mapping that batches is no Batcher")
	}
	wants(t, "batching", b.Batching(), destination.Batching{Events: 1000, Bytes: 4_000_000})
	event := []byte(`{"type":"track","to":"a","data":{"n":1}}`)
	one, err := b.Member(event)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.Member([]byte(`{"type":"track","to":"a","data":{"n":23}}`))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "members", []any{one.Key == two.Key, string(one.Event), one.Size, two.Size}, []any{true, string(event), 8, 9})
	if _, err := b.Member([]byte(`{"type":"track"}`)); err == nil {
		t.Error("an event without what is required is a member")
	}
	b.PerformBatch(t.Context(), "b1", []deliver.Member{one, two})
	var sent []string
	for _, p := range k.call.Batch {
		sent = append(sent, string(p.AppendJSON(nil)))
	}
	wants(t, "sent in a batch", sent, []string{`{"to":"a","data":{"n":1}}`, `{"to":"a","data":{"n":23}}`})
	if k.call.ID != "b1" || k.call.Client != client || string(k.call.Payload.AppendJSON(nil)) != sent[0] {
		t.Errorf("call: %+v", k.call)
	}
	b.Perform(t.Context(), "s1", event)
	if k.call.ID != "s1" || k.call.Batch != nil {
		t.Errorf("call of a single event: %+v", k.call)
	}
	result := b.Perform(t.Context(), "s2", []byte(`{"type":"track"}`))
	if result.Class != destination.ClassRejected || result.Code != destination.CodePayloadValidation || k.call.ID != "s1" {
		t.Errorf("without what is required: %+v", result)
	}
}
