package workspace

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// How jsonToYAML lays out what it writes.
const (
	flowBytesMax = 60 // a list of plain values, or an object of a field's own, stays on its line up to this size, in bytes
	flowDepth    = 6  // objects at this depth and below may stay on the line: those within a mapping's fields
)

// jsonToYAML writes JSON as the YAML that a person would write, always the same for the same JSON. yamlToJSON gives the same JSON back.
func jsonToYAML(v jsontext.Value) []byte {
	e := emitter{}
	e.block(v, 0, 0)
	return e.out.Bytes()
}

// emitter writes YAML. It is given JSON that is valid.
type emitter struct{ out bytes.Buffer }

// block writes the members or items of v, each on lines of its own.
func (e *emitter) block(v jsontext.Value, indent, depth int) {
	pad := strings.Repeat(" ", indent)
	if v.Kind() == '[' {
		for item := range elements(v) {
			e.out.WriteString(pad + "- ")
			if nests(item, depth+1) {
				// The first member stands beside the dash.
				inner := emitter{}
				inner.block(item, indent+2, depth+1)
				e.out.Write(inner.out.Bytes()[indent+2:])
				continue
			}
			e.line(item)
		}
		return
	}
	for name, member := range members(v) {
		e.out.WriteString(pad + keyText(name) + ":")
		if nests(member, depth+1) {
			e.out.WriteByte('\n')
			e.block(member, indent+2, depth+1)
			continue
		}
		e.out.WriteByte(' ')
		e.line(member)
	}
}

// line writes a value to the end of the line.
func (e *emitter) line(v jsontext.Value) {
	if v.Kind() == '"' {
		e.out.WriteString(scalar(unquote(v)) + "\n")
		return
	}
	flow := v.Clone()
	if err := flow.Format(jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true)); err != nil {
		flow = v
	}
	e.out.Write(flow)
	e.out.WriteByte('\n')
}

// nests tells whether a value takes lines of its own.
func nests(v jsontext.Value, depth int) bool {
	switch v.Kind() {
	case '{':
		if len(v) == len("{}") {
			return false
		}
		for _, m := range members(v) {
			if k := m.Kind(); k == '{' || k == '[' {
				return true
			}
		}
		return depth < flowDepth || len(v) > flowBytesMax
	case '[':
		for item := range elements(v) {
			if k := item.Kind(); k == '{' || k == '[' {
				return true
			}
		}
		return len(v) > flowBytesMax
	default:
		return false
	}
}

// keyText writes the name of a member: plain where it is a word.
func keyText(s string) string {
	if isPlain(s) && !strings.ContainsAny(s, plainSigns) {
		return s
	}
	return string(quote(nil, s))
}

// plainSigns may stand in a plain string, but not in a plain name.
const plainSigns = ` ./={}()"!+:$`

// scalar writes a string: plain where YAML reads it as the same string, else in double quotes, as JSON has them.
func scalar(s string) string {
	if isPlain(s) {
		return s
	}
	return string(quote(nil, s))
}

// isPlain tells whether a string may stand without quotes. It errs on the side of quotes.
func isPlain(s string) bool {
	if s == "" || s[len(s)-1] == ' ' || s[len(s)-1] == ':' {
		return false
	}
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"}
	if slices.Contains(words, strings.ToLower(s)) {
		return false
	}
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
		other := c >= '0' && c <= '9' || c == '-' || c != ':' && strings.IndexByte(plainSigns, c) >= 0 || c == ':' && s[i+1] == '/'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return true
}
