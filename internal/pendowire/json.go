package pendowire

import (
	"iter"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/jsvalue"
)

// lenient takes what JavaScript takes: repeated names, and escapes that are half of a surrogate pair.
func lenient() []jsontext.Options {
	return []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
}

// members walks the members of a JSON object; none when it is anything else. Values are parts of v; names are valid until the next. Of two members with one
// name the later one comes later, so that it wins, as in JavaScript.
func members(v jsontext.Value) iter.Seq2[[]byte, jsontext.Value] {
	return func(yield func([]byte, jsontext.Value) bool) {
		if v.Kind() != '{' {
			return
		}
		for s := jsvalue.Scan(v); s.Next(); {
			name := s.Key
			if s.Escaped {
				name = unquoted(s.Key)
			}
			if !yield(name, s.Value) {
				return
			}
		}
	}
}

// unquoted is what a name with escapes stands for. Half of a surrogate pair becomes U+FFFD.
func unquoted(name []byte) []byte {
	quoted := append(append(make([]byte, 0, len(name)+len(`""`)), '"'), name...)
	return []byte(text(append(quoted, '"')))
}

// items walks the elements of a JSON array; none when it is anything else.
func items(v jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		if v.Kind() != '[' {
			return
		}
		for s := jsvalue.Scan(v); s.Next(); {
			if !yield(s.Value) {
				return
			}
		}
	}
}

// part is the value that ends at an offset of v, as a part of v: what a decoder returns is valid only until it is used again.
func part(v jsontext.Value, end int64, value jsontext.Value) jsontext.Value {
	return v[int(end)-len(value) : end : end]
}

// text is the value of a JSON string, "" for anything else. Half of a surrogate pair becomes U+FFFD.
func text(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	b, _ := jsontext.AppendUnquote(nil, v) // that something was replaced is its only error: v is valid JSON
	return string(b)
}

// id is the text of an id: a string that is not blank, as it is, or a number in decimal notation. Anything else is no id.
func id(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		if s := text(v); strings.TrimSpace(s) != "" {
			return s
		}
	case '0':
		return decimal(string(v))
	default:
	}
	return ""
}

// decimal writes a JSON number without exponent and without a fraction that is zero, and keeps all digits of what is written as an integer.
func decimal(number string) string {
	if !strings.ContainsAny(number, ".eE") {
		return number
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number // out of range: as it was written
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
