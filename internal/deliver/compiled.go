package deliver

import (
	"context"
	"errors"
	"net/http"

	"penstock/internal/destination"
	"penstock/internal/record"
)

// Compiled is a mapping as one of its fences has it, ready to be evaluated on the bytes of events. It is safe for concurrent use.
type Compiled interface {
	// Match tells whether the event is to be sent.
	Match(event []byte) bool
	// Explain says why not: a machine code, and a sentence that names what decided it.
	Explain(event []byte) (code, reason string)
	// Perform resolves the payload and sends it once. An event that has no payload is rejected. It obeys ctx.
	Perform(ctx context.Context, id string, event []byte) destination.Result
}

// Batcher is what a Compiled is as well whose events go out several in one request.
type Batcher interface {
	Compiled
	// Batching says how many.
	Batching() destination.Batching
	// Member resolves an event for a batch, and may keep it. An error says that the event has no payload, and is rejected for it.
	Member(event []byte) (Member, error)
	// PerformBatch sends one or more members in one request, once. It obeys ctx.
	PerformBatch(ctx context.Context, id string, members []Member) destination.Result
}

// Member is an event of a batch.
type Member struct {
	Event []byte
	Key   string // the same for all events of a batch
	Size  int    // what it adds to the request, in bytes

	payload destination.Payload
}

// Compile makes a mapping of the spec of a fence. It is called once for each fence that has events, and again after a newer fence of the mapping came,
// because what else it depends on, such as settings, may have changed with that.
type Compile func(ctx context.Context, fence *record.Fence) (Compiled, error)

// FromMapping makes a Compiled of a destination's mapping, which sends with client. It is a Batcher if the mapping says so.
func FromMapping(m *destination.Mapping, client *http.Client) Compiled {
	single := compiled{mapping: m, client: client}
	if batching, ok := m.Batching(); ok {
		return &batcher{compiled: single, batching: batching}
	}
	return &single
}

type compiled struct {
	mapping *destination.Mapping
	client  *http.Client
}

func (c *compiled) Match(event []byte) bool { return c.mapping.Match(event) }

func (c *compiled) Explain(event []byte) (code, reason string) {
	if dropped := c.mapping.Dropped(event); dropped != nil {
		return CodeFilteredByRules, dropped.Reason
	}
	return CodeFiltered, c.mapping.Explain(event).Text
}

func (c *compiled) Perform(ctx context.Context, id string, event []byte) destination.Result {
	payload, err := c.mapping.Resolve(event)
	if err != nil {
		return rejection(err)
	}
	return c.mapping.Perform(ctx, c.client, id, payload)
}

// rejection is what it means that an event has no payload.
func rejection(err error) destination.Result {
	result := destination.Result{Class: destination.ClassRejected, Code: destination.CodeMapping, Reason: err.Error()}
	if e, ok := errors.AsType[*destination.PayloadError](err); ok {
		result.Code, result.Reason = e.Code, e.Message
	}
	return result
}

type batcher struct {
	compiled

	batching destination.Batching
}

func (b *batcher) Batching() destination.Batching { return b.batching }

func (b *batcher) Member(event []byte) (Member, error) {
	payload, err := b.mapping.ResolveForBatch(event)
	if err != nil {
		return Member{}, err
	}
	return Member{Event: event, Key: b.mapping.BatchKey(payload), Size: b.mapping.BatchSize(payload), payload: payload}, nil
}

func (b *batcher) PerformBatch(ctx context.Context, id string, members []Member) destination.Result {
	payloads := make([]destination.Payload, len(members))
	for i := range members {
		payloads[i] = members[i].payload
	}
	return b.mapping.PerformBatch(ctx, b.client, id, payloads)
}
