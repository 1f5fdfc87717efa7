package destination

import (
	"context"
	"encoding/json"
	"net/http"

	"penstock/internal/jsvalue"
)

// Fields by which a mapping says how its events are batched. The application switches batching on; the other two are the action's own.
const (
	batchField     = "enable_batching"
	batchSizeField = "batch_size"
	batchKeysField = "batch_keys"
)

// Limits of a batch.
const (
	BatchEvents    = 1000      // events, where the mapping says nothing else; Segment's own default
	BatchEventsMax = 4000      // events, whatever the mapping says; Segment's own limit
	BatchBytesMax  = 4_000_000 // of what is sent, in bytes; Segment's own limit
)

// Batching is how the events of a mapping go out, several in one request.
type Batching struct {
	Events int // of one batch at most
	Bytes  int // of one batch at most, as BatchSize counts them
}

// batching is Batching, compiled.
type batching struct {
	events int
	keys   []int // places of the action's fields in which the events of a batch agree, but for those that are the same for every event
	counts []int // places of the fields that each event adds to the request
}

// compileBatching reads how events are batched; nil: they are not. A size or keys that are made of the event are passed over: they belong to the
// mapping, not to one of its events.
func compileBatching(action *Action, raw json.RawMessage) *batching {
	fields, _ := jsvalue.DecodeText(string(orEmpty(raw)))
	field := func(key string) jsvalue.Value { return fields.Get(jsvalue.NewKey(key)) }
	on, wrong := coerce(TypeBoolean, field(batchField))
	if !action.Batches || wrong != "" || !on.Truthy() {
		return nil
	}
	b := &batching{events: BatchEvents}
	if size, wrong := coerce(TypeNumber, field(batchSizeField)); wrong == "" && size.Float() >= 1 {
		b.events = int(min(size.Float(), BatchEventsMax))
	}
	keys := keysOf(action, field(batchKeysField))
	for i := range action.Fields {
		switch f := &action.Fields[i]; {
		case f.OfApp || f.Key == batchSizeField || f.Key == batchKeysField:
		case !keys[f.Key]:
			b.counts = append(b.counts, i)
		case composed(fields) || fromEvent(field(f.Key)):
			b.keys = append(b.keys, i)
		}
	}
	return b
}

// keysOf are the keys of the fields in which the events of a batch agree: as configured, else as the action's definition has them.
func keysOf(action *Action, configured jsvalue.Value) map[string]bool {
	if configured.Nullish() || fromEvent(configured) {
		for i := range action.Fields {
			if f := &action.Fields[i]; f.Key == batchKeysField {
				configured = jsvalue.Parse(f.Default)
			}
		}
	}
	keys := map[string]bool{configured.Str(): true}
	for _, key := range configured.Elements() {
		keys[key.Str()] = true
	}
	return keys
}

// Batching says how the events of the mapping go out, several in one request; false: they go out one by one.
func (m *Mapping) Batching() (Batching, bool) {
	if m.batching == nil {
		return Batching{}, false
	}
	return Batching{Events: m.batching.events, Bytes: BatchBytesMax}, true
}

// BatchKey is the same for payloads that may go out in one request.
func (m *Mapping) BatchKey(p Payload) string {
	if len(m.batching.keys) == 0 {
		return ""
	}
	var key []byte
	for _, i := range m.batching.keys {
		if p.values[i].Kind() != jsvalue.Undefined {
			key = p.values[i].AppendJSON(key)
		}
		key = append(key, '\n')
	}
	return string(key)
}

// BatchSize is what a payload adds to the request for its batch, in bytes.
func (m *Mapping) BatchSize(p Payload) int {
	size := 1 // a comma
	for _, i := range m.batching.counts {
		if raw := p.values[i].Raw(); raw != nil {
			size += len(raw)
		} else if p.values[i].Kind() != jsvalue.Undefined {
			size += len(p.values[i].AppendJSON(nil))
		}
	}
	return size
}

// PerformBatch sends one or more payloads in one request, once. The id is the webhook-id: the same on every attempt.
func (m *Mapping) PerformBatch(ctx context.Context, client *http.Client, id string, payloads []Payload) Result {
	call := m.batchCall(id, payloads)
	call.Client = client
	return m.destination.Perform(ctx, call)
}

// PrepareBatch is Prepare for a batch of one or more payloads.
func (m *Mapping) PrepareBatch(id string, payloads []Payload) ([]Request, error) {
	preparer, ok := m.destination.(Preparer)
	if !ok || len(payloads) == 0 {
		return nil, nil
	}
	return preparer.Prepare(m.batchCall(id, payloads))
}

func (m *Mapping) batchCall(id string, payloads []Payload) *Call {
	call := m.call(id, payloads[0])
	call.Batch = payloads
	return call
}
