package mapping

import (
	"strconv"

	"penstock/internal/jsvalue"
)

// flatten is @flatten: one level of members, their names joined from the levels that they come from.
type flatten struct {
	value      node
	separator  string
	omitArrays bool // arrays stay as they are
}

func (c *compiler) flatten(options jsvalue.Value) node {
	separator := option(options, "separator")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@flatten requires an object with a "separator" key`)}
	case !separator.Truthy():
		return failing{fail(`@flatten requires a "separator" key`)}
	}
	return flatten{c.node(option(options, "value")), separator.Text(), option(options, "omitArrays").Truthy()}
}

func (n flatten) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil {
		return v, err
	}
	var out jsvalue.Builder
	n.into(&out, "", v)
	return out.Object(), nil
}

func (n flatten) into(out *jsvalue.Builder, prefix string, v jsvalue.Value) {
	name := func(key string) string {
		if prefix == "" {
			return key
		}
		return jsvalue.Pair(prefix + n.separator + key)
	}
	switch {
	case v.Kind() == jsvalue.Object:
		for _, m := range v.Members() {
			n.into(out, name(m.Name), m.Value)
		}
	case v.Kind() == jsvalue.Array && !n.omitArrays:
		for i, e := range v.Elements() {
			n.into(out, name(strconv.Itoa(i)), e)
		}
	default:
		out.Set(prefix, v)
	}
}
