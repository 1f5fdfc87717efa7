// Package mapping is the mapping kit: what makes the payload of an action out of an event. A mapping is JSON in which objects with one key that
// begins with @ are directives:
//
//	{"url": "https://acme.example/in", "data": {"who": {"@path": "$.userId"}, "plan": {"@path": "$.traits.plan"}}}
//
// A mapping means what it means to Segment's Destination Actions. It is compiled once and resolved against the bytes of events; what passes through
// unchanged, the whole event ({"@path": "$."}) before all, is neither decoded nor copied. There is one file a directive.
package mapping
