package pendowire

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// What Pendo shows of properties.
const (
	propertiesMax  = 512 // bytes of their JSON
	propertyKeyMax = 32  // characters
)

// judgeProperties says which properties Pendo would not show.
func (c *Call) judgeProperties() {
	bad := false
	for name := range members(c.Data) {
		bad = bad || !IsPropertyKey(string(name))
	}
	c.add(bad, BadPropertyKey)
	if len(c.Data) <= propertiesMax {
		return
	}
	compact := c.Data.Clone()
	if err := compact.Compact(lenient()...); err == nil {
		c.add(len(compact) > propertiesMax, PropertiesTooLarge)
	}
}

// IsPropertyKey tells whether Pendo shows a property of that name: letters, digits and underscores, no digit first, not both beginning and ending with
// two underscores.
func IsPropertyKey(s string) bool {
	if s == "" || len(s) > propertyKeyMax || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return !strings.HasPrefix(s, "__") || !strings.HasSuffix(s, "__")
}

// judgeTraits says which metadata is not kept as it came: objects are passed over, and names differ in more than case.
func (c *Call) judgeTraits() {
	objects, clash := false, false
	for _, traits := range []jsontext.Value{c.Traits.Visitor, c.Traits.Account, c.Traits.ParentAccount} {
		seen := map[string]string{}
		for name, v := range members(traits) {
			objects = objects || v.Kind() == '{'
			lower := strings.ToLower(string(name))
			if before, ok := seen[lower]; ok && before != string(name) {
				clash = true
			}
			seen[lower] = string(name)
		}
	}
	c.add(objects, ObjectIgnored)
	c.add(clash, FieldClash)
}

// IsPlaceholder tells whether an id is one of those that stand in examples, or that a program falls back to: everybody who has it is one visitor.
func IsPlaceholder(id string) bool {
	switch strings.ToLower(id) {
	case "visitor-unique-id", "account-unique-id", "system", "anonymous", "unknown", "undefined", "null", "nan", "none", "[object object]":
		return true
	}
	return false
}

// fieldsOnly is an object; nil for anything else.
func fieldsOnly(v jsontext.Value) jsontext.Value {
	if v.Kind() != '{' {
		return nil
	}
	return v
}
