package analytics

import "time"

// PropertyEntry is a property in the data dictionary.
type PropertyEntry struct {
	Property

	Event    string  `json:"event"`
	Examples []Value `json:"examples" nullable:"false"`
}

// Collision is what is wrong about a field of metadata.
type Collision string

// The collisions: a name is written in several ways, which Pendo takes for one; or a field is there in several groups.
const (
	CollisionCase  Collision = "case"
	CollisionGroup Collision = "group"
)

// MetadataEntry is a field of metadata in the data dictionary.
type MetadataEntry struct {
	Kind       Kind             `json:"kind" enum:"visitor,account"`
	Group      string           `json:"group"`
	Field      string           `json:"field" doc:"In lower case"`
	Names      []string         `json:"names" nullable:"false" doc:"As they were written"`
	Types      map[string]int64 `json:"types" nullable:"false" doc:"Visitors or accounts by type of the value"`
	Holders    int64            `json:"holders" doc:"Visitors or accounts that have it"`
	Distinct   int64            `json:"distinct" doc:"Different values"`
	Example    Value            `json:"example"`
	LastSeen   time.Time        `json:"lastSeen" doc:"When a value changed last"`
	Collisions []Collision      `json:"collisions" nullable:"false"`
}

// VerdictSeries is a verdict over time.
type VerdictSeries struct {
	VerdictText

	Events int64        `json:"events" doc:"Calls that have it"`
	Series []VerdictDay `json:"series" nullable:"false" doc:"Days without are left out"`
}

// VerdictDay is a day of a verdict.
type VerdictDay struct {
	Day    string `json:"day" format:"date"`
	Events int64  `json:"events"`
}

// Coverage is how many events of a name belong to an account.
type Coverage struct {
	Name           string  `json:"name"`
	Events         int64   `json:"events"`
	WithoutAccount int64   `json:"withoutAccount"`
	WithoutVisitor int64   `json:"withoutVisitor"`
	Share          float64 `json:"share" doc:"Of events that belong to an account, 0 to 1"`
}

// IDShape is visitors or accounts whose ids look alike.
type IDShape struct {
	Kind    Kind   `json:"kind" enum:"visitor,account"`
	Shape   string `json:"shape" enum:"anonymous,placeholder,uuid,email,number,hex,other"`
	IDs     int64  `json:"ids"`
	Events  int64  `json:"events" doc:"Track Events of theirs"`
	Example string `json:"example"`
}
