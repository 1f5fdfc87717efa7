package record

import "encoding/json"

// Status is what became of events for a mapping; docs/internals/log.md says what each means.
type Status string

// The statuses. The ones up to Lost are terminal.
const (
	Delivered Status = "delivered"
	Filtered  Status = "filtered"
	Duplicate Status = "duplicate"
	Discarded Status = "discarded"
	Lost      Status = "lost"
	Retrying  Status = "retrying"
	Parked    Status = "parked"
	Resumed   Status = "resumed"
)

// Terminal tells whether nothing more happens to an event by itself.
func (s Status) Terminal() bool {
	switch s {
	case Delivered, Filtered, Duplicate, Discarded, Lost:
		return true
	case Retrying, Parked, Resumed:
		return false
	}
	return false
}

// Outcome is a line of OUTCOMES: what became of some events for the mapping in its subject.
type Outcome struct {
	Status   Status    `json:"status"`
	At       []Span    `json:"at,omitempty"`
	Run      uint32    `json:"run,omitempty"`
	Code     string    `json:"code,omitempty"`    // machine code: Segment's own where there is one, or an HTTP status
	Reason   string    `json:"reason,omitempty"`  // a sentence that names the mend
	Of       *Position `json:"of,omitempty"`      // duplicate: the first
	Hole     *Hole     `json:"hole,omitempty"`    // lost
	Attempt  int       `json:"attempt,omitempty"` // attempts made
	Due      int64     `json:"due,omitempty"`     // retrying: when, ms since 1970
	Batch    string    `json:"batch,omitempty"`   // retrying: the webhook-id of the batch that At are the members of, in their order
	Revision uint64    `json:"rev,omitempty"`     // revision of the fence that it was evaluated with
	Millis   int64     `json:"ms"`                // when it was decided, ms since 1970
	Exchange *Exchange `json:"exchange,omitempty"`
}

// Hole is a gap in the chain of a subject: Lines lines before the frame at sequence Before cannot be read.
type Hole struct {
	Before uint64 `json:"before"`
	Lines  uint64 `json:"lines"`
}

// Exchange is a request that was sent, and the answer to it.
type Exchange struct {
	ID     string `json:"id,omitempty"` // the webhook-id, the same on every attempt
	Method string `json:"method"`
	URL    string `json:"url"`
	Bytes  int    `json:"bytes"`            // of the body sent
	Status int    `json:"status,omitempty"` // 0: no answer
	Took   int64  `json:"took"`             // ms
	Answer string `json:"answer,omitempty"` // at most AnswerBytesMax of the body
}

// AnswerBytesMax is how much of an answer's body an outcome keeps, in bytes.
const AnswerBytesMax = 512

// FenceState says what a mapping owes after a fence.
type FenceState string

// The states of a fence.
const (
	FenceOn      FenceState = "on"
	FenceOff     FenceState = "off"
	FenceDeleted FenceState = "deleted"
)

// Fence is the line of a fence: from here on, the mapping owes (or does not), and evaluates with Spec.
type Fence struct {
	Mapping     string          `json:"mapping"`
	Destination string          `json:"destination"`
	Source      string          `json:"source"`
	State       FenceState      `json:"state"`
	Revision    uint64          `json:"revision"`
	Type        string          `json:"type,omitempty"` // destination type
	Spec        json.RawMessage `json:"spec,omitempty"`
}

// Rejected is a request, or an event of a batch, that was not taken.
type Rejected struct {
	At      int64  `json:"at"` // ms since 1970
	Method  string `json:"method"`
	Path    string `json:"path"`
	Remote  string `json:"remote,omitempty"`
	Agent   string `json:"agent,omitempty"`
	Source  string `json:"source,omitempty"` // id, when the write key was good
	Code    string `json:"code"`
	Message string `json:"message"`
	Excerpt string `json:"excerpt,omitempty"` // at most ExcerptBytesMax
	Index   *int   `json:"index,omitempty"`   // in its batch
	Count   int    `json:"count,omitempty"`   // more of the same that were not written one by one
}

// ExcerptBytesMax is how much of a rejected body is kept, in bytes.
const ExcerptBytesMax = 1024

// Received is one body that the Pendo-compatible side took. Body comes last.
type Received struct {
	At        int64           `json:"at"`            // ms since 1970
	Via       string          `json:"via"`           // segmentio, track, agent, api
	Key       string          `json:"key,omitempty"` // of the app, as it was written; never a secret
	WebhookID string          `json:"webhookId,omitempty"`
	Redrive   uint64          `json:"redrive,omitempty"`  // it is sent again on purpose, to take the place of what came before under its WebhookID; later ones have greater numbers
	Remote    string          `json:"remote,omitempty"`   // address
	Agent     string          `json:"agent,omitempty"`    // User-Agent
	Origin    string          `json:"origin,omitempty"`   // of the page that sent it, when a browser did
	Rules     []string        `json:"rules,omitempty"`    // switches of the app at that time
	Verdicts  []string        `json:"verdicts,omitempty"` // what the body alone does not tell
	Body      json.RawMessage `json:"body"`
}
