package mapping

import "penstock/internal/jsvalue"

// encode is @json with mode "encode".
type encode struct{ value node }

func (n encode) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil || v.Kind() == jsvalue.Undefined {
		return v, err
	}
	return made("@json", string(v.Stringify(nil)))
}

// decode is @json with mode "decode". What is no JSON stays what it is.
type decode struct{ value node }

func (n decode) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil || v.Kind() != jsvalue.String {
		return v, err
	}
	if decoded, ok := jsvalue.DecodeText(v.Str()); ok {
		return decoded, nil
	}
	return v, nil
}

func (c *compiler) json(options jsvalue.Value) node {
	mode, value := option(options, "mode"), option(options, "value")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@json requires an object with a "value" key`)}
	case !mode.Truthy():
		return failing{fail(`@json requires a "mode" key`)}
	case !value.Truthy():
		return failing{fail(`@json requires a "value" key`)}
	}
	switch mode.Text() {
	case "encode":
		return encode{c.node(value)}
	case "decode":
		return decode{c.node(value)}
	}
	return unused{c.node(value)}
}

// unused resolves a value, for the errors that this may bring, and gives undefined.
type unused struct{ value node }

func (n unused) resolve(s *scope) (jsvalue.Value, error) {
	_, err := n.value.resolve(s)
	return jsvalue.Value{}, err
}
