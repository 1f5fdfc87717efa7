package harness

import (
	"net/url"
	"time"
)

// Journey is what GET /api/events/{messageId} says of an event, as far as tests need it.
type Journey struct {
	MessageID string           `json:"messageId"`
	Arrivals  []JourneyArrival `json:"arrivals"` // in the order of the log: the first, then its duplicates
}

// JourneyArrival is one line of the log.
type JourneyArrival struct {
	Mappings []JourneyMapping `json:"mappings"`
}

// JourneyMapping is what became of an arrival for one mapping.
type JourneyMapping struct {
	Destination string           `json:"destination"`
	Outcomes    []JourneyOutcome `json:"outcomes"` // in the order of the log
}

// JourneyOutcome is one outcome record.
type JourneyOutcome struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// Journey asks for the way of an event. An event that the log does not hold is an error.
func (s *Server) Journey(messageID string) (Journey, error) {
	return get[Journey](s, "/api/events/"+url.PathEscape(messageID))
}

// SettledAt is when the outcome that counts was written: the first terminal one, for a destination, of the event's first arrival.
func (j Journey) SettledAt(destination string) (time.Time, bool) {
	if len(j.Arrivals) == 0 {
		return time.Time{}, false
	}
	for _, mapping := range j.Arrivals[0].Mappings {
		if mapping.Destination != destination {
			continue
		}
		for _, outcome := range mapping.Outcomes {
			switch outcome.Status {
			case "delivered", "filtered", "duplicate", "discarded", "lost":
				return outcome.At, true
			}
		}
	}
	return time.Time{}, false
}
