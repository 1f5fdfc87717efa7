package workspace

import (
	"bytes"
	"encoding/json"

	"penstock/internal/destination"
)

// Op is what a change does.
type Op string

// The operations.
const (
	OpCreate Op = "create"
	OpUpdate Op = "update"
	OpDelete Op = "delete"
)

// Change is one entry of the bucket that Apply wrote or removed.
type Change struct {
	Op   Op     `json:"op"`
	Kind string `json:"kind"` // app, label, source, destination, filter, mapping
	Name string `json:"name"` // its slug; for a mapping or a filter, its destination's slug, a slash, and its name

	// Fields are those that are made or changed, as a file has them; none of what is deleted.
	Fields []FieldChange `json:"fields,omitempty"`

	key      string
	value    []byte
	expect   uint64 // the revision at which the entry must stand
	revision uint64 // at which it stands afterwards
}

// Plan is what it takes, or took, to bring the workspace to a file.
type Plan struct {
	Changes   []Change `json:"changes" nullable:"false"`
	Unchanged int      `json:"unchanged"` // resources that the file names and that were as it says

	// Warnings are about the mappings that the file names, changed or not: what in them is valid, and probably does other than was meant. At most 50.
	Warnings []PlanWarning `json:"warnings,omitempty"`

	// Before and After are the workspace without and with the changes of a plan that was not carried out.
	Before *Snapshot `json:"-"`
	After  *Snapshot `json:"-"`
}

// PlanWarning is a warning about a mapping, and where it stands in the file.
type PlanWarning struct {
	Problem

	Mapping string              `json:"mapping"` // its destination's slug, a slash, and its name
	Warning destination.Warning `json:"warning"`
}

// String is the warning in one line.
func (w PlanWarning) String() string {
	text := w.Problem
	if w.Warning.Part == destination.PartTrigger {
		text.Path += ", " + w.Warning.At
	}
	return text.String()
}

func (p *Plan) add(q *Plan) { p.Changes = append(p.Changes, q.Changes...) }

// seenBy tells whether a snapshot knows of all changes of the plan.
func (p *Plan) seenBy(s *Snapshot) bool {
	for _, c := range p.Changes {
		stands, present := s.table.revisions[c.key]
		if c.Op == OpDelete && present && stands <= c.expect || c.Op != OpDelete && stands < c.revision && s.Revision < c.revision {
			return false
		}
	}
	return true
}

// encode is the form of an entry in the bucket: JSON that keeps the characters <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
