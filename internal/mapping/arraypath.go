package mapping

import "penstock/internal/jsvalue"

// arrayPath is @arrayPath: the value at a path, each element of it put into a shape.
type arrayPath struct {
	source node
	shape  node // nil: the value stays as it is
}

func (c *compiler) arrayPath(options jsvalue.Value) node {
	if options.Kind() != jsvalue.Array {
		return failing{fail("@arrayPath expected array, got " + options.Kind().String())}
	}
	elements := append(options.Elements(), jsvalue.Value{}, jsvalue.Value{})
	n := arrayPath{}
	if elements[0].Kind() == jsvalue.String {
		n.source = c.fixedPath(eventPath(elements[0].Str()))
	} else {
		n.source = c.node(elements[0])
	}
	if shape := elements[1]; shape.Kind() == jsvalue.Object && len(shape.Members()) > 0 {
		n.shape = c.node(shape)
	}
	return n
}

func (n arrayPath) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.source.resolve(s)
	if err != nil || n.shape == nil {
		return v, err
	}
	elements := v.Elements()
	switch v.Kind() {
	case jsvalue.Array:
	case jsvalue.Object:
		elements = []jsvalue.Value{v}
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Boolean, jsvalue.Number, jsvalue.String:
		return v, nil
	}
	out := make([]jsvalue.Value, len(elements))
	for i, e := range elements {
		if out[i], err = n.shape.resolve(&scope{event: e}); err != nil {
			return v, err
		}
	}
	return jsvalue.OfArray(out), nil
}
