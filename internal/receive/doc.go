// Package receive is the door of the Pendo-compatible side: HTTP in, RECEIVED out. A body is checked (size, UTF-8, JSON), stored as it came, and
// answered once it is durable: with JSON, or with an image where a browser agent asks for one. What it means is found out later, by internal/analyze, so that a
// rule that comes late can be applied to all that was ever received. Only what the body does not tell is found out here, and stored beside it: the app, its switches,
// whether a signature is good. strict is the exception: it decodes first, and refuses.
//
// Nothing is turned away in silence: every refusal says what is wrong, where, and how it is mended; and a body for a key that belongs to no app
// leaves a trace, bounded however many come. No secret is stored or shown.
package receive
