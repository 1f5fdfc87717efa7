package jsvalue

import (
	"math"
	"strconv"
	"strings"
)

// AppendNumber appends f as String(f) prints it: the shortest digits that read back as f; plain decimals while the exponent of
// d.ddd×10^e lies between -7 and 21.
func AppendNumber(dst []byte, f float64) []byte {
	const plainFrom, plainTo, exact = -7, 21, 1 << 53
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0:
		return append(dst, '0')
	case f == math.Trunc(f) && math.Abs(f) < exact:
		return strconv.AppendInt(dst, int64(f), 10)
	}
	var buf [32]byte
	e := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	mark := len(e) - 1
	for e[mark] != 'e' {
		mark--
	}
	exponent, _ := strconv.Atoi(string(e[mark+1:]))
	if exponent > plainFrom && exponent < plainTo {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = append(dst, e[:mark+1]...)
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exponent), 10)
}

// FormatNumber is String(f).
func FormatNumber(f float64) string { return string(AppendNumber(nil, f)) }

// parseJSONNumber reads a number of a JSON text; one that is too large is infinite.
func parseJSONNumber(raw []byte) float64 {
	const quick = 15 // digits that a double holds exactly
	if n := len(raw); n > 0 && n <= quick {
		v, ok := int64(0), true
		for _, c := range raw {
			if c < '0' || c > '9' {
				ok = false
				break
			}
			v = v*10 + int64(c-'0')
		}
		if ok {
			return float64(v)
		}
	}
	f, _ := strconv.ParseFloat(string(raw), 64) // out of range gives infinity, which is meant
	return f
}

// isSpace tells what Number() trims: JavaScript's white space and line ends.
func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff:
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}

// ParseNumber is Number(s); NaN when s is not a number.
func ParseNumber(s string) float64 {
	s = strings.TrimFunc(s, isSpace)
	if s == "" {
		return 0
	}
	if len(s) > 2 && s[0] == '0' {
		if base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]; base != 0 {
			return parseRadix(s[2:], base)
		}
	}
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 {
		return math.NaN()
	}
	if digits == "Infinity" {
		if s[0] == '-' {
			return math.Inf(-1)
		}
		return math.Inf(1)
	}
	if !isDecimal(digits) {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives infinity, which is meant
	return f
}

func parseRadix(s string, base int) float64 {
	f := 0.0
	for _, c := range []byte(s) {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if c < '0' || d < 0 || d >= base || (c <= '9') != (d < 10) {
			return math.NaN()
		}
		f = f*float64(base) + float64(d)
	}
	return f
}

// isDecimal tells whether s is digits with at most one point and at most one exponent.
func isDecimal(s string) bool {
	mantissa, exponent, hasExponent := s, "", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, hasExponent = s[:i], s[i+1:], true
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return false
	}
	if !hasExponent {
		return true
	}
	if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
		exponent = exponent[1:]
	}
	return exponent != "" && strings.Trim(exponent, "0123456789") == ""
}
