package mapping

import "penstock/internal/jsvalue"

// condition is @if. A branch that is nil gives undefined.
type condition struct {
	subject   node
	blank     bool // the condition is that the subject is not blank, rather than that it exists
	then      node
	otherwise node
}

func (c *compiler) condition(options jsvalue.Value) node {
	exists, blank := option(options, "exists"), option(options, "blank")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@if requires an object with an "exists" key`)}
	case !exists.Truthy() && !blank.Truthy():
		return failing{fail(`@if requires an "exists" key or a "blank" key`)}
	}
	n := condition{}
	if exists.Kind() != jsvalue.Undefined {
		n.subject = c.node(exists)
	} else {
		n.subject, n.blank = c.node(blank), true
	}
	if then := option(options, "then"); then.Kind() != jsvalue.Undefined {
		n.then = c.node(then)
	}
	if otherwise := option(options, "else"); otherwise.Truthy() {
		n.otherwise = c.node(otherwise)
	}
	return n
}

func (n condition) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.subject.resolve(s)
	if err != nil {
		return v, err
	}
	branch := n.otherwise
	if !v.Nullish() && (!n.blank || !looseBlank(v)) {
		branch = n.then
	}
	if branch == nil {
		return jsvalue.Value{}, nil
	}
	return branch.resolve(s)
}

// looseBlank is v == "": true of "", 0, false, and of arrays whose text is empty.
func looseBlank(v jsvalue.Value) bool {
	switch v.Kind() {
	case jsvalue.Boolean, jsvalue.Number, jsvalue.String:
		return !v.Truthy()
	case jsvalue.Array:
		return v.Text() == ""
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Object:
	}
	return false
}
