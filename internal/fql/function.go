package fql

import (
	"math"
	"strings"
	"unicode"

	"penstock/internal/jsvalue"
)

// function is one of the functions of the language.
type function struct {
	args int
	eval func(args []jsvalue.Value) jsvalue.Value
}

func functionNamed(name string) (function, bool) {
	switch name {
	case "contains":
		return function{2, contains}, true
	case "match":
		return function{2, match}, true
	case "length":
		return function{1, length}, true
	case "lowercase":
		return ofText(jsvalue.Lower), true
	case "uppercase":
		return ofText(jsvalue.Upper), true
	case "snakecase":
		return ofText(func(s string) string { return strings.ToLower(strings.Join(words(s), "_")) }), true
	case "kebabcase":
		return ofText(func(s string) string { return strings.ToLower(strings.Join(words(s), "-")) }), true
	case "titlecase":
		return ofText(titleCase), true
	case "typeof":
		return function{1, func(a []jsvalue.Value) jsvalue.Value { return jsvalue.OfString(a[0].Kind().String()) }}, true
	case "bool":
		return function{1, toBool}, true
	case "string":
		return function{1, toText}, true
	case "number":
		return function{1, toNumber}, true
	}
	return function{}, false
}

type call struct {
	function function
	args     []node
}

func (n call) eval(event []byte) jsvalue.Value {
	args := make([]jsvalue.Value, len(n.args))
	for i, arg := range n.args {
		args[i] = arg.eval(event)
	}
	return n.function.eval(args)
}

// ofText is a function that makes a string of a string, and null of the rest.
func ofText(f func(string) string) function {
	return function{1, func(a []jsvalue.Value) jsvalue.Value {
		if a[0].Kind() != jsvalue.String {
			return jsvalue.OfNull()
		}
		return jsvalue.OfString(f(a[0].Str()))
	}}
}

// contains tells whether a string holds another, or an array a value.
func contains(a []jsvalue.Value) jsvalue.Value {
	if a[0].Kind() == jsvalue.Array {
		for _, item := range a[0].Elements() {
			if equal(item, a[1]) {
				return jsvalue.OfBool(true)
			}
		}
		return jsvalue.OfBool(false)
	}
	if a[0].Kind() != jsvalue.String || a[1].Kind() != jsvalue.String {
		return jsvalue.OfBool(false)
	}
	return jsvalue.OfBool(strings.Contains(a[0].Str(), a[1].Str()))
}

func match(a []jsvalue.Value) jsvalue.Value {
	if a[0].Kind() != jsvalue.String || a[1].Kind() != jsvalue.String {
		return jsvalue.OfBool(false)
	}
	return jsvalue.OfBool(glob([]rune(a[1].Str()), []rune(a[0].Str())))
}

// glob tells whether a text is of a pattern: * is any text, ? any character, [a-z] one of some, [^a-z] another one, and \ takes the next
// character as it is. It goes back to the last * only, so that it takes no longer than the product of the two lengths.
func glob(pattern, text []rune) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, t
			p++
			continue
		}
		if size, ok := one(pattern[p:], text[t]); ok {
			p += size
			t++
			continue
		}
		if star < 0 {
			return false
		}
		from++
		p, t = star+1, from
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// one matches a character with the beginning of a pattern, and says how much of that it took.
func one(pattern []rune, c rune) (size int, ok bool) {
	if len(pattern) == 0 {
		return 0, false
	}
	switch {
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == c
	case pattern[0] == '[':
		return class(pattern, c)
	}
	return 1, pattern[0] == c
}

// class matches a character with the set that a pattern begins with. One that does not end is the bracket itself.
func class(pattern []rune, c rune) (size int, ok bool) {
	i := 1
	negated := i < len(pattern) && pattern[i] == '^'
	if negated {
		i++
	}
	found := false
	for first := i; i < len(pattern); i++ {
		if pattern[i] == ']' && i > first {
			return i + 1, found != negated
		}
		low, high := pattern[i], pattern[i]
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		found = found || low <= c && c <= high
	}
	return 1, c == '['
}

// length is that of an array, or of a string in UTF-16 code units; 0 of null. Of the rest it is not a number.
func length(a []jsvalue.Value) jsvalue.Value {
	switch a[0].Kind() {
	case jsvalue.Null:
		return jsvalue.OfNumber(0)
	case jsvalue.String:
		return jsvalue.OfNumber(float64(jsvalue.UnitLen(a[0].Str())))
	case jsvalue.Array:
		return jsvalue.OfNumber(float64(len(a[0].Elements())))
	case jsvalue.Undefined, jsvalue.Boolean, jsvalue.Number, jsvalue.Object:
	}
	return jsvalue.OfNumber(math.NaN())
}

func toBool(a []jsvalue.Value) jsvalue.Value {
	switch v := a[0]; v.Kind() {
	case jsvalue.Boolean:
		return v
	case jsvalue.Number:
		return jsvalue.OfBool(v.Float() != 0)
	case jsvalue.String:
		if s := v.Str(); s == "true" || s == "false" {
			return jsvalue.OfBool(s == "true")
		}
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Array, jsvalue.Object:
	}
	return jsvalue.OfNull()
}

func toText(a []jsvalue.Value) jsvalue.Value {
	switch v := a[0]; v.Kind() {
	case jsvalue.String, jsvalue.Undefined, jsvalue.Null:
		return v
	case jsvalue.Boolean, jsvalue.Number:
		return jsvalue.OfString(v.Text())
	case jsvalue.Array, jsvalue.Object:
		return jsvalue.OfString(string(v.AppendJSON(nil)))
	}
	return jsvalue.OfNull()
}

func toNumber(a []jsvalue.Value) jsvalue.Value {
	switch v := a[0]; v.Kind() {
	case jsvalue.Number:
		return v
	case jsvalue.Boolean:
		return jsvalue.OfNumber(v.Float())
	case jsvalue.String:
		if f := jsvalue.ParseNumber(v.Str()); strings.TrimSpace(v.Str()) != "" && !math.IsNaN(f) {
			return jsvalue.OfNumber(f)
		}
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Array, jsvalue.Object:
	}
	return jsvalue.OfNull()
}

// words are the parts of a text: it is cut at everything that is no letter and no digit, and before a capital letter that follows a small one.
func words(s string) []string {
	var all []string
	begin, before := -1, ' '
	for i, r := range s {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r)
		if begin >= 0 && (!inside || unicode.IsUpper(r) && !unicode.IsUpper(before)) {
			all = append(all, s[begin:i])
			begin = -1
		}
		if inside && begin < 0 {
			begin = i
		}
		before = r
	}
	if begin >= 0 {
		all = append(all, s[begin:])
	}
	return all
}

func titleCase(s string) string {
	all := words(s)
	for i, word := range all {
		runes := []rune(strings.ToLower(word))
		runes[0] = unicode.ToTitle(runes[0])
		all[i] = string(runes)
	}
	return strings.Join(all, " ")
}
