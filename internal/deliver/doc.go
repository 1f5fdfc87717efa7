// Package deliver carries events to destinations: it reads EVENTS, sends requests, and writes what became of each event to OUTCOMES.
//
// The unit of everything is the mapping. Each has a lane of its own: one goroutine that owns all that is known of it, up to Config.Concurrency requests
// in flight, one append of outcomes at a time, and a reader of its source's events. Nothing is shared between lanes, so what is wrong
// with one destination touches no other. Lanes that keep up share the frames all the same: readers at the tail of the log are served from
// memory, whichever lane they belong to; one that lags reads the store on its own.
//
// What a lane owes, and where its cursor stands, is the fold of its outcomes (internal/fold). A position is settled when its outcome is
// durable, and not before. So a process that is killed sends again what it had sent without a durable outcome, and nothing else.
//
// A mapping may want several events in one request. They are gathered, and from then on a batch is work as an event is: it is sent, tried again, parked,
// and settled as a whole. What differs is that its members must be remembered, so the outcome of a first attempt that does not settle a batch lists them.
//
// Fences are followed by the engine and told to lanes at once; a lane meets them again, in order, among the events, so that none can be missed.
//
// What does not belong here: what an answer means. Destinations say that, as a destination.Class.
package deliver
