package filter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Type says what an action does with the events that meet the condition of its rule.
type Type string

// The types of actions.
const (
	Drop            Type = "DROP"             // the event is not delivered
	Sample          Type = "SAMPLE"           // of the events, so many are delivered as Percent says
	DropProperties  Type = "DROP_PROPERTIES"  // what Fields names is taken out
	AllowProperties Type = "ALLOW_PROPERTIES" // of the objects that Fields names, what it does not name is taken out
)

// RuleAction is what a rule does.
type RuleAction struct {
	Type Type `json:"type" enum:"DROP,SAMPLE,DROP_PROPERTIES,ALLOW_PROPERTIES"`
	// Fields is of DROP_PROPERTIES and ALLOW_PROPERTIES: by the path of an object in the event (empty: the event itself), the members.
	Fields map[string][]string `json:"fields,omitempty" doc:"Of the actions on properties: by the path of an object, as in context.traits (empty: the event itself), its members"`
	// Percent is of SAMPLE: which part of the events is delivered, from 0 to 1.
	Percent *float64 `json:"percent,omitempty" minimum:"0" maximum:"1" doc:"Of SAMPLE: which part is delivered, from 0 to 1"`
	// Path is of SAMPLE: events that have the same there are delivered or not together. Default: each by its messageId.
	Path string `json:"path,omitempty" doc:"Of SAMPLE: events that have the same there, as in userId, are delivered or not together; default: each by itself"`
}

// Rule is a rule as configured; it is what a fence's spec holds of it.
type Rule struct {
	Name    string       `json:"name"`
	If      string       `json:"if"` // in the language of internal/fql
	Actions []RuleAction `json:"actions"`
}

// Bounds of a rule.
const (
	actionsMax = 20
	pathsMax   = 50  // of an action
	namesMax   = 500 // of a path
	pathLenMax = 500 // bytes of a path or a name
)

// reachable are the members of an event that actions on properties reach.
func reachable(name string) bool {
	return slices.Contains([]string{"properties", "context", "traits"}, name)
}

// check tells what is wrong with an action.
func (a *RuleAction) check() error {
	properties := a.Type == DropProperties || a.Type == AllowProperties
	switch {
	case a.Type != Drop && a.Type != Sample && !properties:
		return fmt.Errorf("there is no action %q; want DROP, SAMPLE, DROP_PROPERTIES or ALLOW_PROPERTIES", a.Type)
	case a.Type == Sample && (a.Percent == nil || *a.Percent < 0 || *a.Percent > 1):
		return errors.New("SAMPLE needs percent, a number from 0 to 1")
	case properties && len(a.Fields) == 0:
		return fmt.Errorf(`%s needs fields, such as {"properties": ["email"]}`, a.Type)
	case len(a.Fields) > pathsMax:
		return fmt.Errorf("fields has %d paths; at most %d are taken", len(a.Fields), pathsMax)
	case len(a.Path) > pathLenMax:
		return fmt.Errorf("the path has %d bytes; at most %d are taken", len(a.Path), pathLenMax)
	}
	for path, names := range a.Fields {
		if err := checkField(path, names); err != nil {
			return err
		}
	}
	return nil
}

func checkField(path string, names []string) error {
	first, _, _ := strings.Cut(path, ".")
	switch {
	case path != "" && !reachable(first):
		return fmt.Errorf("the path %q is out of reach; properties are taken out of properties, context and traits", path)
	case len(path) > pathLenMax || len(names) > namesMax:
		return fmt.Errorf("the path %.40q has %d bytes and %d names; at most %d and %d are taken", path, len(path), len(names), pathLenMax, namesMax)
	}
	for _, name := range names {
		if path == "" && !reachable(name) {
			return fmt.Errorf("%q is out of reach; of the event itself, properties, context and traits can be taken out", name)
		}
		if len(name) > pathLenMax {
			return fmt.Errorf("the name %.40q has %d bytes; at most %d are taken", name, len(name), pathLenMax)
		}
	}
	return nil
}
