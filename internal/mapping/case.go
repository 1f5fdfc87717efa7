package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"penstock/internal/jsvalue"
)

// letterCase is @case.
type letterCase struct {
	value    node
	operator string
}

func (c *compiler) letterCase(options jsvalue.Value) node {
	operator, value := option(options, "operator"), option(options, "value")
	switch {
	case options.Kind() != jsvalue.Object:
		return failing{fail(`@case requires an object with a "operator" key`)}
	case !operator.Truthy():
		return failing{fail(`@case requires a "operator" key`)}
	case !value.Truthy():
		return literal{}
	}
	return letterCase{c.node(value), operator.Text()}
}

func (n letterCase) resolve(s *scope) (jsvalue.Value, error) {
	v, err := n.value.resolve(s)
	if err != nil || v.Kind() != jsvalue.String {
		return v, err
	}
	switch n.operator {
	case "lower":
		return jsvalue.OfString(lower(v.Str())), nil
	case "upper":
		return jsvalue.OfString(upper(v.Str())), nil
	}
	return jsvalue.Value{}, fail(`operator key should have a value of "lower" or "upper"`)
}

// upper is s in upper case, in no language, with Unicode's special cases.
func upper(s string) string {
	return convert(s, func(b *strings.Builder, r rune, _ int) {
		if special, ok := specialUpper[r]; ok {
			b.WriteString(special)
			return
		}
		b.WriteRune(unicode.ToUpper(r))
	})
}

// lower is s in lower case, in no language, with Unicode's special cases.
func lower(s string) string {
	const dotted, sigma, finalSigma = 'İ', 'Σ', 'ς'
	return convert(s, func(b *strings.Builder, r rune, at int) {
		switch {
		case r == dotted:
			b.WriteString("i\u0307")
		case r == sigma && endsWord(s, at, at+utf8.RuneLen(sigma)):
			b.WriteRune(finalSigma)
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	})
}

// convert writes each character of s, which stands at the byte at, anew. Lone surrogates stay.
func convert(s string, write func(b *strings.Builder, r rune, at int)) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b.WriteByte(s[i])
		} else {
			write(&b, r, i)
		}
		i += size
	}
	return b.String()
}

// endsWord is the condition of the final sigma between from and to: a letter before it, and none after it, characters without case not counted.
func endsWord(s string, from, to int) bool {
	before, after := false, false
	for rest := s[:from]; rest != ""; {
		r, size := utf8.DecodeLastRuneInString(rest)
		if rest = rest[:len(rest)-size]; !caseIgnorable(r) {
			before = cased(r)
			break
		}
	}
	for _, r := range s[to:] {
		if !caseIgnorable(r) {
			after = cased(r)
			break
		}
	}
	return before && !after
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	return strings.ContainsRune("'.:^`¨\u00ad·\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a", r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
