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

// Compile makes a mapping of the spec of a fence. It is called once for each fence that has events, and again after a newer fence of the mapping came,
// because what else it depends on, such as settings, may have changed with that.
type Compile func(ctx context.Context, fence *record.Fence) (Compiled, error)

// FromMapping makes a Compiled of a destination's mapping, which sends with client.
func FromMapping(m *destination.Mapping, client *http.Client) Compiled {
	return &compiled{mapping: m, client: client}
}

type compiled struct {
	mapping *destination.Mapping
	client  *http.Client
}

func (c *compiled) Match(event []byte) bool { return c.mapping.Match(event) }

func (c *compiled) Explain(event []byte) (code, reason string) {
	return CodeFiltered, c.mapping.Explain(event).Text
}

func (c *compiled) Perform(ctx context.Context, id string, event []byte) destination.Result {
	payload, err := c.mapping.Resolve(event)
	if err != nil {
		result := destination.Result{Class: destination.ClassRejected, Code: destination.CodeMapping, Reason: err.Error()}
		if e, ok := errors.AsType[*destination.PayloadError](err); ok {
			result.Code, result.Reason = e.Code, e.Message
		}
		return result
	}
	return c.mapping.Perform(ctx, c.client, id, payload)
}
