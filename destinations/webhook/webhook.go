// Package webhook is Webhooks (Actions): it sends events to any HTTP endpoint as JSON. README.md says how to use it.
package webhook

import (
	"context"
	_ "embed" // of the definition
	"fmt"

	"penstock/internal/destination"
	"penstock/internal/destination/httprequest"
)

//go:embed definition.json
var definitionJSON []byte

// Webhook is the destination.
type Webhook struct {
	definition *destination.Definition
}

// New makes the destination. It panics when the definition that is built in is not valid.
func New() *Webhook {
	definition, err := destination.ParseDefinition(definitionJSON)
	if err != nil {
		panic(fmt.Sprintf("webhook: %v", err))
	}
	return &Webhook{definition: definition}
}

// Definition describes it.
func (w *Webhook) Definition() *destination.Definition { return w.definition }

// Perform sends the payload, or the batch of them, in one request.
func (w *Webhook) Perform(ctx context.Context, call *destination.Call) destination.Result {
	r, err := prepare(call)
	if err != nil {
		return destination.Result{Class: destination.ClassRejected, Code: err.Code, Reason: err.Message + ": mend the mapping"}
	}
	return destination.Send(ctx, call, r)
}

// Prepare gives the request that Perform would send.
func (w *Webhook) Prepare(call *destination.Call) ([]destination.Request, error) {
	r, err := prepare(call)
	if err != nil {
		return nil, err
	}
	return []destination.Request{*r}, nil
}

// Origin is where the payload goes to.
func (w *Webhook) Origin(call *destination.Call) string {
	return httprequest.Origin(call.Payload.Value("url").Str())
}
