package event

import "strconv"

// Code names the reason why something was not taken. Segment's own code where it has one.
type Code string

// The codes of rejections. The first group is Segment's.
const (
	BadRequest          Code = "bad_request"
	EmptyBatch          Code = "empty_batch"
	EmptyBatchResult    Code = "empty_batch_result"
	NoUserAnonID        Code = "no_user_anon_id"
	IDNotString         Code = "id_not_string"
	EventNotDefined     Code = "event_not_defined"
	EventNotString      Code = "event_not_string"
	PropertiesNotObject Code = "properties_not_object"
	TraitsNotObject     Code = "traits_not_object"
	NameNotString       Code = "name_not_string"
	CategoryNotString   Code = "category_not_string"
	UnknownSource       Code = "unknown_source"
	SourceDisabled      Code = "source_disabled"

	ContextNotObject      Code = "context_not_object"
	IntegrationsNotObject Code = "integrations_not_object"
	TypeNotDefined        Code = "type_not_defined"
	TypeUnknown           Code = "type_unknown"
	IDTooLong             Code = "id_too_long"
	NameTooLong           Code = "name_too_long"
	PayloadTooLarge       Code = "payload_too_large"
	NoWriteKey            Code = "no_write_key"
)

// Rejection is a body, or one event of a batch, that was not taken and never will be as it is.
type Rejection struct { //nolint:errname // it is a result first: what became of an event
	// Index is the event's place in its batch, from 0; -1 when the whole body is meant.
	Index int
	Code  Code
	// Message says what is wrong, and where.
	Message string
	// Mend says what to do about it.
	Mend string
	// Offset is where it is in the body, in bytes from 0; Raw is the event as it was sent, a part of the body.
	Offset int
	Raw    []byte
}

// Error is the message and the mend, as two sentences.
func (r *Rejection) Error() string {
	if r.Mend == "" {
		return r.Message
	}
	return r.Message + " " + r.Mend
}

// Whole makes a rejection of a whole body.
func Whole(code Code, message, mend string) *Rejection {
	return &Rejection{Index: -1, Code: code, Message: message, Mend: mend}
}

// TooLarge is the rejection of a body that is longer than BodyBytesMax.
func TooLarge() *Rejection {
	return Whole(PayloadTooLarge, "Exceed payload limit: the body is larger than "+strconv.Itoa(BodyBytesMax)+" bytes, not compressed.",
		"Send fewer events in a batch.")
}
