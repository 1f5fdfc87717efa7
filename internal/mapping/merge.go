package mapping

import (
	"slices"
	"strconv"

	"penstock/internal/jsvalue"
)

// merge is @merge: the members of several values in one object; of several with one name the last counts, undefined too.
type merge []node

func (c *compiler) merge(options jsvalue.Value) node {
	direction, objects := option(options, "direction"), option(options, "objects")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@merge requires an object with a "direction" key`)}
	case !direction.Truthy():
		return failing{fail(`@merge requires a "direction" key`)}
	case objects.Kind() != jsvalue.Array:
		return failing{fail(`@merge requires an "objects" array`)}
	}
	var n merge
	for _, o := range objects.Elements() {
		n = append(n, c.node(o))
	}
	if direction.Text() == "left" {
		slices.Reverse(n)
	}
	return n
}

func (n merge) resolve(s *scope) (jsvalue.Value, error) {
	var out jsvalue.Builder
	for _, o := range n {
		v, err := o.resolve(s)
		if err != nil {
			return v, err
		}
		spread(&out, v)
	}
	return out.Object(), nil
}

// spread gives an object the members of v: those of an object, the indexed ones of an array or a string.
func spread(out *jsvalue.Builder, v jsvalue.Value) {
	for _, m := range v.Members() {
		out.Set(m.Name, m.Value)
	}
	for i, e := range v.Elements() {
		out.Set(strconv.Itoa(i), e)
	}
	if v.Kind() == jsvalue.String {
		units := jsvalue.Units(v.Str())
		for i := range units {
			out.Set(strconv.Itoa(i), jsvalue.OfString(jsvalue.FromUnits(units[i:i+1])))
		}
	}
}
