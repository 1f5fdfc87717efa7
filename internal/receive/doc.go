// Package receive is the door of the Pendo-compatible side: HTTP in, RECEIVED out. A body is checked (size, UTF-8, JSON), stored as it came, and
// answered 200 once it is durable. What it means is found out later, by internal/analyze, so that a rule that comes late can be applied to all
// that was ever received.
//
// Nothing is turned away in silence: every refusal says what is wrong, where, and how it is mended; and a body for a key that belongs to no app
// leaves a trace, bounded however many come.
package receive
