package jsvalue

import (
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

// anyIs tells, by not being 0, that some byte of w is the one that pattern repeats. Its lowest bit is right; others may not be.
func anyIs(w, pattern uint64) uint64 {
	x := w ^ pattern
	return (x - ones) &^ x & highs
}

// allThatAre is the mask of the bytes of w that are the one that pattern repeats.
func allThatAre(w, pattern uint64) uint64 {
	x := w ^ pattern
	return ^((x&^highs + ^uint64(highs)) | x | ^uint64(highs))
}

// space returns the first index from i on that is not JSON white space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
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

// nesting is where a walk through a container stands.
type nesting struct {
	depth   int
	inside  uint64 // highs while in a string
	escaped bool   // the next byte follows a backslash
}

// skipContainer returns the index after the container that begins at b[i]; len(b) when it does not end. Whole words are taken without a
// branch for each byte: what branches cost, more than anything, is to be guessed wrong.
func skipContainer(b []byte, i int) int {
	const open, closed, lower = ones * '{', ones * '}', ones * ('{' ^ '[')
	const alike, both = lower | ones*('{'^'}'), ones * ('{' | '}') // the four marks, and few other bytes, become one
	var n nesting
	end := 0
	for ; i+word <= len(b); i += word {
		w := binary.LittleEndian.Uint64(b[i:])
		if n.escaped || anyIs(w, slashes) != 0 {
			if n, end = n.bytes(b[i : i+word]); end > 0 {
				return i + end
			}
			continue
		}
		q := allThatAre(w, quotes)
		if anyIs(w|alike, both) == 0 { // none of the marks, as in most words: only how many quotes there are matters
			n.inside ^= -uint64(bits.OnesCount64(q)&1) & highs
			continue
		}
		q ^= q << 8
		q ^= q << 16
		q ^= q << 32
		outside := ^(q ^ n.inside)
		opens, closes := allThatAre(w|lower, open)&outside, allThatAre(w|lower, closed)&outside
		if closes != 0 && n.depth <= bits.OnesCount64(closes) {
			if n.depth, end = marks(n.depth, opens, closes); end > 0 {
				return i + end
			}
		} else {
			n.depth += bits.OnesCount64(opens) - bits.OnesCount64(closes)
		}
		n.inside ^= q >> 63 * highs
	}
	if _, end = n.bytes(b[i:]); end > 0 {
		return i + end
	}
	return len(b)
}

// marks follows the opening and closing marks of a word; end lies after the one that ends the container, or is 0.
func marks(depth int, opens, closes uint64) (deep, end int) {
	for all := opens | closes; all != 0; all &= all - 1 {
		if opens&(all&-all) != 0 {
			depth++
			continue
		}
		if depth--; depth == 0 {
			return 0, bits.TrailingZeros64(all)/word + 1
		}
	}
	return depth, 0
}

// bytes does byte by byte what skipContainer does with a word; end lies after the end of the container, or is 0.
func (n nesting) bytes(b []byte) (after nesting, end int) {
	for i, c := range b {
		switch {
		case n.escaped:
			n.escaped = false
		case c == '"':
			n.inside ^= highs
		case n.inside != 0:
			n.escaped = c == '\\'
		case c == '{' || c == '[':
			n.depth++
		case c == '}' || c == ']':
			if n.depth--; n.depth == 0 {
				return n, i + 1
			}
		}
	}
	return n, 0
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
