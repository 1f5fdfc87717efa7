package analytics

import "time"

// TrackEvent is a Track Event of an app in a list. Its numbers are those of the range that was asked for; FirstSeen and LastSeen of all time.
type TrackEvent struct {
	Name           string           `json:"name"`
	Events         int64            `json:"events"`
	Visitors       int64            `json:"visitors" doc:"Different ones; merged anonymous visitors are one with their person"`
	Accounts       int64            `json:"accounts"`
	FirstSeen      time.Time        `json:"firstSeen"`
	LastSeen       time.Time        `json:"lastSeen"`
	WithoutAccount int64            `json:"withoutAccount" doc:"Events that belong to no account"`
	Series         []int64          `json:"series" nullable:"false" doc:"Events a day, the last 30 days of the range, the oldest first"`
	Verdicts       map[string]int64 `json:"verdicts" nullable:"false" doc:"Events by verdict, those that are not counted included"`
}

// SeriesDays is the length of TrackEvent.Series.
const SeriesDays = 30

// Totals are numbers of a range.
type Totals struct {
	Events         int64 `json:"events"`
	Visitors       int64 `json:"visitors"`
	Accounts       int64 `json:"accounts"`
	WithoutAccount int64 `json:"withoutAccount"`
}

// Point is a step of a series.
type Point struct {
	At       time.Time `json:"at" doc:"When the step begins"`
	Events   int64     `json:"events"`
	Visitors int64     `json:"visitors"`
	Accounts int64     `json:"accounts"`
}

// TrackEventDetail is a Track Event over a range, beside the range of the same length before it.
type TrackEventDetail struct {
	Name           string           `json:"name"`
	From           time.Time        `json:"from"`
	To             time.Time        `json:"to"`
	Interval       Interval         `json:"interval"`
	Totals         Totals           `json:"totals"`
	Previous       Totals           `json:"previous"`
	FirstSeen      time.Time        `json:"firstSeen" doc:"Of all time"`
	LastSeen       time.Time        `json:"lastSeen" doc:"Of all time"`
	Series         []Point          `json:"series" nullable:"false"`
	PreviousSeries []Point          `json:"previousSeries" nullable:"false"`
	Verdicts       map[string]int64 `json:"verdicts" nullable:"false"`
}

// Problem is what is the matter with a property.
type Problem string

// The problems. Pendo shows no property with a bad key, advises against grouping by more than 10,000 values, and groups by text and booleans only.
const (
	ProblemKey         Problem = "bad_property_key"
	ProblemCardinality Problem = "high_cardinality"
	ProblemTypes       Problem = "mixed_types"
)

// Property is a property of a Track Event.
type Property struct {
	Key         string           `json:"key"`
	Events      int64            `json:"events" doc:"That have it"`
	Fill        float64          `json:"fill" doc:"The share of events that have it, 0 to 1"`
	Types       map[string]int64 `json:"types" nullable:"false" doc:"Events by type: string, number, boolean, null, array, object"`
	Cardinality int64            `json:"cardinality" doc:"About how many different values there are"`
	Groupable   bool             `json:"groupable" doc:"Whether Pendo groups by it: all values are texts or booleans, and they are not too many"`
	Problem     Problem          `json:"problem,omitempty" enum:"bad_property_key,high_cardinality,mixed_types"`
}

// PropertyValue is a value of a property of a Track Event.
type PropertyValue struct {
	Value    Value   `json:"value" doc:"As JSON; null: the events that do not have the property; objects and arrays are all one"`
	Type     string  `json:"type" doc:"string, number, boolean, null, array, object; missing: the events that do not have it"`
	Events   int64   `json:"events"`
	Visitors int64   `json:"visitors"`
	Accounts int64   `json:"accounts"`
	Share    float64 `json:"share" doc:"Of all events, 0 to 1"`
}

// TopVisitor is a visitor with many events of a name.
type TopVisitor struct {
	ID        string    `json:"id"`
	Anonymous bool      `json:"anonymous"`
	Events    int64     `json:"events"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
}

// TopAccount is an account with many events of a name.
type TopAccount struct {
	ID       string    `json:"id"`
	Events   int64     `json:"events"`
	Visitors int64     `json:"visitors"`
	LastSeen time.Time `json:"lastSeen"`
}

// Measure is what an exploration counts.
type Measure string

// The measures.
const (
	MeasureEvents           Measure = "events"
	MeasureVisitors         Measure = "visitors"
	MeasureAccounts         Measure = "accounts"
	MeasureEventsPerVisitor Measure = "eventsPerVisitor"
)

// Exploration is a free question: Events (all when there are none) x Measure x GroupBy x Filters x Range in steps of Interval.
type Exploration struct {
	Range

	Events   []string
	Measure  Measure
	GroupBy  string // "": no groups; event, account, visitor, via, property:KEY, visitor:GROUP.FIELD, account:GROUP.FIELD
	Filters  []string
	Interval Interval
	Limit    int // groups
}

// Explored is the answer to an Exploration.
type Explored struct {
	Interval    Interval        `json:"interval"`
	From        time.Time       `json:"from"`
	To          time.Time       `json:"to"`
	Groups      []ExploredGroup `json:"groups" nullable:"false" doc:"The largest first"`
	OtherGroups int64           `json:"otherGroups" doc:"How many more there are"`
}

// ExploredGroup is a group of an exploration.
type ExploredGroup struct {
	Group  string          `json:"group" doc:"Empty for what has no value"`
	Total  float64         `json:"total" doc:"Over the whole range"`
	Series []ExploredPoint `json:"series" nullable:"false"`
}

// ExploredPoint is a step of a group's series.
type ExploredPoint struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}
