package mapping

import (
	"slices"
	"strconv"
	"strings"

	"penstock/internal/jsvalue"
)

// Error says why a mapping is not valid, or why it cannot be resolved for an event. Messages are Segment's own; those about the mapping
// itself begin with the path of what is wrong.
type Error struct {
	Messages []string
}

// Error joins the messages.
func (e *Error) Error() string { return strings.Join(e.Messages, " ") }

func fail(message string) error { return &Error{Messages: []string{message}} }

// TextBytesMax is how long a text may be that a directive makes, in bytes: directives within directives multiply what they are given.
const TextBytesMax = 1 << 20

// made is a text that a directive made.
func made(directive, text string) (jsvalue.Value, error) {
	if len(text) > TextBytesMax {
		return jsvalue.Value{}, fail(directive + ": the text is longer than " + strconv.Itoa(TextBytesMax) + " bytes")
	}
	return jsvalue.OfString(text), nil
}

// Mapping is a mapping, compiled. It is safe for concurrent use.
type Mapping struct {
	root  node
	paths *jsvalue.Picker // the paths that are known beforehand
	fault error
}

// Fault is what is known to fail for every event that comes to it: a template of @liquid that cannot be read. Segment takes such a mapping, and rejects the
// events; who saves a mapping wants to know at once. It is nil, or an *Error.
func (m *Mapping) Fault() error { return m.fault }

// Compile reads the JSON of a mapping and checks it. Its error is an *Error when the JSON is a mapping that is not valid.
func Compile(raw []byte) (*Mapping, error) {
	v, ok := jsvalue.DecodeText(string(raw))
	if !ok {
		return nil, fail("the mapping is not JSON")
	}
	if deeper(v, DepthMax) {
		return nil, fail("the mapping is nested more than " + strconv.Itoa(DepthMax) + " levels deep")
	}
	return compile(v)
}

// DepthMax is how many objects and arrays of a mapping may lie within each other.
const DepthMax = 256

func deeper(v jsvalue.Value, levels int) bool {
	if v.Kind() != jsvalue.Object && v.Kind() != jsvalue.Array {
		return false
	}
	if levels == 0 {
		return true
	}
	return slices.ContainsFunc(v.Elements(), func(e jsvalue.Value) bool { return deeper(e, levels-1) }) ||
		slices.ContainsFunc(v.Members(), func(m jsvalue.Member) bool { return deeper(m.Value, levels-1) })
}

func compile(v jsvalue.Value) (*Mapping, error) {
	v, err := rewriteRoot(v)
	if err != nil {
		return nil, err
	}
	if messages := validate(v, nil); len(messages) > 0 {
		return nil, &Error{Messages: messages}
	}
	return build(v), nil
}

// build compiles a mapping that has been checked.
func build(v jsvalue.Value) *Mapping {
	c := &compiler{paths: &jsvalue.Picker{}}
	root := c.node(v)
	return &Mapping{root: root, paths: c.paths, fault: c.fault}
}

// rootDirective is a key that makes the mapping beside it the argument of a directive.
const rootDirective = "__segment_internal_directive"

// rewriteRoot puts a mapping that carries a root directive into that directive.
func rewriteRoot(v jsvalue.Value) (jsvalue.Value, error) {
	if v.Kind() != jsvalue.Object || v.Get(jsvalue.NewKey(rootDirective)).Kind() == jsvalue.Undefined {
		return v, nil
	}
	var rest jsvalue.Builder
	for _, m := range v.Members() {
		if m.Name != rootDirective {
			rest.Set(m.Name, m.Value)
		}
	}
	directive := v.Get(jsvalue.NewKey(rootDirective))
	if directive.Kind() != jsvalue.Object || len(directive.Members()) != 1 {
		return v, fail("The root mapping must only have a single directive object")
	}
	outer := directive.Members()[0]
	if outer.Value.Kind() != jsvalue.Object {
		return v, fail("The root directive must be an object")
	}
	var inner, out jsvalue.Builder
	for _, m := range outer.Value.Members() {
		inner.Set(m.Name, m.Value)
	}
	inner.Set("mapping", rest.Object())
	out.Set(outer.Name, inner.Object())
	return out.Object(), nil
}

// Resolve makes what the mapping says of an event, which must be a JSON object. The result may be any value, undefined too; parts of it may be parts of
// event, which must not change while the result is used. The error is an *Error.
func (m *Mapping) Resolve(event []byte) (jsvalue.Value, error) {
	return m.resolve(jsvalue.Parse(event))
}

func (m *Mapping) resolve(event jsvalue.Value) (jsvalue.Value, error) {
	switch event.Kind() {
	case jsvalue.Object:
	case jsvalue.Undefined:
		event = jsvalue.Parse([]byte("{}"))
	case jsvalue.Null, jsvalue.Boolean, jsvalue.Number, jsvalue.String, jsvalue.Array:
		return jsvalue.Value{}, fail("data must be an object, got " + event.Kind().String())
	}
	s := scope{event: event}
	if raw := event.Raw(); raw != nil && m.paths.Len() > 1 {
		s.picked = m.paths.Pick(raw)
	}
	return m.root.resolve(&s)
}

// scope is what directives are resolved against.
type scope struct {
	event  jsvalue.Value
	picked jsvalue.Picked // what lies at the paths that are known beforehand; nil: they are walked one by one
}

// node is a compiled piece of a mapping.
type node interface {
	resolve(s *scope) (jsvalue.Value, error)
}

// compiler makes nodes of a mapping that has been checked.
type compiler struct {
	paths *jsvalue.Picker
	fault error // see Mapping.Fault
	raw   bool  // in what is not checked beforehand: arrays, and what is no directive in @literal and @excludeWhenNull
}

// unchecked makes nodes of what has not been checked.
func (c *compiler) unchecked(v jsvalue.Value) node {
	before := c.raw
	defer func() { c.raw = before }()
	c.raw = before || typeName(v) != "directive"
	return c.node(v)
}

func (c *compiler) node(v jsvalue.Value) node {
	switch v.Kind() {
	case jsvalue.Array:
		elements := v.Elements()
		out := make(array, len(elements))
		fixed := true
		before := c.raw
		c.raw = true
		for i, e := range elements {
			out[i] = c.node(e)
			fixed = fixed && isFixed(out[i])
		}
		c.raw = before
		return folded(out, fixed)
	case jsvalue.Object:
		if name, options, ok := directive(v); ok {
			return c.directive(name, options)
		}
		return c.object(v)
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Boolean, jsvalue.Number, jsvalue.String:
	}
	return literal{v}
}

func (c *compiler) object(v jsvalue.Value) node {
	members := v.Members()
	out := make(object, len(members))
	fixed := true
	for i, m := range members {
		out[i] = field{name: m.Name, node: c.node(m.Value)}
		fixed = fixed && isFixed(out[i].node)
	}
	return folded(out, fixed)
}

// folded is what a container resolves to, when that is the same for every event.
func folded(n node, fixed bool) node {
	if fixed {
		if v, err := n.resolve(nil); err == nil {
			return literal{v}
		}
	}
	return n
}

// directive tells whether a value is a directive when it is resolved, and takes it apart.
func directive(v jsvalue.Value) (name string, options jsvalue.Value, ok bool) {
	for _, m := range v.Members() {
		switch {
		case strings.HasPrefix(m.Name, "@"):
			if !ok {
				name, options, ok = m.Name, m.Value, true
			}
		case m.Name != "_metadata":
			return "", jsvalue.Value{}, false
		}
	}
	return name, options, ok
}

func (c *compiler) directive(name string, options jsvalue.Value) node {
	switch name {
	case "@path":
		return c.path(options)
	case "@template":
		return c.template(options)
	case "@literal":
		return c.unchecked(options)
	case "@if":
		return c.condition(options)
	case "@case":
		return c.letterCase(options)
	case "@replace":
		return c.replace(options)
	case "@arrayPath":
		return c.arrayPath(options)
	case "@flatten":
		return c.flatten(options)
	case "@json":
		return c.json(options)
	case "@merge":
		return c.merge(options)
	case "@transform":
		return c.transform(options)
	case "@excludeWhenNull":
		return excludeWhenNull{c.unchecked(options)}
	case "@liquid":
		return c.liquid(options)
	}
	return failing{fail(name + " is not a valid directive, got undefined")}
}

// literal is a value that is the same for every event.
type literal struct{ value jsvalue.Value }

func (n literal) resolve(*scope) (jsvalue.Value, error) { return n.value, nil }

func isFixed(n node) bool {
	_, ok := n.(literal)
	return ok
}

// failing is a directive that cannot be resolved, which matters only when it is reached.
type failing struct{ err error }

func (n failing) resolve(*scope) (jsvalue.Value, error) { return jsvalue.Value{}, n.err }

type array []node

func (n array) resolve(s *scope) (jsvalue.Value, error) {
	out := make([]jsvalue.Value, len(n))
	for i, e := range n {
		v, err := e.resolve(s)
		if err != nil {
			return v, err
		}
		out[i] = v
	}
	return jsvalue.OfArray(out), nil
}

// object is the members of an object, in the order in which they are printed.
type object []field

type field struct {
	name string
	node node
}

func (n object) resolve(s *scope) (jsvalue.Value, error) {
	out := make([]jsvalue.Member, len(n))
	for i, f := range n {
		v, err := f.node.resolve(s)
		if err != nil {
			return v, err
		}
		out[i] = jsvalue.Member{Name: f.name, Value: v}
	}
	return jsvalue.OfMembers(out), nil
}

// option is a member of a directive's options.
func option(options jsvalue.Value, name string) jsvalue.Value {
	return options.Get(jsvalue.NewKey(name))
}
