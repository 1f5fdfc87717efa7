package jsvalue

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	surrogateMin    = 0xd800
	surrogateLow    = 0xdc00
	surrogateMax    = 0xdfff
	surrogateBytes  = 3    // of a lone surrogate in our strings
	surrogateLead   = 0xed // first byte of one
	surrogateSecond = 0xa0 // least second byte of one
)

func isSurrogate(r rune) bool { return surrogateMin <= r && r <= surrogateMax }

// unescape decodes what lies between the quotes of a JSON string.
func unescape(raw []byte) string {
	i := bytes.IndexByte(raw, '\\')
	if i < 0 {
		return string(raw)
	}
	out := make([]byte, 0, len(raw))
	for {
		out = append(out, raw[:i]...)
		raw = raw[i:]
		if len(raw) < 2 {
			return string(out)
		}
		r, size := escaped(raw)
		raw = raw[size:]
		if r >= surrogateMin && r < surrogateLow && len(raw) >= 2 && raw[0] == '\\' && raw[1] == 'u' {
			if low, n := escaped(raw); low >= surrogateLow && low <= surrogateMax {
				r, raw = utf16.DecodeRune(r, low), raw[n:]
			}
		}
		out = appendUnit(out, r)
		if i = bytes.IndexByte(raw, '\\'); i < 0 {
			return string(append(out, raw...))
		}
	}
}

// escaped decodes the escape that raw begins with, and says how long it is.
func escaped(raw []byte) (rune, int) {
	const hexEscape = len(`\u0000`)
	switch raw[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		if len(raw) < hexEscape {
			return utf8.RuneError, len(raw)
		}
		var r rune
		for _, c := range raw[2:hexEscape] {
			switch {
			case c >= '0' && c <= '9':
				r = r<<4 | rune(c-'0')
			case c|0x20 >= 'a' && c|0x20 <= 'f':
				r = r<<4 | rune(c|0x20-'a'+10)
			}
		}
		return r, hexEscape
	}
	return rune(raw[1]), 2
}

// appendUnit appends a character, or a lone surrogate as the three bytes that stand for it.
func appendUnit(out []byte, r rune) []byte {
	if isSurrogate(r) {
		return append(out, surrogateLead, byte(0x80|(r>>6)&0x3f), byte(0x80|r&0x3f)) //nolint:gosec // six bits each
	}
	return utf8.AppendRune(out, r)
}

// next decodes the first character, or lone surrogate, of s.
func next(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 && len(s) >= surrogateBytes && s[0] == surrogateLead && s[1] >= surrogateSecond {
		return rune(s[0]&0x0f)<<12 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), surrogateBytes
	}
	return r, size
}

// HasLone tells whether s contains a surrogate without its partner.
func HasLone(s string) bool {
	for i := 0; ; i++ {
		n := strings.IndexByte(s[i:], surrogateLead)
		if n < 0 {
			return false
		}
		i += n
		if i+1 < len(s) && s[i+1] >= surrogateSecond {
			return true
		}
	}
}

// Units gives the UTF-16 code units of s.
func Units(s string) []uint16 {
	out := make([]uint16, 0, len(s))
	for len(s) > 0 {
		r, size := next(s)
		s = s[size:]
		if isSurrogate(r) {
			out = append(out, uint16(r)) //nolint:gosec // a surrogate fits
			continue
		}
		out = utf16.AppendRune(out, r)
	}
	return out
}

// FromUnits is the string of UTF-16 code units.
func FromUnits(units []uint16) string {
	out := make([]byte, 0, len(units))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if r >= surrogateMin && r < surrogateLow && i+1 < len(units) && units[i+1] >= surrogateLow && units[i+1] <= surrogateMax {
			r = utf16.DecodeRune(r, rune(units[i+1]))
			i++
		}
		out = appendUnit(out, r)
	}
	return string(out)
}

// UnitLen is the length of s in UTF-16 code units.
func UnitLen(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, size := next(s[i:])
		i += size
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// Pair makes one character of surrogates that met when strings were put together.
func Pair(s string) string {
	if !HasLone(s) {
		return s
	}
	return FromUnits(Units(s))
}

// Trim is s.trim().
func Trim(s string) string { return strings.TrimFunc(s, isSpace) }

// AppendQuoted appends s as JSON.stringify prints it.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		lone := c == surrogateLead && i+2 < len(s) && s[i+1] >= surrogateSecond
		if c >= ' ' && c != '"' && c != '\\' && !lone {
			continue
		}
		dst = append(dst, s[from:i]...)
		if lone {
			r, size := next(s[i:])
			dst = appendHex(dst, r)
			i += size - 1
		} else {
			dst = appendEscape(dst, c)
		}
		from = i + 1
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendHex(dst, rune(c))
}

func appendHex(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// Contains tells whether part lies in s.
func Contains(s []byte, part string) bool {
	if part == "" {
		return true
	}
	for i := 0; i+len(part) <= len(s); i++ {
		n := bytes.IndexByte(s[i:len(s)-len(part)+1], part[0])
		if n < 0 {
			return false
		}
		if i += n; string(s[i:i+len(part)]) == part {
			return true
		}
	}
	return false
}
