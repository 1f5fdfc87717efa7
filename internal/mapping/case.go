package mapping

import "penstock/internal/jsvalue"

// letterCase is @case.
type letterCase struct {
	value    node
	operator string
}

func (c *compiler) letterCase(options jsvalue.Value) node {
	operator, value := option(options, "operator"), option(options, "value")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@case requires an object with a "operator" key`)}
	case !operator.Truthy():
		return failing{fail(`@case requires a "operator" key`)}
	case !value.Truthy():
		return literal{}
	}
	return letterCase{c.node(value), operator.Text()}
}

func (n letterCase) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil || v.Kind() != jsvalue.String {
		return v, err
	}
	switch n.operator {
	case "lower":
		return jsvalue.OfString(jsvalue.Lower(v.Str())), nil
	case "upper":
		return jsvalue.OfString(jsvalue.Upper(v.Str())), nil
	}
	return jsvalue.Value{}, fail(`operator key should have a value of "lower" or "upper"`)
}
