package destination

import (
	"time"

	"penstock/internal/record"
)

// Class is what an answer means for the event that was sent. The set is closed.
type Class string

// The classes.
const (
	// ClassDelivered: the destination took the event.
	ClassDelivered Class = "delivered"
	// ClassRetry: worth trying again by itself, after a while.
	ClassRetry Class = "retry"
	// ClassRejected: this event will not be taken, however often it is sent.
	ClassRejected Class = "rejected"
	// ClassUnavailable: nothing is taken by this origin at present; the event is as good as before.
	ClassUnavailable Class = "unavailable"
	// ClassCanceled: we broke it off ourselves; nothing is known.
	ClassCanceled Class = "canceled"
)

// Result is what came of performing an action once.
type Result struct {
	Class    Class
	Code     string           // machine code: the HTTP status as text, or a code of codes.go
	Reason   string           // a sentence that names the mend; empty when delivered
	After    time.Duration    // how long the destination asked us to wait (Retry-After); 0: it did not
	Suspect  bool             // may be the origin rather than the event: becomes unavailable after many in a row over distinct events
	Exchange *record.Exchange // the request and its answer; nil when nothing was sent
}
