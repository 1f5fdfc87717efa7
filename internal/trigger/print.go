package trigger

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"penstock/internal/jsvalue"
)

// String prints the trigger in its canonical form: one spelling for all texts that mean the same conditions in the same order.
func (t *Trigger) String() string { return t.root.String() }

// String prints the node as a text of the language.
func (n *Node) String() string { return n.print(false) }

// lastCall is the place of a child of a group in parentheses at which a function may stand: its `)` ends the parentheses too.
func lastCall(children []*Node, i int) bool { return i == len(children)-1 }

// app prints a node as Segment's application does: with functions, wherever they are read as such.
func (n *Node) app(grouped bool) string {
	parts := make([]string, len(n.Children))
	for i, c := range n.Children {
		if c.Type == TypeGroup {
			parts[i] = "(" + c.app(true) + ")"
		} else {
			parts[i] = c.print(grouped && !lastCall(n.Children, i))
		}
	}
	return strings.Join(parts, " "+n.Operator+" ")
}

// print prints a node; grouped tells that it stands between parentheses, which the `)` of a function would end.
func (n *Node) print(grouped bool) string {
	if n == nil {
		return "()"
	}
	if n.Type == TypeGroup {
		parts := make([]string, len(n.Children))
		for i, c := range n.Children {
			if c != nil && c.Type == TypeGroup {
				parts[i] = "(" + c.print(true) + ")"
			} else {
				parts[i] = c.print(grouped)
			}
		}
		return strings.Join(parts, " "+n.Operator+" ")
	}
	if text, ok := n.function(); ok && !grouped {
		return text
	}
	operator, value := n.infix()
	return n.fieldText() + " " + operator + " " + value
}

// infix is operator and value of FIELD OPERATOR VALUE.
func (n *Node) infix() (operator, value string) {
	switch n.Operator {
	case "exists", "not_exists":
		if n.Type == TypeEvent || n.Type == TypeEventType {
			break
		}
		return map[string]string{"exists": "!=", "not_exists": "="}[n.Operator], "null"
	case "is_true", "is_false":
		if n.Type == TypeEvent || n.Type == TypeEventType || n.Type == TypeName {
			break
		}
		return "=", strconv.FormatBool(n.Operator == "is_true")
	case "number_equals", "number_not_equals":
		if !n.Type.nested() || n.Value.Kind() != jsvalue.Number {
			break
		}
		return map[string]string{"number_equals": "=", "number_not_equals": "!="}[n.Operator], valueText(n.Value)
	}
	if slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, n.Operator) {
		return n.Operator, valueText(n.Value)
	}
	return identifierText(n.Operator), valueText(n.Value)
}

// function prints the conditions that functions are written for.
func (n *Node) function() (string, bool) {
	if n.Type == TypeEventType || n.Value.Kind() != jsvalue.String {
		return "", false
	}
	value := n.Value.Str()
	operator, negated := strings.CutPrefix(n.Operator, "not_")
	name := "match"
	switch operator {
	case "contains":
		name = "contains"
	case "starts_with":
		value += "*"
	case "ends_with":
		if value == "" || strings.HasSuffix(value, "*") {
			return "", false
		}
		value = "*" + value
	default:
		return "", false
	}
	if strings.Contains(value, `"`) {
		return "", false
	}
	text := name + "(" + n.fieldText() + `, "` + value + `")`
	if negated {
		text = "!" + text
	}
	return text, true
}

func (n *Node) fieldText() string {
	container := n.Type.container()
	if !n.Type.nested() || n.Name == container {
		return container
	}
	text := container
	rest := n.Name
	for {
		segment, tail, more := strings.Cut(rest, ".")
		if segment != "" && !strings.HasSuffix(text, ".") {
			text += "." + segmentText(segment)
		} else {
			text += `\.` + escapeUnits(segment)
		}
		if !more {
			return text
		}
		if tail == "" {
			return text + `\.`
		}
		rest = tail
	}
}

// segmentText is a piece of a path as an identifier of its own.
func segmentText(s string) string {
	switch s {
	case "and", "or", "null":
		return `\` + s
	}
	if c := s[0]; c == '-' || isDigit(uint16(c)) {
		return `\` + s[:1] + escapeUnits(s[1:])
	}
	return escapeUnits(s)
}

// identifierText is s as one identifier that is nothing else.
func identifierText(s string) string {
	if s == "" {
		return `""`
	}
	return segmentText(s)
}

// escapeUnits puts a backslash before all that a name cannot hold as it is.
func escapeUnits(s string) string {
	units := jsvalue.Units(s)
	out := make([]uint16, 0, len(units))
	for _, c := range units {
		if !isAlpha(c) && !isDigit(c) && c != '_' && c != '-' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return jsvalue.FromUnits(out)
}

func valueText(v jsvalue.Value) string {
	if v.Kind() == jsvalue.Number {
		return numberText(v.Float())
	}
	if v.Kind() == jsvalue.Boolean {
		return v.Text()
	}
	if s := v.Str(); strings.Contains(s, `"`) {
		return identifierText(s)
	}
	return `"` + v.Str() + `"`
}

// numberText prints a number without an exponent, which the language does not read.
func numberText(f float64) string {
	const beyond = 310 // digits that no double has
	switch {
	case math.IsNaN(f):
		return "-"
	case math.IsInf(f, 1):
		return strings.Repeat("9", beyond)
	case math.IsInf(f, -1):
		return "-" + strings.Repeat("9", beyond)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
