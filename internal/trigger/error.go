package trigger

import "fmt"

// Error says why a text is no trigger, and where.
type Error struct {
	Pos      int    // where, in UTF-16 code units from 0
	Expected string // what could have stood there
	Message  string // what is wrong with what stands there
	Upstream string // the message that Segment's own parser gives; empty: its message for all that it cannot read
}

// upstreamMessage is what Segment's parser says when nothing is left of a text.
const upstreamMessage = "Cannot read properties of undefined (reading 'type')"

// Error says what is wrong, where, and what was expected.
func (e *Error) Error() string {
	return fmt.Sprintf("at character %d: %s; expected %s", e.Pos+1, e.Message, e.Expected)
}

// SegmentMessage is the message that Segment's own parser gives for the text.
func (e *Error) SegmentMessage() string {
	if e.Upstream != "" {
		return e.Upstream
	}
	return upstreamMessage
}
