package destination

import (
	"encoding/json"
	"strconv"

	"penstock/internal/mapping"
	"penstock/internal/trigger"
)

// Warning is a place of a mapping as configured that is valid, and probably does other than was meant.
type Warning struct {
	Part    string `json:"part"` // trigger or fields
	At      string `json:"at"`   // character 19 of a trigger; /data/@path of fields
	Code    string `json:"code"` // machine code: last_conditional
	Read    string `json:"read"` // how it is read, or what it does
	Instead string `json:"instead"`
}

// The parts of a mapping that warnings are about.
const (
	PartTrigger = "trigger"
	PartFields  = "fields"
)

// Linter is what a destination has that knows more about the fields of its actions than their types say.
type Linter interface {
	// Lint looks at the configured fields of an action.
	Lint(action string, fields json.RawMessage) []Warning
}

// Warnings lists what in the mapping is easily misread: in the trigger, in the fields, and to the destination.
func (m *Mapping) Warnings() []Warning {
	var out []Warning
	for _, w := range m.trigger.Warnings() {
		out = append(out, warningOfTrigger(w))
	}
	for _, w := range mapping.Warnings(m.written) {
		out = append(out, Warning{Part: PartFields, At: w.Path, Code: w.Code, Read: w.Read, Instead: w.Instead})
	}
	if l, ok := m.destination.(Linter); ok {
		out = append(out, l.Lint(m.action.Slug, m.written)...)
	}
	return out
}

func warningOfTrigger(w trigger.Warning) Warning {
	return Warning{Part: PartTrigger, At: "character " + strconv.Itoa(w.Pos+1), Code: w.Code, Read: w.Read, Instead: w.Instead}
}
