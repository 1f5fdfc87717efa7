// Package ingest is the tracking API: HTTP in, EVENTS out. It reads a body, finds the source by its write key, has internal/event split, check and
// normalize it, appends the lines to the log, and answers 200 when they are durable, never before.
//
// What will never be taken is answered 400 and nothing else: it is the one status on which every SDK but one gives up, and some retry 401, 403,
// 404 and 413 for ever. What may be taken in a while is answered 503, or 429 where a source has sent more than it may, with Retry-After. What was refused leaves a record on the log, for the
// debugger, without making anybody wait; an address that keeps sending such is counted.
//
// Two things are fetched here: the pixel, an image whose query is an event, and the settings of a source, which tell SDKs where to send. What a destination
// does with an event does not belong here.
package ingest
