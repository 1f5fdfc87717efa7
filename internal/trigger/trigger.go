package trigger

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"penstock/internal/jsvalue"
)

// Trigger is a text of the language, compiled. It is safe for concurrent use.
type Trigger struct {
	root     *Node
	cond     cond
	warnings []Warning
}

// Parse reads a text. Its error is an *Error.
func Parse(text string) (*Trigger, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	var notes []Warning
	p := &parser{tokens: tokens, end: jsvalue.UnitLen(text), notes: &notes}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, &Error{Expected: `a condition on type, event, name, userId, properties, traits or context, such as type = "track"`, Message: "the trigger holds no condition"}
	}
	t := newTrigger(root)
	slices.SortStableFunc(notes, func(a, b Warning) int { return cmp.Compare(a.Pos, b.Pos) })
	t.warnings = notes
	return t, nil
}

// newTrigger compiles a tree of conditions.
func newTrigger(root *Node) *Trigger {
	if root.Type != TypeGroup {
		root = &Node{Type: TypeGroup, Operator: "and", Children: []*Node{root}}
	}
	return &Trigger{root: root, cond: compile(root)}
}

// Root is the tree of conditions: a group. It must not be changed.
func (t *Trigger) Root() *Node { return t.root }

// Match tells whether the event meets the condition. It is for events of the log: in them no field that conditions look at is there twice, and the type comes
// first; so it reads no further than the answer asks for. It neither changes nor keeps event, and allocates nothing unless texts with escapes are compared.
func (t *Trigger) Match(event []byte) bool {
	f := fields{scanner: jsvalue.Scan(event)}
	return t.cond.eval(&f) == yes
}

// ErrHole is what an evaluation comes to that reaches empty parentheses.
var ErrHole = errors.New("the trigger holds empty parentheses, which cannot be evaluated")

// Evaluate is Match for events from anywhere: of several members with one name the last counts. It tells apart what Segment's evaluator throws
// on: empty parentheses that decide, which is ErrHole; to Match such an event does not match.
func (t *Trigger) Evaluate(event []byte) (bool, error) {
	f := fields{scanner: jsvalue.Scan(event)}
	f.all()
	v := t.cond.eval(&f)
	if v == broken {
		return false, ErrHole
	}
	return v == yes, nil
}

// cond is a node, compiled.
type cond struct {
	op       op
	field    field
	children []cond // of a group

	path   jsvalue.Path
	text   string   // what strings are compared with
	quoted string   // the same, as JSON
	units  []uint16 // the same, where it holds half a character
	number float64  // what numbers are compared with
	node   *Node    // what it was made of
}

type op uint8

const (
	opNever op = iota // an operator that nobody knows
	opAnd
	opOr
	opHole
	opEqual
	opNotEqual
	opNumberEqual
	opNumberNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opContains
	opNotContains
	opStarts
	opNotStarts
	opEnds
	opNotEnds
	opExists
	opNotExists
	opTrue
	opFalse
)

//nolint:gochecknoglobals // a constant table
var operators = map[string]op{
	"=": opEqual, "!=": opNotEqual, "number_equals": opNumberEqual, "number_not_equals": opNumberNotEqual,
	"<": opLess, "<=": opLessEqual, ">": opGreater, ">=": opGreaterEqual,
	"contains": opContains, "not_contains": opNotContains,
	"starts_with": opStarts, "not_starts_with": opNotStarts, "ends_with": opEnds, "not_ends_with": opNotEnds,
	"exists": opExists, "not_exists": opNotExists, "is_true": opTrue, "is_false": opFalse,
}

func compile(n *Node) cond {
	if n == nil {
		return cond{op: opHole}
	}
	if n.Type == TypeGroup {
		c := cond{op: opAnd, node: n, children: make([]cond, len(n.Children))}
		if n.Operator == "or" {
			c.op = opOr
		}
		for i, child := range n.Children {
			c.children[i] = compile(child)
		}
		return c
	}
	c := cond{op: operators[n.Operator], node: n, field: fieldNamed(n.Type.container()), text: n.Value.Text(), number: number(n.Value)}
	c.quoted = string(jsvalue.AppendQuoted(nil, c.text))
	if jsvalue.HasLone(c.text) {
		c.units = jsvalue.Units(c.text)
	}
	if n.Type.nested() {
		for _, name := range strings.FieldsFunc(n.Name, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
			c.path = append(c.path, jsvalue.NewKey(name))
		}
	}
	return c
}

// number is Number(v).
func number(v jsvalue.Value) float64 {
	if v.Kind() == jsvalue.String {
		return jsvalue.ParseNumber(v.Str())
	}
	return v.Float()
}
