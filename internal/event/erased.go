package event

import (
	"bytes"
	"encoding/json"
)

// TypeErased is the type of a line of EVENTS whose event was erased. Clients cannot send it.
const TypeErased = "$erased"

// CodeErased says of an event that it is not sent since it was erased; ReasonErased is the sentence.
const (
	CodeErased   = "EVENT_ERASED"
	ReasonErased = "the event was erased from the log before it was sent"
)

const erasedPrefix = `{"type":"` + TypeErased + `"`

// Erase returns what stands in the place of an event that is erased: its messageId and when it came, and nothing else.
func Erase(line []byte) []byte {
	if IsErased(line) {
		return line
	}
	text, err := json.Marshal(struct {
		Type       string `json:"type"`
		MessageID  string `json:"messageId,omitempty"`
		ReceivedAt string `json:"receivedAt,omitempty"`
	}{TypeErased, MessageID(line), BriefOf(line).ReceivedAt})
	if err != nil {
		panic("event: encode tombstone: " + err.Error()) // of texts
	}
	return text
}

// IsErased tells whether a line is what is left of an event.
func IsErased(line []byte) bool { return bytes.HasPrefix(line, []byte(erasedPrefix)) }
