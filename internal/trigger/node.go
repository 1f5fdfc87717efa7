package trigger

import "penstock/internal/jsvalue"

// Type says what a node is: a group of nodes, or a condition on one field.
type Type string

// The types, spelled as Segment's parser spells them.
const (
	TypeGroup     Type = "group"
	TypeEvent     Type = "event"
	TypeEventType Type = "event-type"
	TypeName      Type = "name"
	TypeUserID    Type = "userId"
	TypeProperty  Type = "event-property"
	TypeTrait     Type = "event-trait"
	TypeContext   Type = "event-context"
)

//nolint:gochecknoglobals // a constant table
var fieldTypes = map[string]Type{
	"type": TypeEventType, "event": TypeEvent, "name": TypeName, "userId": TypeUserID,
	"properties": TypeProperty, "traits": TypeTrait, "context": TypeContext,
}

// container is the member of the event that the type looks at.
func (t Type) container() string {
	switch t {
	case TypeEventType:
		return "type"
	case TypeEvent:
		return "event"
	case TypeName:
		return "name"
	case TypeUserID:
		return "userId"
	case TypeProperty:
		return "properties"
	case TypeTrait:
		return "traits"
	case TypeContext:
		return "context"
	case TypeGroup:
	}
	return ""
}

// nested tells whether conditions of the type look inside their container.
func (t Type) nested() bool { return t == TypeProperty || t == TypeTrait || t == TypeContext }

// Node is a condition, or a group of nodes that are joined by its operator, `and` or `or`.
type Node struct {
	Type     Type
	Name     string // of what is looked at inside properties, traits or context
	Operator string
	Value    jsvalue.Value // a string, a number or a boolean; undefined where the operator needs none
	Children []*Node       // of a group; nil is a hole: empty parentheses, which cannot be evaluated

	pos int // where it begins in the text, in UTF-16 code units
}

// AppendJSON appends the node as Segment's parser gives it.
func (n *Node) AppendJSON(dst []byte) []byte {
	return n.value().AppendJSON(dst)
}

func (n *Node) value() jsvalue.Value {
	if n == nil {
		return jsvalue.OfNull()
	}
	var o jsvalue.Builder
	o.Set("type", jsvalue.OfString(string(n.Type)))
	if n.Type.nested() {
		o.Set("name", jsvalue.OfString(n.Name))
	}
	o.Set("operator", jsvalue.OfString(n.Operator))
	if n.Type != TypeGroup {
		o.Set("value", n.Value)
		return o.Object()
	}
	children := make([]jsvalue.Value, len(n.Children))
	for i, c := range n.Children {
		children[i] = c.value()
	}
	o.Set("children", jsvalue.OfArray(children))
	return o.Object()
}
