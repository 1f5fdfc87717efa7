// Package trial sends test events: it takes one event through one mapping and shows each step, as they would be taken in delivery. Without sending, the last step is
// the exact request; with it, the answer, and, where the receiver is this server's own, what the event became there.
//
// A trial is no delivery: it writes nothing to EVENTS or OUTCOMES, so that no ledger and no journey knows of it, and its request carries a webhook-id of its own,
// by which the receiver takes it for another event.
package trial
