// Package filter is the gate in front of the mappings of a destination: rules that drop events, sample them, or take properties out of them.
//
// Conditions look at the event as it came in, whatever other rules do to it. Dropping comes first, then sampling, then the taking out of properties. What a
// rule does to an event hangs on the event and the rule alone: tried again, replayed, or shown to a person, it is the same.
package filter
