package jsvalue

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Eight bytes of a text are looked at in one step, as a word; masks have the high bit of each byte that they are about.
const (
	word    = 8
	ones    = 0x0101010101010101
	highs   = ones << 7
	quotes  = ones * '"'
	slashes = ones * '\\'
)

//nolint:gochecknoglobals // a constant
var quote = []byte{'"'}

// anyIs tells, by not being 0, that some byte of w is the one that pattern repeats. Its lowest bit is right; others may not be.
func anyIs(w, pattern uint64) uint64 {
	x := w ^ pattern
	return (x - ones) &^ x & highs
}

// space returns the first index from i on that is not white space; in valid JSON no other character stands before it in the order of ASCII.
func space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	return i
}

// special returns the first index from i on of a quote or a backslash; len(b) when there is none.
func special(b []byte, i int) int {
	for ; i+word <= len(b); i += word {
		w := binary.LittleEndian.Uint64(b[i:])
		if hit := anyIs(w, quotes) | anyIs(w, slashes); hit != 0 {
			return i + bits.TrailingZeros64(hit)/word
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at b[i], a quote, or len(b) when it does not end; and whether it holds escapes.
func skipString(b []byte, i int) (end int, escapes bool) {
	for i++; ; {
		if i = special(b, i); i >= len(b) {
			return len(b), escapes
		}
		if b[i] == '"' {
			return i + 1, escapes
		}
		escapes = true
		i = min(i+2, len(b))
	}
}

// skip returns the index after the value that begins at b[i]; len(b) when it does not end.
func skip(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		end, _ := skipString(b, i)
		return end
	case '{', '[':
		return skipContainer(b, i)
	default:
		for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
			i++
		}
		return i
	}
}

// skipContainer returns the index after the container that begins at b[i]; len(b) when it does not end. It jumps from one closing mark of the container's own kind to the
// next with the searches of package bytes, which look at many bytes in one step; what lies between is only counted.
func skipContainer(b []byte, i int) int {
	open, closed := b[i], b[i]+2 // { and }, or [ and ]
	for at, depth := i+1, 1; ; {
		n := bytes.IndexByte(b[at:], closed)
		if n < 0 {
			return len(b)
		}
		between := b[at : at+n]
		if bytes.IndexByte(between, '\\') >= 0 {
			return skipEscaped(b, at, open, depth)
		}
		opened, inside := opens(between, open)
		depth += opened
		if at += n; inside {
			if at, _ = skipString(b, at); at >= len(b) {
				return len(b)
			}
			continue
		}
		if at++; depth == 1 {
			return at
		}
		depth--
	}
}

// opens counts the opening marks in a text without backslashes that begins outside of strings, and tells whether it ends inside of one.
func opens(text []byte, open byte) (n int, inside bool) {
	for {
		to := bytes.IndexByte(text, open)
		if to < 0 {
			return n, oddQuotes(text)
		}
		if oddQuotes(text[:to]) { // the mark is part of a string, which ends with the next quote
			end := bytes.IndexByte(text[to:], '"')
			if end < 0 {
				return n, true
			}
			to += end
		} else {
			n++
		}
		text = text[to+1:]
	}
}

func oddQuotes(text []byte) bool { return bytes.Count(text, quote)&1 != 0 }

// skipEscaped goes on byte by byte where a container has strings with escapes: from b[at], outside of strings, at that depth.
func skipEscaped(b []byte, at int, open byte, depth int) int {
	for at < len(b) {
		switch b[at] {
		case '"':
			at, _ = skipString(b, at)
			continue
		case open:
			depth++
		case open + 2:
			if depth--; depth == 0 {
				return at + 1
			}
		}
		at++
	}
	return len(b)
}

// Scanner walks the members of an object, or the elements of an array, in the order of the text, without allocating.
//
//	for s := jsvalue.Scan(raw); s.Next(); {
//		use(s.Key, s.Value)
//	}
type Scanner struct {
	Key     []byte // between its quotes, as it is written; nil in an array
	Escaped bool   // the key holds escapes
	Value   []byte // its text, without white space around it

	text   []byte
	at     int
	object bool
}

// Scan begins at the container raw; when raw is no container, there is nothing to walk.
func Scan(raw []byte) Scanner {
	i := space(raw, 0)
	if i >= len(raw) || (raw[i] != '{' && raw[i] != '[') {
		return Scanner{}
	}
	return Scanner{text: raw, at: i + 1, object: raw[i] == '{'}
}

// Next moves on, and tells whether there was something to move to.
func (s *Scanner) Next() bool {
	b := s.text
	i := space(b, s.at)
	if i < len(b) && b[i] == ',' {
		i = space(b, i+1)
	}
	if i >= len(b) || b[i] == '}' || b[i] == ']' {
		return false
	}
	if s.object {
		if i = s.key(i); i < 0 {
			return false
		}
	}
	end := skip(b, i)
	if end == i {
		return false
	}
	s.Value = b[i:end:end]
	s.at = end
	return true
}

// key reads the key that begins at i, and gives the index of its value; -1: there is none.
func (s *Scanner) key(i int) int {
	b := s.text
	if b[i] != '"' {
		return -1
	}
	end, escapes := skipString(b, i)
	s.Key, s.Escaped = b[i+1:max(i+1, end-1)], escapes
	if i = space(b, end); i >= len(b) || b[i] != ':' {
		return -1
	}
	return space(b, i+1)
}

// KeyIs tells whether the key of the member that the scanner stands at is name.
func (s *Scanner) KeyIs(name string) bool {
	if s.Escaped {
		return unescape(s.Key) == name
	}
	return string(s.Key) == name
}

// member finds the member of the object raw that counts: of several with one name, the last.
func member(raw []byte, name string) []byte {
	var found []byte
	for s := Scan(raw); s.Next(); {
		if s.KeyIs(name) {
			found = s.Value
		}
	}
	return found
}

// Dig goes down the path through the objects of a text, as Walk does, without a Value for each. When it comes to something else than an object on the way, it
// does not know (false).
func Dig(raw []byte, p Path) (found []byte, ok bool) {
	for _, k := range p {
		if len(raw) == 0 {
			return nil, true
		}
		if raw[0] != '{' {
			return nil, false
		}
		raw = member(raw, k.Name)
	}
	return raw, true
}

// element finds the element of the array raw at index.
func element(raw []byte, index int) []byte {
	s := Scan(raw)
	for ; s.Next(); index-- {
		if index == 0 {
			return s.Value
		}
	}
	return nil
}
