package mapping

import (
	"cmp"

	"penstock/internal/jsvalue"
	"penstock/internal/liquid"
)

// liquidText is @liquid: a text that LiquidJS renders.
type liquidText struct{ template *liquid.Template }

func (c *compiler) liquid(options jsvalue.Value) node {
	if options.Kind() != jsvalue.String {
		return failing{fail("liquid template value must be a string")}
	}
	if options.Str() == "" {
		return literal{options}
	}
	template, err := liquid.Parse(options.Str())
	if err != nil {
		c.fault = cmp.Or(c.fault, fail("@liquid: "+err.Error()))
		return failing{fail(err.Error())}
	}
	return liquidText{template}
}

func (n liquidText) resolve(s *scope) (jsvalue.Value, error) {
	text, err := n.template.Render(s.event)
	if err != nil {
		return jsvalue.Value{}, fail(err.Error())
	}
	return made("@liquid", text)
}
