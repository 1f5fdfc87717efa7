package destination

import (
	"context"
	"encoding/json"
	"net/http"

	"penstock/internal/filter"
)

// Spec is a mapping as configured; it is what a fence's `spec` holds.
type Spec struct {
	Action  string          `json:"action"`            // slug of the action
	Trigger string          `json:"trigger"`           // in the trigger language
	Fields  json.RawMessage `json:"fields"`            // a mapping of the mapping kit, one member a field of the action
	Filters []filter.Rule   `json:"filters,omitempty"` // of the destination, those that are on
}

// Destination is one entry of the catalog. It is safe for concurrent use and keeps no state between calls.
type Destination interface {
	// Definition describes settings, actions and fields. The same pointer every time.
	Definition() *Definition
	// Perform does the action once. It sends with the call's client only, obeys ctx, and brings any answer into a class.
	Perform(ctx context.Context, call *Call) Result
}

// Preparer is what a destination has that can tell the requests of a call without sending them.
type Preparer interface {
	Prepare(call *Call) ([]Request, error)
}

// Addresser is what a destination has whose payload, not its settings, says where a call goes.
type Addresser interface {
	// Origin is scheme://host:port of what the call would be sent to; empty when it cannot be told.
	Origin(call *Call) string
}

// Call is one performing of an action.
type Call struct {
	Action   string
	Settings Settings
	Payload  Payload      // validated
	Batch    []Payload    // all payloads of a batch, Payload being the first; nil: a single event
	ID       string       // the webhook-id: the same on every attempt
	Client   *http.Client // its dialer refuses what may not be called; redirects are not followed, whatever it says of them
}

// Request is an HTTP request as it would be sent: Headers in the order of the wire, names in lower case.
type Request struct {
	Method  string
	URL     string
	Headers [][2]string
	Body    []byte // nil: none
}
