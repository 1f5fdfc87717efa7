// Package trigger is the trigger language: the condition that a mapping puts on events, such as
//
//	type = "track" and properties.total > 100
//
// It is the subset of FQL that Segment's destination subscriptions are written in, with all its peculiarities: the last `and` or `or` of a level
// governs the whole level, `!=` wants a space after it, `match` without a star drops a character. A text means here what
// it means there.
//
// Parse reads a text once; the Trigger is then matched against the bytes of events, which are neither decoded nor copied.
package trigger
