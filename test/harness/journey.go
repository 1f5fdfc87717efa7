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
	Code   string    `json:"code"`
}

// Journey asks for the way of an event. An event that the log does not hold is an error.
func (s *Server) Journey(messageID string) (Journey, error) {
	return get[Journey](s, "/api/events/"+url.PathEscape(messageID))
}

// of returns the outcomes of the event's first arrival for a destination.
func (j Journey) of(destination string) []JourneyOutcome {
	var all []JourneyOutcome
	if len(j.Arrivals) > 0 {
		for _, mapping := range j.Arrivals[0].Mappings {
			if mapping.Destination == destination {
				all = append(all, mapping.Outcomes...)
			}
		}
	}
	return all
}

// TimedOut counts the requests for a destination that the outcomes say got no answer in time. The event is sent again
// after each: a machine that is busy enough for that is no fault of the server.
func (j Journey) TimedOut(destination string) int {
	count := 0
	for _, outcome := range j.of(destination) {
		if outcome.Status == "retrying" && outcome.Code == "ETIMEDOUT" {
			count++
		}
	}
	return count
}

// SettledAt is when the outcome that counts was written: the first terminal one, for a destination, of the event's first arrival.
func (j Journey) SettledAt(destination string) (time.Time, bool) {
	for _, outcome := range j.of(destination) {
		switch outcome.Status {
		case "delivered", "filtered", "duplicate", "discarded", "lost":
			return outcome.At, true
		}
	}
	return time.Time{}, false
}

// WantSentOnce returns what a sink was sent, by messageId. Each event may have come once, and once more for each
// request that got no answer in time.
func (s *Server) WantSentOnce(destination string, deliveries []Delivery) map[string][]Delivery {
	s.t.Helper()
	sent := map[string][]Delivery{}
	for _, delivery := range deliveries {
		sent[delivery.MessageID] = append(sent[delivery.MessageID], delivery)
	}
	for id, all := range sent {
		if len(all) == 1 {
			continue
		}
		journey, err := s.Journey(id)
		if err != nil {
			s.t.Error(err)
		} else if len(all) > 1+journey.TimedOut(destination) {
			s.t.Errorf("%s was sent %d times, and %d requests got no answer in time: %+v",
				id, len(all), journey.TimedOut(destination), all)
		}
	}
	return sent
}
