package journey

import (
	"encoding/json"
	"strings"
)

// describe takes from an event what a person looks for first. An event of the log is JSON; what it holds besides may be anything.
func describe(event []byte) *Arrival {
	var e struct {
		Type       lenient `json:"type"`
		Event      lenient `json:"event"`
		Channel    lenient `json:"channel"`
		ReceivedAt lenient `json:"receivedAt"`
		Context    object  `json:"context"`
	}
	_ = json.Unmarshal(event, &e) // what cannot be read stays empty; the event itself is shown as well
	return &Arrival{
		Type: string(e.Type), Name: string(e.Event), Channel: string(e.Channel), ReceivedAt: string(e.ReceivedAt),
		Library:  e.Context.Library.String(),
		Event:    event,
		Mappings: []Delivery{},
	}
}

// lenient is a string, and empty where there is something else.
type lenient string

// UnmarshalJSON reads a string.
func (s *lenient) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = lenient(text)
	}
	return nil
}

// object is a context with its library, and empty where there is something else.
type object struct {
	Library library
}

type library struct {
	Name    lenient `json:"name"`
	Version lenient `json:"version"`
}

// String is name and version; empty for the "unknown" that stands in events whose sender did not say.
func (l library) String() string {
	if l.Name == "unknown" {
		return ""
	}
	return strings.TrimSpace(string(l.Name + " " + l.Version))
}

// UnmarshalJSON reads an object.
func (o *object) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(b, &members) == nil {
		_ = json.Unmarshal(members["library"], &o.Library) // anything else leaves it empty
	}
	return nil
}

// decode reads a line of the log.
func decode[T any](data []byte) (v T, err error) {
	err = json.Unmarshal(data, &v)
	return v, err
}
