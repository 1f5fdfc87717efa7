package trigger

import (
	"slices"

	"penstock/internal/jsvalue"
)

// field is one of the members of an event that conditions look at.
type field uint8

const (
	fieldType field = iota
	fieldEvent
	fieldName
	fieldUserID
	fieldProperties
	fieldTraits
	fieldContext
	fieldCount
	fieldNone = fieldCount
)

func fieldNamed(name string) field {
	switch name {
	case "type":
		return fieldType
	case "event":
		return fieldEvent
	case "name":
		return fieldName
	case "userId":
		return fieldUserID
	case "properties":
		return fieldProperties
	case "traits":
		return fieldTraits
	case "context":
		return fieldContext
	}
	return fieldNone
}

// fields are the texts of those members, nil where one is missing. They are found as far as they are asked for.
type fields struct {
	found   [fieldCount][]byte
	scanner jsvalue.Scanner
	ended   bool
}

// all finds every field. Of several with one name the last counts.
func (f *fields) all() {
	for f.scanner.Next() {
		if at := f.here(); at != fieldNone {
			f.found[at] = f.scanner.Value
		}
	}
	f.ended = true
}

// get is the text of a field. Of several with one name, unless all was called, the first counts.
func (f *fields) get(want field) []byte {
	for f.found[want] == nil && !f.ended {
		if !f.scanner.Next() {
			f.ended = true
			break
		}
		if at := f.here(); at != fieldNone && f.found[at] == nil {
			f.found[at] = f.scanner.Value
		}
	}
	return f.found[want]
}

// here is the field that the scanner stands at.
func (f *fields) here() field {
	if f.scanner.Escaped {
		return escapedField(&f.scanner)
	}
	return fieldNamed(string(f.scanner.Key))
}

func escapedField(s *jsvalue.Scanner) field {
	for _, name := range [...]string{"type", "event", "name", "userId", "properties", "traits", "context"} {
		if s.KeyIs(name) {
			return fieldNamed(name)
		}
	}
	return fieldNone
}

// verdict is the result of an evaluation.
type verdict uint8

const (
	no verdict = iota
	yes
	broken // a hole was reached
)

func (c *cond) eval(f *fields) verdict {
	switch c.op {
	case opAnd:
		for i := range c.children {
			if v := c.children[i].eval(f); v != yes {
				return v
			}
		}
		return yes
	case opOr:
		for i := range c.children {
			if v := c.children[i].eval(f); v != no {
				return v
			}
		}
		return no
	case opHole:
		return broken
	default:
		if c.holds(f) {
			return yes
		}
		return no
	}
}

// actual is the value that the condition looks at.
func (c *cond) actual(f *fields) jsvalue.Value {
	top := f.get(c.field)
	if raw, ok := jsvalue.Dig(top, c.path); ok {
		return jsvalue.Parse(raw)
	}
	return jsvalue.Parse(top).Walk(c.path)
}

// holds evaluates a condition on a field.
func (c *cond) holds(f *fields) bool {
	if c.op == opEqual {
		if raw, ok := jsvalue.Dig(f.get(c.field), c.path); ok {
			if is, known := jsvalue.IsString(raw, c.quoted); known {
				return is
			}
		}
	}
	a := c.actual(f)
	switch c.op {
	case opEqual:
		return a.Equals(c.text)
	case opNotEqual:
		return !a.Equals(c.text)
	case opNumberEqual, opNumberNotEqual, opLess, opLessEqual, opGreater, opGreaterEqual:
		return a.Kind() == jsvalue.Number && c.compares(a.Float())
	case opContains, opStarts, opEnds:
		return a.Kind() == jsvalue.String && c.within(a, c.op)
	case opNotContains:
		return a.Kind() == jsvalue.String && !c.within(a, opContains)
	case opNotStarts:
		return a.Kind() == jsvalue.String && !c.within(a, opStarts)
	case opNotEnds:
		return a.Kind() == jsvalue.String && !c.within(a, opEnds)
	case opExists:
		return !a.Nullish()
	case opNotExists:
		return a.Nullish()
	case opTrue:
		return a.Kind() == jsvalue.Boolean && a.Truthy()
	case opFalse:
		return a.Kind() == jsvalue.Boolean && !a.Truthy()
	case opNever, opAnd, opOr, opHole:
	}
	return false
}

// compares tells whether a number stands to the condition's as its operator says.
func (c *cond) compares(a float64) bool {
	switch c.op {
	case opNumberEqual:
		return a == c.number
	case opNumberNotEqual:
		return a != c.number
	case opLess:
		return a < c.number
	case opLessEqual:
		return a <= c.number
	case opGreater:
		return a > c.number
	default:
		return a >= c.number
	}
}

// within tells whether the text lies in the string a, at its start, or at its end.
func (c *cond) within(a jsvalue.Value, how op) bool {
	if c.units != nil {
		return unitsWithin(jsvalue.Units(a.Str()), c.units, how)
	}
	s := a.Bytes()
	switch how {
	case opStarts:
		return len(s) >= len(c.text) && string(s[:len(c.text)]) == c.text
	case opEnds:
		return len(s) >= len(c.text) && string(s[len(s)-len(c.text):]) == c.text
	default:
		return jsvalue.Contains(s, c.text)
	}
}

func unitsWithin(s, part []uint16, how op) bool {
	if len(part) > len(s) {
		return false
	}
	switch how {
	case opStarts:
		return slices.Equal(s[:len(part)], part)
	case opEnds:
		return slices.Equal(s[len(s)-len(part):], part)
	default:
		for i := 0; i+len(part) <= len(s); i++ {
			if slices.Equal(s[i:i+len(part)], part) {
				return true
			}
		}
		return false
	}
}
