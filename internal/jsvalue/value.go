package jsvalue

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// Kind is the type of a value.
type Kind uint8

// The kinds.
const (
	Undefined Kind = iota
	Null
	Boolean
	Number
	String
	Array
	Object
)

// String is the name that messages use.
func (k Kind) String() string {
	return [...]string{"undefined", "null", "boolean", "number", "string", "array", "object"}[k]
}

// Value is one JavaScript value. The zero Value is undefined. Values are immutable and may be shared.
type Value struct {
	kind  Kind
	num   float64 // of a number; 1 for true
	str   string  // of a string
	raw   []byte  // the JSON text that the value is, where it was not built; then num and str are not set
	inner *inner
}

// inner is what a container that was built holds.
type inner struct {
	elements []Value
	members  []Member
}

// Parse is the value of a JSON text. It keeps raw, which must not change from then on. An empty text is undefined.
func Parse(raw []byte) Value {
	raw = raw[space(raw, 0):]
	for len(raw) > 0 && raw[len(raw)-1] <= ' ' {
		raw = raw[:len(raw)-1]
	}
	if len(raw) == 0 {
		return Value{}
	}
	v := Value{raw: slices.Clip(raw)}
	switch raw[0] {
	case '{':
		v.kind = Object
	case '[':
		v.kind = Array
	case '"':
		v.kind = String
	case 't', 'f':
		return OfBool(raw[0] == 't')
	case 'n':
		return Value{kind: Null}
	default:
		v.kind = Number
	}
	return v
}

// OfBool is a boolean.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Boolean, num: 1}
	}
	return Value{kind: Boolean}
}

// OfNull is null.
func OfNull() Value { return Value{kind: Null} }

// OfNumber is a number.
func OfNumber(f float64) Value { return Value{kind: Number, num: f} }

// OfString is a string.
func OfString(s string) Value { return Value{kind: String, str: s} }

// OfArray is an array of elements, which it keeps.
func OfArray(elements []Value) Value { return Value{kind: Array, inner: &inner{elements: elements}} }

// OfMembers is an object of members, which it keeps; their names must be different, and in the order of JavaScript.
func OfMembers(members []Member) Value { return Value{kind: Object, inner: &inner{members: members}} }

// Kind is the value's type.
func (v Value) Kind() Kind { return v.kind }

// Raw is the JSON text that the value was cut out of, or nil when it was built.
func (v Value) Raw() []byte { return v.raw }

// Nullish tells undefined and null from the rest.
func (v Value) Nullish() bool { return v.kind <= Null }

// Truthy tells what a condition makes of the value: undefined, null, false, 0, NaN and "" are not.
func (v Value) Truthy() bool {
	switch v.kind {
	case Undefined, Null:
		return false
	case Boolean:
		return v.num != 0
	case Number:
		f := v.Float()
		return f != 0 && !math.IsNaN(f)
	case String:
		return v.str != "" || len(v.raw) > len(`""`)
	case Array, Object:
		return true
	}
	return true
}

// Float is the double of a number; 1 for true; 0 for the rest.
func (v Value) Float() float64 {
	if v.kind == Number && v.raw != nil {
		return parseJSONNumber(v.raw)
	}
	return v.num
}

// IsString tells whether the JSON text raw, of which quoted is a string's text with nothing escaped that need not be, is that string; false, false when only
// decoding can tell.
func IsString(raw []byte, quoted string) (is, known bool) {
	if string(raw) == quoted {
		return true, true
	}
	return false, len(raw) == 0 || raw[0] != '"' || bytes.IndexByte(raw, '\\') < 0 && !strings.Contains(quoted, `\`)
}

// Str is the text of a string, and "" for the rest.
func (v Value) Str() string {
	if v.kind == String && v.raw != nil {
		return unescape(v.raw[1:max(1, len(v.raw)-1)])
	}
	return v.str
}

// Bytes is Str as bytes, which must not be changed. It allocates only where the string holds escapes.
func (v Value) Bytes() []byte {
	if v.kind != String {
		return nil
	}
	if v.raw != nil && bytes.IndexByte(v.raw, '\\') < 0 {
		return v.raw[1:max(1, len(v.raw)-1)]
	}
	return []byte(v.Str())
}

// Equals tells whether the value is the string s.
func (v Value) Equals(s string) bool {
	if v.kind != String || (v.raw != nil && len(v.raw) < len(s)+len(`""`)) {
		return false
	}
	return string(v.Bytes()) == s
}

// Text is String(v): numbers in their shortest form, arrays joined by commas, objects "[object Object]".
func (v Value) Text() string {
	switch v.kind {
	case Undefined, Null:
		return v.kind.String()
	case Boolean:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case Number:
		return FormatNumber(v.Float())
	case String:
		return v.Str()
	case Object:
		return "[object Object]"
	case Array:
	}
	var b strings.Builder
	for i, e := range v.Elements() {
		if i > 0 {
			b.WriteByte(',')
		}
		if !e.Nullish() {
			b.WriteString(e.Text())
		}
	}
	return b.String()
}

// Elements are those of an array, and none for the rest. They must not be changed.
func (v Value) Elements() []Value {
	if v.kind != Array {
		return nil
	}
	if v.inner != nil {
		return v.inner.elements
	}
	var out []Value
	for s := Scan(v.raw); s.Next(); {
		out = append(out, Parse(s.Value))
	}
	return out
}

// Members are those of an object, in the order of JavaScript, and none for the rest. They must not be changed.
func (v Value) Members() []Member {
	if v.kind != Object {
		return nil
	}
	if v.inner != nil {
		return v.inner.members
	}
	var o Builder
	for s := Scan(v.raw); s.Next(); {
		o.Set(unescape(s.Key), Parse(s.Value))
	}
	return o.members
}

// Get is the own member called k: of an object; of an array or a string also by index, and "length".
func (v Value) Get(k Key) Value {
	switch v.kind {
	case Object:
		if v.inner == nil {
			return Parse(member(v.raw, k.Name))
		}
		for _, m := range v.inner.members {
			if m.Name == k.Name {
				return m.Value
			}
		}
	case Array:
		switch {
		case k.Name == "length":
			return OfNumber(float64(len(v.Elements())))
		case k.index < 0:
		case v.inner == nil:
			return Parse(element(v.raw, k.index))
		case k.index < len(v.inner.elements):
			return v.inner.elements[k.index]
		}
	case String:
		if k.Name == "length" {
			return OfNumber(float64(UnitLen(v.Str())))
		}
		if k.index < 0 {
			return Value{}
		}
		if units := Units(v.Str()); k.index < len(units) {
			return OfString(FromUnits(units[k.index : k.index+1]))
		}
	case Undefined, Null, Boolean, Number:
	}
	return Value{}
}

// Key is one step of a path.
type Key struct {
	Name  string
	index int // as an index of an array; -1: it is none
}

// NewKey is the step to the member called name.
func NewKey(name string) Key {
	index, ok := arrayIndex(name)
	if !ok {
		index = -1
	}
	return Key{Name: name, index: index}
}

// Path is a way down into a value.
type Path []Key

// Walk goes down the path. A falsy value on the way ends it, and is the result.
func (v Value) Walk(p Path) Value {
	for _, k := range p {
		if !v.Truthy() {
			return v
		}
		v = v.Get(k)
	}
	return v
}

// arrayIndex reads a canonical array index: no sign, no leading zero, at most 4294967294.
func arrayIndex(s string) (int, bool) {
	const digitsMax, most = 10, 1<<32 - 2
	if s == "" || len(s) > digitsMax || (s[0] == '0' && len(s) > 1) {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= most
}

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// Builder makes an object. The zero Builder is an empty one.
type Builder struct {
	members []Member
	indexes int            // how many of members, the first ones, have array indices for names
	places  map[string]int // of many members: where a name that is no index stands, less indexes
}

// manyMembers is from where on a Builder looks names up in a map.
const manyMembers = 16

// Set gives the object a member. One that it has keeps its place.
func (o *Builder) Set(name string, v Value) {
	if index, ok := arrayIndex(name); ok {
		at, found := slices.BinarySearchFunc(o.members[:o.indexes], index, func(m Member, want int) int {
			have, _ := arrayIndex(m.Name)
			return have - want
		})
		if found {
			o.members[at].Value = v
			return
		}
		o.members = slices.Insert(o.members, at, Member{name, v})
		o.indexes++
		return
	}
	if at := o.find(name); at >= 0 {
		o.members[o.indexes+at].Value = v
		return
	}
	o.members = append(o.members, Member{name, v})
	if o.places != nil {
		o.places[name] = len(o.members) - o.indexes - 1
	}
}

// find is the place of a name that is no index, after the indexes; -1: it is not there.
func (o *Builder) find(name string) int {
	named := o.members[o.indexes:]
	if o.places == nil && len(named) >= manyMembers {
		o.places = make(map[string]int, 2*len(named))
		for i, m := range named {
			o.places[m.Name] = i
		}
	}
	if o.places != nil {
		if at, ok := o.places[name]; ok {
			return at
		}
		return -1
	}
	return slices.IndexFunc(named, func(m Member) bool { return m.Name == name })
}

// Grow makes room for n members.
func (o *Builder) Grow(n int) { o.members = slices.Grow(o.members, n) }

// Object is the object that was made. The Builder must not be used after it.
func (o *Builder) Object() Value { return Value{kind: Object, inner: &inner{members: o.members}} }
