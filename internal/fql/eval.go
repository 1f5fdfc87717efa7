package fql

import (
	"bytes"

	"penstock/internal/jsvalue"
)

// Match tells whether an event meets the statement: whether it comes to true, and nothing else.
func (s *Statement) Match(event []byte) bool { return isTrue(s.root.eval(event)) }

func isTrue(v jsvalue.Value) bool { return v.Kind() == jsvalue.Boolean && v.Float() != 0 }

// node is a part of a statement.
type node interface {
	// eval is what the part comes to for an event. What is missing is null.
	eval(event []byte) jsvalue.Value
}

type literal struct{ value jsvalue.Value }

func (n literal) eval([]byte) jsvalue.Value { return n.value }

// field is a path into the event.
type field struct{ path jsvalue.Path }

func (n field) eval(event []byte) jsvalue.Value {
	v := jsvalue.Parse(event)
	for _, key := range n.path {
		if k := v.Kind(); k != jsvalue.Object && (k != jsvalue.Array || key.Name == "length") {
			return jsvalue.OfNull()
		}
		v = v.Get(key)
	}
	if v.Kind() == jsvalue.Undefined {
		return jsvalue.OfNull()
	}
	return v
}

type array struct{ items []node }

func (n array) eval(event []byte) jsvalue.Value {
	items := make([]jsvalue.Value, len(n.items))
	for i, item := range n.items {
		items[i] = item.eval(event)
	}
	return jsvalue.OfArray(items)
}

type not struct{ operand node }

func (n not) eval(event []byte) jsvalue.Value { return jsvalue.OfBool(!isTrue(n.operand.eval(event))) }

// logic is `and` (all) or `or`.
type logic struct {
	all      bool
	operands []node
}

func (n logic) eval(event []byte) jsvalue.Value {
	for _, operand := range n.operands {
		if isTrue(operand.eval(event)) != n.all {
			return jsvalue.OfBool(!n.all)
		}
	}
	return jsvalue.OfBool(n.all)
}

type compare struct {
	sign        string
	left, right node
}

func (n compare) eval(event []byte) jsvalue.Value {
	left, right := n.left.eval(event), n.right.eval(event)
	switch n.sign {
	case "=":
		return jsvalue.OfBool(equal(left, right))
	case "!=":
		return jsvalue.OfBool(!equal(left, right))
	}
	if left.Kind() != jsvalue.Number || right.Kind() != jsvalue.Number {
		return jsvalue.OfBool(false)
	}
	a, b := left.Float(), right.Float()
	return jsvalue.OfBool(n.sign == "<" && a < b || n.sign == "<=" && a <= b || n.sign == ">" && a > b || n.sign == ">=" && a >= b)
}

// equal tells whether two values are of one type, and the same.
func equal(a, b jsvalue.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case jsvalue.Undefined, jsvalue.Null:
		return true
	case jsvalue.Boolean, jsvalue.Number:
		return a.Float() == b.Float()
	case jsvalue.String:
		return bytes.Equal(a.Bytes(), b.Bytes())
	case jsvalue.Array:
		x, y := a.Elements(), b.Elements()
		for i := range min(len(x), len(y)) {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return len(x) == len(y)
	case jsvalue.Object:
		x, y := a.Members(), b.Members()
		for _, m := range x {
			if !equal(m.Value, b.Get(jsvalue.NewKey(m.Name))) {
				return false
			}
		}
		return len(x) == len(y)
	}
	return false
}

type in struct{ value, list node }

func (n in) eval(event []byte) jsvalue.Value {
	v := n.value.eval(event)
	for _, item := range n.list.eval(event).Elements() {
		if equal(v, item) {
			return jsvalue.OfBool(true)
		}
	}
	return jsvalue.OfBool(false)
}
