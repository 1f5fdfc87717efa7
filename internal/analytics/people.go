package analytics

import "time"

// Frequency is how often someone is there: low on 1 to 4 of the last 30 days, medium on 5 to 12, high on more.
type Frequency string

// The frequencies; "" is someone who was not there.
const (
	FrequencyLow    Frequency = "low"
	FrequencyMedium Frequency = "medium"
	FrequencyHigh   Frequency = "high"
)

// ActiveDays is how many days Frequency looks back.
const ActiveDays = 30

// FrequencyOf is the class of so many active days.
func FrequencyOf(days int) Frequency {
	const low, medium = 4, 12
	switch {
	case days == 0:
		return ""
	case days <= low:
		return FrequencyLow
	case days <= medium:
		return FrequencyMedium
	}
	return FrequencyHigh
}

// VisitorFilter says which visitors are meant.
type VisitorFilter struct {
	Account   string    // id; "": any
	Anonymous *bool     // nil: both
	Frequency Frequency // "": any
}

// VisitorRow is a visitor in a list. Times are when calls happened.
type VisitorRow struct {
	Flags

	ID         string    `json:"id"`
	Anonymous  bool      `json:"anonymous"`
	Accounts   []string  `json:"accounts" nullable:"false" doc:"Account IDs that the visitor was seen with, the last one first; at most 10 in lists"`
	Events     int64     `json:"events" doc:"Track Events"`
	FirstSeen  time.Time `json:"firstSeen"`
	LastSeen   time.Time `json:"lastSeen"`
	ActiveDays int       `json:"activeDays" doc:"Days of the last 30 with anything"`
	Frequency  Frequency `json:"frequency" enum:",low,medium,high"`
}

// Visitor is all about a visitor.
type Visitor struct {
	VisitorRow

	TrackEvents []PersonEvent `json:"trackEvents" nullable:"false"`
	Activity    []ActiveDay   `json:"activity" nullable:"false" doc:"The last 90 days; days without anything are left out"`
	Metadata    Metadata      `json:"metadata" nullable:"false" doc:"By group: agent, segmentio, custom, auto"`
	Aliases     []Alias       `json:"aliases" nullable:"false" doc:"Anonymous visitors that turned out to be this one"`
	MergedInto  string        `json:"mergedInto,omitempty" doc:"The visitor that this anonymous one turned out to be, and is counted as"`
}

// PersonEvent is a Track Event of a visitor or an account.
type PersonEvent struct {
	Name     string    `json:"name"`
	Events   int64     `json:"events"`
	LastSeen time.Time `json:"lastSeen"`
}

// ActiveDay is a day of a visitor or an account.
type ActiveDay struct {
	Day    string `json:"day" format:"date"`
	Events int64  `json:"events" doc:"Track Events"`
	Calls  int64  `json:"calls" doc:"Anything"`
}

// ActivityDays is how far back activity goes.
const ActivityDays = 90

// Metadata is the fields of someone, by group.
type Metadata map[string][]MetadataField

// MetadataField is a field of metadata: its latest value, where that came from, and when.
type MetadataField struct {
	Field  string    `json:"field" doc:"In lower case"`
	Value  Value     `json:"value"`
	Source string    `json:"source" doc:"segmentio, agent, track, api; computed, of the group auto"`
	At     time.Time `json:"at" doc:"Since when it has the value"`
	Names  []string  `json:"names,omitempty" doc:"How it was written, where that was not always the same"`
}

// Alias is an anonymous visitor that was identified.
type Alias struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// AccountRow is an account in a list.
type AccountRow struct {
	Flags

	ID        string    `json:"id"`
	Parent    string    `json:"parent,omitempty" doc:"Account ID"`
	Visitors  int64     `json:"visitors"`
	Events    int64     `json:"events" doc:"Track Events"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

// Account is all about an account.
type Account struct {
	AccountRow

	TrackEvents     []PersonEvent `json:"trackEvents" nullable:"false"`
	Activity        []ActiveDay   `json:"activity" nullable:"false"`
	Metadata        Metadata      `json:"metadata" nullable:"false"`
	VisitorsWithout int64         `json:"visitorsWithout" doc:"Track Events of its visitors that came without an account"`
}

// HistoryFilter says which values of the past are meant; an empty Group or Field does not matter.
type HistoryFilter struct {
	Group, Field string
	Limit        int
}

// HistoryEntry is a value that a field of metadata had.
type HistoryEntry struct {
	Group  string    `json:"group"`
	Field  string    `json:"field"`
	Name   string    `json:"name" doc:"The field as it was written"`
	Value  Value     `json:"value"`
	Source string    `json:"source"`
	At     time.Time `json:"at"`
}
