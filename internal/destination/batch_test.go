package destination_test

import (
	"context"
	"encoding/json"
	"testing"

	"penstock/internal/destination"
)

// post is a destination with an action that takes batches.
type post struct{ definition *destination.Definition }

func (p post) Definition() *destination.Definition { return p.definition }

func (p post) Perform(context.Context, *destination.Call) destination.Result {
	return destination.Result{}
}

func newPost(t *testing.T, batches string) post {
	t.Helper()
	d, err := destination.ParseDefinition([]byte(`{"slug":"post","name":"Post","mode":"cloud","actions":[{"slug":"send","name":"Send","batches":` + batches + `,"fields":[
		{"key":"url","label":"URL","description":"Where to.","type":"string"}, {"key":"method","label":"Method","description":"How.","type":"string"},
		{"key":"data","label":"Data","description":"What.","type":"object"}, {"key":"batch_size","label":"Batch Size","description":"How many.","type":"number"},
		{"key":"batch_keys","label":"Batch Keys","description":"Which.","type":"string","multiple":true,"default":["url","method"]},
		{"key":"enable_batching","label":"Batch","description":"Whether.","type":"boolean","ofApp":true}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return post{d}
}

func compileBatch(t *testing.T, d destination.Destination, fields string) *destination.Mapping {
	t.Helper()
	m, err := destination.Compile(d, destination.Spec{Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(fields)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBatchingIsReadFromTheFields(t *testing.T) {
	for fields, events := range map[string]int{
		`{}`: 0, `{"enable_batching":false,"batch_size":5}`: 0, `{"enable_batching":"false"}`: 0, `{"enable_batching":null}`: 0, `{"enable_batching":""}`: 0,
		`{"enable_batching":true}`: 1000, `{"enable_batching":"true","batch_size":0}`: 1000, `{"enable_batching":1,"batch_size":-3}`: 1000,
		`{"enable_batching":true,"batch_size":{"@path":"$.n"}}`: 1000, `{"enable_batching":true,"batch_size":""}`: 1000,
		`{"enable_batching":true,"batch_size":0.5}`: 1000, `{"enable_batching":true,"batch_size":2.9}`: 2, `{"enable_batching":true,"batch_size":"7"}`: 7,
		`{"enable_batching":true,"batch_size":4000}`: 4000, `{"enable_batching":true,"batch_size":4001}`: 4000, `{"enable_batching":true,"batch_size":1e300}`: 4000,
	} {
		got, on := compileBatch(t, newPost(t, "true"), fields).Batching()
		if on != (events > 0) || got.Events != events || (on && got.Bytes != 4_000_000) {
			t.Errorf("%s: %+v, %v", fields, got, on)
		}
	}
	if got, on := compileBatch(t, newPost(t, "false"), `{"enable_batching":true}`).Batching(); on {
		t.Errorf("an action that takes no batches has %+v", got)
	}
}

func TestBatchKeysTellEventsApart(t *testing.T) {
	const made = `"url":{"@template":"https://{{host}}/"},"method":{"@path":"$.method"},"data":{"@path":"$.data"},"enable_batching":true`
	events := []string{`{"host":"a","method":"PUT","data":{"x":1}}`, `{"host":"a","method":"PUT","data":{"x":2}}`, `{"host":"b","method":"PUT"}`, `{"host":"a"}`, `{"host":"a","data":{"x":1}}`}
	for _, c := range []struct {
		fields string
		want   []int // for each event, the first one with the same key; nil: nothing is batched
	}{
		{`{` + made + `}`, []int{0, 0, 2, 3, 3}},
		{`{` + made + `,"batch_keys":["url"]}`, []int{0, 0, 2, 0, 0}},
		{`{` + made + `,"batch_keys":"method"}`, []int{0, 0, 0, 3, 3}},
		{`{` + made + `,"batch_keys":[]}`, []int{0, 0, 0, 0, 0}},
		{`{` + made + `,"batch_keys":["data","nothing"]}`, []int{0, 1, 2, 2, 0}},
		{`{` + made + `,"batch_keys":{"@path":"$.keys"}}`, []int{0, 0, 2, 3, 3}},
		{`{"url":"https://a/","method":"PUT","data":{"@path":"$.data"},"enable_batching":true}`, []int{0, 0, 0, 0, 0}},
		{`{"@if":{"exists":{"@path":"$.host"},"then":{` + made + `}}}`, nil},
	} {
		m := compileBatch(t, newPost(t, "true"), c.fields)
		if _, on := m.Batching(); on != (c.want != nil) {
			t.Errorf("%s: batching is %v", c.fields, on)
		}
		if c.want == nil {
			continue
		}
		first := map[string]int{}
		for i, event := range events {
			p, err := m.ResolveForBatch([]byte(event))
			if err != nil {
				t.Fatal(err)
			}
			key := m.BatchKey(p)
			if _, known := first[key]; !known {
				first[key] = i
			}
			if first[key] != c.want[i] {
				t.Errorf("%s: event %d has the key of event %d, want that of %d", c.fields, i, first[key], c.want[i])
			}
		}
	}
}

func TestBatchSizeIsWhatAnEventAdds(t *testing.T) {
	m := compileBatch(t, newPost(t, "true"), `{"url":{"@path":"$.url"},"data":{"@path":"$.data"},"batch_size":10,"enable_batching":true}`)
	built := compileBatch(t, newPost(t, "true"), `{"url":{"@path":"$.url"},"data":{"x":{"@path":"$.data"}},"batch_size":10,"enable_batching":true}`)
	for event, want := range map[string][2]int{
		`{"url":"https://acme.example","data":{"x":12}}`: {len(`{"x":12},`), len(`{"x":{"x":12}},`)},
		`{"url":"https://acme.example"}`:                 {len(`,`), len(`{},`)},
	} {
		for i, m := range []*destination.Mapping{m, built} {
			p, err := m.ResolveForBatch([]byte(event))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.BatchSize(p); got != want[i] {
				t.Errorf("%s, mapping %d: %d, want %d", event, i, got, want[i])
			}
		}
	}
}
