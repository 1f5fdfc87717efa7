package workspace

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// FieldChange is one field of a resource that is not what it was. Secrets are masked: one that changes is Masked before and after.
type FieldChange struct {
	Path   string          `json:"path" doc:"Of the field within its resource, as in fields.url"`
	Before json.RawMessage `json:"before,omitempty" doc:"Absent: it was not there"`
	After  json.RawMessage `json:"after,omitempty" doc:"Absent: it will not be there"`
}

// differences lists the fields in which two resources differ, as people see them; nil is a resource that is not there.
func differences(before, after any) ([]FieldChange, error) {
	var a, b []byte
	var err error
	if before != nil {
		if a, err = encode(before); err != nil {
			return nil, err
		}
	}
	if after != nil {
		if b, err = encode(after); err != nil {
			return nil, err
		}
	}
	return compare(nil, "", a, b), nil
}

// compare adds the differences between two values. Objects are compared member by member, everything else whole.
func compare(dst []FieldChange, at pointer, before, after jsontext.Value) []FieldChange {
	if bytes.Equal(before, after) {
		return dst
	}
	if !isObject(before) && !isObject(after) || at != "" && !(isObject(before) && isObject(after)) {
		return append(dst, FieldChange{Path: at.path(), Before: json.RawMessage(before), After: json.RawMessage(after)})
	}
	had := map[string]jsontext.Value{}
	var names []string
	for name, v := range members(before) {
		had[name] = v
		names = append(names, name)
	}
	has := map[string]jsontext.Value{}
	for name, v := range members(after) {
		has[name] = v
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		dst = compare(dst, at.field(name), had[name], has[name])
	}
	return dst
}

func isObject(v jsontext.Value) bool { return len(v) > 0 && v.Kind() == '{' }

// secretsChanged lists the secrets that two versions of a destination do not have in common.
func (t *destinationType) secretsChanged(old, next *Destination) []FieldChange {
	if t == nil || old == nil {
		return nil
	}
	var all []FieldChange
	masked := json.RawMessage(`"` + Masked + `"`)
	for name, v := range members(jsontext.Value(next.Settings)) {
		if was := member(old.Settings, name); t.secrets[name] && was != nil && !bytes.Equal(was, v) {
			all = append(all, FieldChange{Path: pointer("/settings").field(name).path(), Before: masked, After: masked})
		}
	}
	return all
}
