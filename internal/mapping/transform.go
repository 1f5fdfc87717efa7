package mapping

import (
	"cmp"
	"strconv"

	"penstock/internal/jsvalue"
)

// transform is @transform: a mapping that is resolved against what another one makes of the event.
type transform struct {
	apply   *Mapping
	mapping node
}

// ValueBytesMax is how large a value may be, in bytes, that one @transform gives to the next: each can repeat what it is given.
const ValueBytesMax = 16 << 20

func (c *compiler) transform(options jsvalue.Value) node {
	if options.Kind() != jsvalue.Object {
		return failing{fail(`@transform requires an object with an "apply" key`)}
	}
	apply, err := c.apply(option(options, "apply"))
	if err != nil {
		return failing{err}
	}
	inner := &compiler{paths: &jsvalue.Picker{}, raw: c.raw}
	n := transform{apply, inner.node(option(options, "mapping"))}
	c.fault = cmp.Or(c.fault, apply.fault, inner.fault)
	return n
}

// apply compiles a mapping within a mapping, and checks it where that has not been done with the whole.
func (c *compiler) apply(v jsvalue.Value) (*Mapping, error) {
	if c.raw || option(v, rootDirective).Kind() != jsvalue.Undefined {
		return compile(v)
	}
	return build(v), nil
}

func (n transform) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.apply.resolve(s.event)
	if err != nil {
		return v, err
	}
	if v.Exceeds(ValueBytesMax) {
		return v, fail("@transform: the result is larger than " + strconv.Itoa(ValueBytesMax) + " bytes")
	}
	return n.mapping.resolve(&scope{event: v.Defined()})
}
