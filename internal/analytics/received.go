package analytics

import (
	"strconv"
	"strings"
	"time"

	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// UnknownApp stands, in the place of an app's id, for what came for keys that belong to no app.
const UnknownApp = "_"

// Mark is a place among all calls that were received: the number of a call.
type Mark uint64

// ReceivedFilter says which calls are meant; what is empty does not matter.
type ReceivedFilter struct {
	Range // when they were received

	Type, Event, Visitor, Account, Via, Key, MessageID string
	Verdict                                            pendowire.Verdict
	Counted                                            bool   // only those that count
	Happened                                           Range  // when they happened
	Search                                             string // part of the properties, as JSON
}

// Place is where a call lies: a position of RECEIVED, and its index in the body.
type Place struct {
	Position record.Position `json:"position"`
	Element  int             `json:"element"`
}

// String is the written form, 12.0.3.
func (p Place) String() string { return p.Position.String() + "." + strconv.Itoa(p.Element) }

// ParsePlace reads the written form.
func ParsePlace(s string) (Place, bool) {
	at := strings.LastIndexByte(s, '.')
	if strings.Count(s, ".") != 2 {
		return Place{}, false
	}
	position, err := record.ParsePosition(s[:at])
	element, err2 := strconv.Atoi(s[at+1:])
	return Place{position, element}, err == nil && err2 == nil && element >= 0
}

// Received is a call as it was received, and what became of it.
type Received struct {
	Place

	Mark        Mark          `json:"-"`
	ReceivedAt  time.Time     `json:"receivedAt"`
	At          time.Time     `json:"at" doc:"When it happened"`
	Via         string        `json:"via" doc:"segmentio, track, agent, api"`
	Key         string        `json:"key,omitempty"`
	WebhookID   string        `json:"webhookId,omitempty"`
	Redrive     uint64        `json:"redrive,omitempty"`
	Remote      string        `json:"remote,omitempty" doc:"Address of the sender"`
	Sender      string        `json:"sender,omitempty" doc:"User-Agent of the sender"`
	Type        string        `json:"type"`
	Event       string        `json:"event,omitempty"`
	Visitor     string        `json:"visitor,omitempty"`
	Account     string        `json:"account,omitempty"`
	MessageID   string        `json:"messageId,omitempty"`
	AnonymousID string        `json:"anonymousId,omitempty"`
	IP          string        `json:"ip,omitempty"`
	UserAgent   string        `json:"userAgent,omitempty"`
	URL         string        `json:"url,omitempty"`
	Title       string        `json:"title,omitempty"`
	Properties  Value         `json:"properties,omitempty" doc:"Or traits, as they came"`
	Counted     bool          `json:"counted"`
	Excluded    bool          `json:"excluded,omitempty" doc:"Its visitor or account is on the exclude list"`
	Verdicts    []VerdictText `json:"verdicts" nullable:"false"`
	Of          *Twin         `json:"of,omitempty" doc:"The call that it is a duplicate of, that came by another path, or whose place it took"`
}

// VerdictText is a verdict in words: what is the case, how it is mended, and where more is said.
type VerdictText struct {
	Code    pendowire.Verdict `json:"code"`
	Message string            `json:"message"`
	Mend    string            `json:"mend"`
	Docs    string            `json:"docs" doc:"A file of the documentation, and the place in it"`
}

// Explain puts a verdict into words.
func Explain(v pendowire.Verdict) VerdictText { return VerdictText(pendowire.Explain(v)) }

// Twin is the other one of two calls.
type Twin struct {
	Place

	Via        string    `json:"via"`
	WebhookID  string    `json:"webhookId,omitempty"`
	Remote     string    `json:"remote,omitempty"`
	Sender     string    `json:"sender,omitempty"`
	ReceivedAt time.Time `json:"receivedAt"`
}
