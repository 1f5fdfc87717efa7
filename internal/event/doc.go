// Package event is the tracking event: how the body of a request becomes canonical events, one JSON line each.
//
// A Splitter scans a body once, checks that it is JSON and remembers where the members lie that matter; Normalize then checks each event and
// writes its line. Nothing is decoded that nobody reads: what lies in properties, traits and context is copied as the client wrote it,
// in its order, numbers such as 1.0 and 18446744073709551615, escapes such as \u0000 and lone surrogates, and repeated names included. Two
// things change in those bytes, because a line of the log must be one line of UTF-8: line breaks between tokens go, and bytes that are not
// UTF-8 become U+FFFD.
//
// docs/reference/tracking-api.md says what a line holds. The package is pure: the time, the client's address and randomness are arguments.
package event
