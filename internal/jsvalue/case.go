package jsvalue

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Upper is s.toUpperCase(): in no language, with Unicode's special cases. Lone surrogates stay.
func Upper(s string) string {
	return convert(s, func(b *strings.Builder, r rune, _ int) {
		if special, ok := specialUpper[r]; ok {
			b.WriteString(special)
			return
		}
		b.WriteRune(unicode.ToUpper(r))
	})
}

// Lower is s.toLowerCase(): in no language, with Unicode's special cases. Lone surrogates stay.
func Lower(s string) string {
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

// convert writes each character of s, which stands at the byte at, anew.
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

// FoldUnit maps a UTF-16 code unit as a regular expression that ignores case does: to upper case, where that is one unit, and not from beyond ASCII into it.
func FoldUnit(c uint16) uint16 {
	const beyondASCII, beyondUnit = 0x80, 0x10000
	r := rune(c)
	if _, several := specialUpper[r]; several || utf16.IsSurrogate(r) {
		return c
	}
	u := unicode.ToUpper(r)
	if u >= beyondUnit || (r >= beyondASCII && u < beyondASCII) {
		return c
	}
	return uint16(u) //nolint:gosec // below beyondUnit
}
