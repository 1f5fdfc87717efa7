package journey

import (
	"encoding/json"
	"time"

	"penstock/internal/record"
)

// Journey is all that is known of one messageId.
type Journey struct {
	MessageID string    `json:"messageId"`
	Arrivals  []Arrival `json:"arrivals" nullable:"false" doc:"Each time that the event came in, in the order of the log"`
	Landed    []Landing `json:"landed" nullable:"false" doc:"What it became at this server's own receiver"`
}

// Arrival is one line of EVENTS.
type Arrival struct {
	Position    record.Position  `json:"position"`
	Source      string           `json:"source" doc:"Slug of the source, or its id when it is no longer there"`
	ReceivedAt  string           `json:"receivedAt,omitempty" doc:"As the event says"`
	StoredAt    time.Time        `json:"storedAt" doc:"When the commit that made it durable began"`
	Library     string           `json:"library,omitempty" doc:"The SDK that sent it, name and version, as context.library says"`
	Channel     string           `json:"channel,omitempty"`
	Type        string           `json:"type,omitempty"`
	Name        string           `json:"name,omitempty" doc:"Of a track event"`
	DuplicateOf *record.Position `json:"duplicateOf,omitempty" doc:"The line with the same messageId that came first"`
	NotKept     string           `json:"notKept,omitempty" doc:"Why there is no more to tell: the event is older than what is kept. storedAt is when the newest of those was stored then"`
	Event       json.RawMessage  `json:"event" doc:"The event as it was normalised"`
	Mappings    []Delivery       `json:"mappings" nullable:"false"`
}

// State is what has become of an event for a mapping, in a word: a record.Status, or one of these.
type State string

// The states that are no record.Status.
const (
	StatePending State = "pending"  // owed, and no outcome yet
	StateNotOwed State = "not owed" // the mapping was off when the event came
)

// Delivery is the way of one arrival through one mapping.
type Delivery struct {
	Destination string          `json:"destination" doc:"Slug, or the id of one that is no longer there"`
	Mapping     string          `json:"mapping" doc:"Name, or the id of one that is no longer there"`
	State       State           `json:"state" doc:"pending, not owed, or the status of the newest outcome"`
	Revision    uint64          `json:"revision,omitempty" doc:"Of the configuration that the event is evaluated with"`
	Filter      string          `json:"filter,omitempty" doc:"Which filter of the destination drops it"`
	Matched     *bool           `json:"matched,omitempty" doc:"Whether the trigger matches"`
	Trigger     string          `json:"trigger,omitempty" doc:"What the trigger decided, and by which clause"`
	Payload     json.RawMessage `json:"payload,omitempty" doc:"What the fields of the mapping resolve to"`
	Problem     string          `json:"problem,omitempty" doc:"Why there is no payload, or why the mapping does not owe the event"`
	Outcomes    []Outcome       `json:"outcomes" nullable:"false"`
	Partial     bool            `json:"partial,omitempty" doc:"The outcomes are so many that only the first part was read"`
}

// Outcome is one line of OUTCOMES that speaks of the arrival.
type Outcome struct {
	Status   record.Status    `json:"status"`
	At       time.Time        `json:"at"`
	Code     string           `json:"code,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Attempt  int              `json:"attempt,omitempty" doc:"Attempts made so far"`
	Due      *time.Time       `json:"due,omitempty" doc:"When it is tried again"`
	Of       *record.Position `json:"of,omitempty" doc:"duplicate: the first"`
	Exchange *record.Exchange `json:"exchange,omitempty" doc:"The request and its answer"`
}

// Landing is what the receiver made of one delivery.
type Landing struct {
	App        string    `json:"app" doc:"Slug of the app"`
	Event      string    `json:"event,omitempty"`
	Visitor    string    `json:"visitor,omitempty"`
	Account    string    `json:"account,omitempty"`
	ReceivedAt time.Time `json:"receivedAt"`
	Verdicts   []Verdict `json:"verdicts" nullable:"false" doc:"What is worth knowing about it; empty: it is all right"`
}

// Verdict is one thing that the receiver has to say about an event.
type Verdict struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}
