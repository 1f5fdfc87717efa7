package mapping

import (
	"errors"

	"penstock/internal/jsvalue"
)

// transform is @transform: a mapping that is resolved against what another one makes of the event.
type transform struct {
	apply   *Mapping
	mapping node
}

func (c *compiler) transform(options jsvalue.Value) node {
	if options.Kind() != jsvalue.Object {
		return failing{fail(`@transform requires an object with an "apply" key`)}
	}
	apply, err := compile(option(options, "apply"))
	if err != nil {
		if errors.Is(err, errLiquid) {
			c.refused = err
		}
		return failing{err}
	}
	inner := &compiler{paths: &jsvalue.Picker{}}
	n := transform{apply, inner.node(option(options, "mapping"))}
	if inner.refused != nil {
		c.refused = inner.refused
	}
	return n
}

func (n transform) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.apply.resolve(s.event)
	if err != nil {
		return v, err
	}
	return n.mapping.resolve(&scope{event: v.Defined()})
}
