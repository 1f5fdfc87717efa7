package mapping

import "penstock/internal/jsvalue"

// replace is @replace: literal text for literal text, by UTF-16 code units.
type replace struct {
	value      node
	steps      []substitution
	ignoreCase bool
	all        bool // every occurrence, not the first alone
}

type substitution struct{ pattern, replacement []uint16 }

func (c *compiler) replace(options jsvalue.Value) node {
	pattern, value := option(options, "pattern"), option(options, "value")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@replace requires an object with a "pattern" key`)}
	case !pattern.Truthy():
		return failing{fail(`@replace requires a "pattern" key`)}
	case !value.Truthy():
		return literal{}
	}
	n := replace{value: c.node(value), all: true, ignoreCase: option(options, "ignorecase").Truthy()}
	if global := option(options, "global"); global.Kind() == jsvalue.Boolean {
		n.all = global.Truthy()
	}
	for _, names := range [...][2]string{{"pattern", "replacement"}, {"pattern2", "replacement2"}} {
		from, to := option(options, names[0]), option(options, names[1])
		if from.Kind() != jsvalue.String || from.Str() == "" {
			continue
		}
		step := substitution{jsvalue.Units(from.Str()), jsvalue.Units(to.Str())}
		switch {
		case len(step.pattern) > patternUnitsMax:
			return failing{fail(`@replace requires a "pattern" less than 10 characters`)}
		case len(step.replacement) > replacementUnitsMax:
			return failing{fail(`@replace requires a "replacement" less than 10 characters`)}
		}
		if n.ignoreCase {
			step.pattern = foldUnits(step.pattern)
		}
		n.steps = append(n.steps, step)
	}
	return n
}

func (n replace) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil {
		return v, err
	}
	switch v.Kind() {
	case jsvalue.Boolean, jsvalue.Number, jsvalue.String:
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Array, jsvalue.Object:
		return jsvalue.OfString(""), nil
	}
	units := jsvalue.Units(v.Text())
	for _, step := range n.steps {
		units = n.apply(units, step)
	}
	return made("@replace", jsvalue.FromUnits(units))
}

func (n replace) apply(text []uint16, step substitution) []uint16 {
	subject := text
	if n.ignoreCase {
		subject = foldUnits(text)
	}
	var out []uint16
	from := 0
	for i := 0; i+len(step.pattern) <= len(text); {
		if !hasPrefix(subject[i:], step.pattern) {
			i++
			continue
		}
		end := i + len(step.pattern)
		out = append(out, text[from:i]...)
		out = appendReplacement(out, step.replacement, text, i, end)
		from, i = end, end
		if !n.all || len(out) > TextBytesMax {
			break
		}
	}
	return append(out, text[from:]...)
}

func hasPrefix(s, prefix []uint16) bool {
	for i, c := range prefix {
		if s[i] != c {
			return false
		}
	}
	return true
}

// appendReplacement appends what stands for text[from:to]: "$$" is a dollar, "$&" the match, "$`" what is before it, "$'" what is after it.
func appendReplacement(out, replacement, text []uint16, from, to int) []uint16 {
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c != '$' || i+1 == len(replacement) {
			out = append(out, c)
			continue
		}
		i++
		switch replacement[i] {
		case '$':
			out = append(out, '$')
		case '&':
			out = append(out, text[from:to]...)
		case '`':
			out = append(out, text[:from]...)
		case '\'':
			out = append(out, text[to:]...)
		default:
			out = append(out, c)
			i--
		}
	}
	return out
}

// foldUnits maps each unit as a regular expression that ignores case does.
func foldUnits(units []uint16) []uint16 {
	out := make([]uint16, len(units))
	for i, c := range units {
		out[i] = jsvalue.FoldUnit(c)
	}
	return out
}
