package jsvalue

import (
	"bytes"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// AppendJSON appends the value as JSON: what was built as JSON.stringify prints it, and what was cut out of a text as the bytes that it came
// in. Undefined appends nothing.
func (v Value) AppendJSON(dst []byte) []byte { return v.append(dst, false) }

// Stringify appends the value exactly as JSON.stringify prints it, so that numbers lose the digits that doubles do not have.
func (v Value) Stringify(dst []byte) []byte { return v.append(dst, true) }

func (v Value) append(dst []byte, exact bool) []byte {
	if v.raw != nil && !exact {
		return append(dst, v.raw...)
	}
	switch v.kind {
	case Undefined:
		return dst
	case Null:
		return append(dst, "null"...)
	case Boolean:
		return append(dst, v.Text()...)
	case Number:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return append(dst, "null"...)
		}
		return AppendNumber(dst, f)
	case String:
		if v.raw != nil && bytes.IndexByte(v.raw, '\\') < 0 {
			return append(dst, v.raw...)
		}
		return AppendQuoted(dst, v.Str())
	case Array:
		return v.appendArray(dst, exact)
	case Object:
		return v.appendObject(dst, exact)
	}
	return dst
}

func (v Value) appendArray(dst []byte, exact bool) []byte {
	dst = append(dst, '[')
	for i, e := range v.Elements() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if e.kind == Undefined {
			e.kind = Null
		}
		dst = e.append(dst, exact)
	}
	return append(dst, ']')
}

func (v Value) appendObject(dst []byte, exact bool) []byte {
	dst = append(dst, '{')
	first := true
	for _, m := range v.Members() {
		if m.Value.kind == Undefined {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = AppendQuoted(dst, m.Name)
		dst = append(dst, ':')
		dst = m.Value.append(dst, exact)
	}
	return append(dst, '}')
}

// DecodeText is JSON.parse(text); false when it is not JSON. Numbers keep the digits that they were written with.
func DecodeText(text string) (Value, bool) {
	raw := jsontext.Value(text)
	if !raw.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return Value{}, false
	}
	return Parse(raw).built(), true
}

// built is v with all its containers and strings decoded; numbers stay as they were written.
func (v Value) built() Value {
	switch v.kind {
	case String:
		return OfString(v.Str())
	case Array:
		elements := v.Elements()
		for i, e := range elements {
			elements[i] = e.built()
		}
		return OfArray(elements)
	case Object:
		members := v.Members()
		for i, m := range members {
			members[i].Value = m.Value.built()
		}
		return Value{kind: Object, inner: &inner{members: members}}
	case Undefined, Null, Boolean, Number:
	}
	return v
}

// Exceeds tells whether the value is larger than so many bytes, counted roughly: what was cut out of a text by its length, all else as one byte. It looks no further than that.
func (v Value) Exceeds(size int) bool { return v.fill(size) < 0 }

// fill is what of the bytes is left after the value; less than 0: nothing is.
func (v Value) fill(left int) int {
	if v.raw != nil || v.inner == nil {
		return left - max(1, len(v.raw), len(v.str))
	}
	left--
	for _, e := range v.inner.elements {
		if left < 0 {
			break
		}
		left = e.fill(left)
	}
	for _, m := range v.inner.members {
		if left < 0 {
			break
		}
		left = m.Value.fill(left - len(m.Name))
	}
	return left
}

// Defined removes members that are undefined, at every depth of what was built; elements of arrays stay.
func (v Value) Defined() Value {
	if v.inner == nil {
		return v
	}
	if v.kind == Array {
		out := make([]Value, len(v.inner.elements))
		for i, e := range v.inner.elements {
			out[i] = e.Defined()
		}
		return OfArray(out)
	}
	out := make([]Member, 0, len(v.inner.members))
	for _, m := range v.inner.members {
		if m.Value.kind != Undefined {
			out = append(out, Member{m.Name, m.Value.Defined()})
		}
	}
	return Value{kind: Object, inner: &inner{members: out}}
}
