package trigger

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"penstock/internal/jsvalue"
)

// Form is a trigger as groups of conditions, which is how a person builds one: all or any of the groups, each of which is all or any of its conditions.
type Form struct {
	Join   string  `json:"join"` // and, or: how the groups are joined
	Groups []Group `json:"groups"`
}

// Group is conditions that are joined alike.
type Group struct {
	Join       string      `json:"join"`
	Conditions []Condition `json:"conditions"`
}

// Condition is one condition on one field.
type Condition struct {
	Field    string          `json:"field"`          // type, event, name, userId, properties, traits, context
	Name     string          `json:"name,omitempty"` // of the member of properties, traits or context: plan, or address.city
	Operator string          `json:"operator"`       // one of FormOperators
	Value    json.RawMessage `json:"value,omitempty"`
}

// wants says what value an operator takes, and on which fields it stands.
type wants struct {
	operator string
	value    jsvalue.Kind // Undefined: none
	fields   string
}

const (
	everyField  = " type event name userId properties traits context "
	memberField = " properties traits context "
)

// formOperators are the operators of a Form, named as Segment's application names them.
//
//nolint:gochecknoglobals // a constant table
var formOperators = []wants{
	{"=", jsvalue.String, everyField},
	{"!=", jsvalue.String, everyField},
	{"contains", jsvalue.String, everyField},
	{"not_contains", jsvalue.String, everyField},
	{"starts_with", jsvalue.String, everyField},
	{"not_starts_with", jsvalue.String, everyField},
	{"ends_with", jsvalue.String, everyField},
	{"not_ends_with", jsvalue.String, everyField},
	{"exists", jsvalue.Undefined, " name userId" + memberField},
	{"not_exists", jsvalue.Undefined, " name userId" + memberField},
	{"is_true", jsvalue.Undefined, " userId" + memberField},
	{"is_false", jsvalue.Undefined, " userId" + memberField},
	{"number_equals", jsvalue.Number, memberField},
	{"number_not_equals", jsvalue.Number, memberField},
	{"<", jsvalue.Number, memberField},
	{"<=", jsvalue.Number, memberField},
	{">", jsvalue.Number, memberField},
	{">=", jsvalue.Number, memberField},
}

// FormOperators lists the operators that a field can have, in the order in which they are offered.
func FormOperators(field string) []string {
	var out []string
	for _, w := range formOperators {
		if strings.Contains(w.fields, " "+field+" ") {
			out = append(out, w.operator)
		}
	}
	return out
}

func operatorOf(name, field string) (wants, bool) {
	i := slices.IndexFunc(formOperators, func(w wants) bool { return w.operator == name && strings.Contains(w.fields, " "+field+" ") })
	if i < 0 {
		return wants{}, false
	}
	return formOperators[i], true
}

// Text writes the form as Segment's application does, but for what would be read otherwise there: names and values that need a backslash are given one,
// and a function that is not the last in its parentheses is written as an operator. Parse and Form give back the form, single conditions in one group.
func (f *Form) Text() (string, error) {
	if err := checkJoin("/join", f.Join); err != nil {
		return "", err
	}
	if len(f.Groups) == 0 {
		return "", errors.New("/groups: a trigger needs at least one condition")
	}
	root := &Node{Type: TypeGroup, Operator: f.Join}
	for i, g := range f.Groups {
		at := fmt.Sprintf("/groups/%d", i)
		if err := checkJoin(at+"/join", g.Join); err != nil {
			return "", err
		}
		node, err := g.node(at)
		if err != nil {
			return "", err
		}
		root.Children = append(root.Children, node)
	}
	if len(root.Children) == 1 && root.Children[0].Type == TypeGroup {
		root = root.Children[0]
	}
	return root.app(false), nil
}

func checkJoin(at, join string) error {
	if join != "and" && join != "or" {
		return fmt.Errorf("%s: want and or or, got %q", at, join)
	}
	return nil
}

func (g *Group) node(at string) (*Node, error) {
	if len(g.Conditions) == 0 {
		return nil, fmt.Errorf("%s/conditions: a group needs at least one condition", at)
	}
	n := &Node{Type: TypeGroup, Operator: g.Join}
	for i, c := range g.Conditions {
		child, err := c.node(fmt.Sprintf("%s/conditions/%d", at, i))
		if err != nil {
			return nil, err
		}
		n.Children = append(n.Children, child)
	}
	if len(n.Children) == 1 {
		return n.Children[0], nil
	}
	return n, nil
}

func (c *Condition) node(at string) (*Node, error) {
	kind, known := fieldTypes[c.Field]
	want, possible := operatorOf(c.Operator, c.Field)
	value, valid := jsvalue.Value{}, true
	if len(c.Value) > 0 {
		value, valid = jsvalue.DecodeText(string(c.Value))
	}
	switch {
	case !known:
		return nil, fmt.Errorf("%s/field: there is no field %q; want one of%s", at, c.Field, strings.TrimRight(everyField, " "))
	case !possible:
		return nil, fmt.Errorf("%s/operator: %s cannot have the operator %q; want one of %s", at, c.Field, c.Operator, strings.Join(FormOperators(c.Field), " "))
	case kind.nested() && c.Name == "":
		return nil, fmt.Errorf("%s/name: say which member of %s", at, c.Field)
	case !kind.nested() && c.Name != "":
		return nil, fmt.Errorf("%s/name: %s has no members", at, c.Field)
	case !valid || value.Kind() != want.value || math.IsInf(value.Float(), 0):
		return nil, fmt.Errorf("%s/value: the operator %s wants %s", at, c.Operator, wanted(want.value))
	}
	return &Node{Type: kind, Name: c.Name, Operator: c.Operator, Value: value}, nil
}

func wanted(k jsvalue.Kind) string {
	switch k {
	case jsvalue.String:
		return "a text"
	case jsvalue.Number:
		return "a number"
	default:
		return "no value"
	}
}

// Form takes the trigger apart into groups of conditions. The error is an *Error that says which place has no such form.
func (t *Trigger) Form() (*Form, error) {
	f := &Form{Join: t.root.Operator}
	flat := Group{Join: t.root.Operator}
	deep := false
	for _, n := range t.root.Children {
		if n == nil {
			return nil, noForm(t.root.pos, "empty parentheses", "a condition")
		}
		g := Group{Join: "and"}
		members := []*Node{n}
		if n.Type == TypeGroup {
			deep, g.Join, members = true, n.Operator, n.Children
		}
		for _, m := range members {
			c, err := m.condition()
			if err != nil {
				return nil, err
			}
			g.Conditions = append(g.Conditions, *c)
		}
		f.Groups = append(f.Groups, g)
		flat.Conditions = append(flat.Conditions, g.Conditions...)
	}
	if !deep {
		f.Join, f.Groups = "and", []Group{flat}
	}
	return f, nil
}

func noForm(pos int, what, expected string) error {
	return &Error{Pos: pos, Expected: expected, Message: what + " cannot be shown as a group of conditions"}
}

// condition is the node as a Condition.
func (n *Node) condition() (*Condition, error) {
	if n == nil || n.Type == TypeGroup {
		return nil, noForm(n.position(), "parentheses in parentheses", "a condition")
	}
	if n.Type.nested() && n.Name == "" {
		return nil, noForm(n.pos, quoteText(n.String()), "a member of "+n.Type.container())
	}
	c := &Condition{Field: n.Type.container(), Name: n.Name, Operator: n.Operator}
	want, possible := operatorOf(n.Operator, c.Field)
	value := n.Value
	if want.value == jsvalue.Number && value.Kind() == jsvalue.String {
		value = jsvalue.OfNumber(number(value)) // a number in quotes compares as one
	}
	if !possible || value.Kind() != want.value {
		return nil, noForm(n.pos, quoteText(n.String()), "one of the operators "+strings.Join(FormOperators(c.Field), " "))
	}
	if value.Kind() == jsvalue.Undefined {
		return c, nil
	}
	if c.Value = value.Stringify(nil); string(c.Value) == "null" {
		return nil, noForm(n.pos, quoteText(n.String()), "a number")
	}
	return c, nil
}

func (n *Node) position() int {
	if n == nil {
		return 0
	}
	return n.pos
}
