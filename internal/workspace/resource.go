package workspace

import (
	"encoding/json"
	"strconv"

	"penstock/internal/destination"
	"penstock/internal/filter"
)

// Default is the id of the one workspace that there is today; it stands in every subject and key.
const Default = "default"

// Source is where events come from: an application with write keys.
type Source struct {
	ID        string          `json:"id"`
	Slug      string          `json:"slug"`
	Name      string          `json:"name"`
	Type      SourceType      `json:"type"`
	WriteKeys []string        `json:"writeKeys"`
	Enabled   bool            `json:"enabled"`
	Labels    []LabelRef      `json:"labels,omitempty"`   // each of them is a Label of the workspace
	Settings  json.RawMessage `json:"settings,omitempty"` // an object that is kept for clients, and means nothing here
	Schema    json.RawMessage `json:"schema,omitempty"`   // what a tracking plan would do with events that it does not know; kept for clients
	Retention *Retention      `json:"retention,omitempty"`
	Revision  uint64          `json:"-"` // of its entry
}

// Retention is how long the log keeps what came in for a source; 0, or nothing, stands for the server's default.
type Retention struct {
	Days         int      `json:"days,omitempty"`         // that events are kept
	Bytes        int64    `json:"bytes,omitempty"`        // that they may take
	BacklogHours int      `json:"backlogHours,omitempty"` // that an event may wait for a mapping to settle it
	BacklogBytes int64    `json:"backlogBytes,omitempty"` // that events may take which wait for that
	WhenFull     WhenFull `json:"whenFull,omitempty"`
}

// WhenFull is what becomes of a source whose backlog is over its limits.
type WhenFull string

// What may be done then.
const (
	RefuseNew  WhenFull = "refuse"  // new events are answered 503; the default
	DiscardOld WhenFull = "discard" // the oldest are discarded, and counted
)

// AppRetention is how long the log keeps what an app has received.
type AppRetention struct {
	Months int `json:"months,omitempty"` // 1 to 84; 0 stands for 84
}

// Label is a key and a value that sources can be marked with.
type Label struct {
	ID          string `json:"id"` // made of key and value, so that there is one of each
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Revision    uint64 `json:"-"` // of its entry
}

// Ref names the label.
func (l *Label) Ref() LabelRef { return LabelRef{Key: l.Key, Value: l.Value} }

// LabelRef names a Label.
type LabelRef struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// String is the label in one word.
func (l LabelRef) String() string { return l.Key + ":" + l.Value }

// ID is that of the label.
func (l LabelRef) ID() string {
	return StableID("label " + strconv.Quote(l.Key) + strconv.Quote(l.Value))
}

// Destination is a configured entry of the catalog that takes the events of one source. Strings in Settings may refer to PublicURLVariable; see
// Resolve.
type Destination struct {
	ID       string          `json:"id"`
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`   // may be empty
	Source   string          `json:"source"` // id; never changes
	Type     string          `json:"type"`   // slug in the catalog; never changes
	Enabled  bool            `json:"enabled"`
	Settings json.RawMessage `json:"settings"`
	Revision uint64          `json:"-"` // of its entry
}

// Mapping is an action of a destination with a trigger and a field mapping. Trigger and Fields may refer to PublicURLVariable; see Resolve.
type Mapping struct {
	ID          string          `json:"id"`
	Destination string          `json:"destination"` // id; never changes
	Name        string          `json:"name"`        // unique in its destination
	Action      string          `json:"action"`
	Enabled     bool            `json:"enabled"`
	Trigger     string          `json:"trigger"`
	Fields      json.RawMessage `json:"fields"`
	Revision    uint64          `json:"-"` // of its entry
}

// Spec is the mapping as a fence records it, without the filters of its destination.
func (m *Mapping) Spec() destination.Spec {
	return destination.Spec{Action: m.Action, Trigger: m.Trigger, Fields: m.Fields}
}

// Filter is a rule of a destination, in front of all its mappings.
type Filter struct {
	ID          string              `json:"id"`
	Destination string              `json:"destination"` // id; never changes
	Name        string              `json:"name"`        // unique in its destination
	Description string              `json:"description,omitempty"`
	If          string              `json:"if"`
	Actions     []filter.RuleAction `json:"actions"`
	Enabled     bool                `json:"enabled"`
	CreatedAt   int64               `json:"createdAt"` // ms since 1970
	UpdatedAt   int64               `json:"updatedAt"` // ms since 1970
	Revision    uint64              `json:"-"`         // of its entry
}

// Rule is the filter as a fence records it.
func (f *Filter) Rule() filter.Rule { return filter.Rule{Name: f.Name, If: f.If, Actions: f.Actions} }
