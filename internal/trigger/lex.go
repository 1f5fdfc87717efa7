package trigger

import (
	"unicode/utf16"

	"penstock/internal/jsvalue"
)

// UnitsMax is the longest text, and the longest single token, that is read, in UTF-16 code units.
const UnitsMax = 100_000

type kind uint8

const (
	kindIdentifier kind = iota
	kindOperator
	kindConditional
	kindNumber
	kindString
	kindNull
	kindDot
	kindComma
	kindBracket // [ or ]
	kindOpen    // (
	kindClose   // )
	kindEnd
)

// token is a piece of the text; text is what the parser compares and what becomes of it as a value: quotes included, escapes taken away.
type token struct {
	kind kind
	text string
	pos  int // in UTF-16 code units, from 0
	flaw flaw
}

// flaw is something about the spelling of a token that is easily misread.
type flaw uint8

const (
	flawEscape flaw = 1 << iota // a backslash before a dot or a bracket, which protects nothing
	flawRunsOn                  // a string whose closing quote opens the next one
	flawCut                     // characters that the end of the input swallowed
)

// lexer cuts a text into tokens. Positions and characters are UTF-16 code units.
type lexer struct {
	in  []uint16
	at  int
	out []token
}

const none = 0xffff // at the end of the input; not a character

func (l *lexer) peek() uint16 {
	if l.atEnd() {
		return none
	}
	return l.in[l.at]
}

func isAlpha(c uint16) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' && c < 0x80 }
func isDigit(c uint16) bool { return c >= '0' && c <= '9' }

func (l *lexer) atEnd() bool { return l.at >= len(l.in) }

// terminates tells whether the next character ends a token.
func (l *lexer) terminates() bool {
	if l.atEnd() {
		return true
	}
	switch l.in[l.at] {
	case ' ', '\t', '\n', ',', ']', ')':
		return true
	}
	return false
}

// accept consumes word when a terminator follows it. When the input ends before that is known, what was consumed stays consumed.
func (l *lexer) accept(word string) bool {
	start := l.at
	same := true
	for i := range len(word) {
		if l.atEnd() {
			return false
		}
		stop := l.terminates()
		same = same && l.in[l.at] == uint16(word[i])
		l.at++
		if stop {
			same = same && i == len(word)-1
			break
		}
	}
	if same && l.terminates() {
		return true
	}
	l.at = start
	return false
}

func (l *lexer) emit(k kind, pos int) {
	l.emitText(k, pos, jsvalue.FromUnits(l.in[pos:l.at]))
}

func (l *lexer) emitText(k kind, pos int, text string) {
	l.out = append(l.out, token{kind: k, text: text, pos: pos})
}

// mark notes a flaw of the last token.
func (l *lexer) mark(f flaw) { l.out[len(l.out)-1].flaw |= f }

// lex cuts text into tokens, the last being kindEnd.
func lex(text string) ([]token, error) {
	l := &lexer{in: jsvalue.Units(text)}
	if len(l.in) > UnitsMax {
		return nil, &Error{Pos: UnitsMax, Expected: "the end", Message: "the trigger is longer than 100000 characters"}
	}
	for !l.atEnd() {
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	l.emitText(kindEnd, len(l.in), endText)
	return fold(l.out), nil
}

func (l *lexer) next() error {
	pos, c := l.at, l.in[l.at]
	l.at++
	switch {
	case c == ' ' || c == '\t' || c == '\n':
	case c == '!' && (isAlpha(l.peek()) || l.peek() == '('):
		l.emit(kindOperator, pos)
	case c == '=':
		l.emit(kindOperator, pos)
	case c == '!':
		if !l.accept("=") {
			return l.unexpected(pos, "`!= ` with a space after it, or `!` before a function", "a lone `!`, or a `!=` without a space after it, is not read")
		}
		l.emitText(kindOperator, pos, "!=")
	case c == '<' || c == '>':
		text := string(rune(c))
		if l.accept("=") {
			text += "="
		}
		l.emitText(kindOperator, pos, text)
	case c == 'a' && l.accept("nd"):
		l.emitText(kindConditional, pos, "and")
	case c == 'o' && l.accept("r"):
		l.emitText(kindConditional, pos, "or")
	case c == 'n' && l.accept("ull"):
		l.emitText(kindNull, pos, "null")
	case isAlpha(c) || c == '_' || c == '\\':
		return l.identifier(pos)
	case isDigit(c) || c == '-' || c == '+':
		return l.number(pos)
	case c == '"' || c == '\'':
		return l.quoted(pos, c)
	default:
		return l.punctuation(pos, c)
	}
	return nil
}

func (l *lexer) punctuation(pos int, c uint16) error {
	switch c {
	case '.':
		l.emit(kindDot, pos)
	case ',':
		l.emit(kindComma, pos)
	case '[', ']':
		l.emit(kindBracket, pos)
	case '(':
		l.emit(kindOpen, pos)
	case ')':
		l.emit(kindClose, pos)
	case '&', '|':
		return l.unexpected(pos, "`and` or `or`", "the character "+quoteUnit(c)+" has no meaning here")
	case '“', '”', '„', '‘', '’', '«', '»':
		return l.unexpected(pos, "a straight double quote, `\"`", "the character "+quoteUnit(c)+" is a typographic quote")
	default:
		return l.unexpected(pos, "a field, a value, an operator or a parenthesis", "the character "+quoteUnit(c)+" has no meaning here")
	}
	return nil
}

// identifier reads on after the first character, which lies at pos. (At the very end of the input accept may have consumed more; it is not part of it.)
func (l *lexer) identifier(pos int) error {
	units := make([]uint16, 0, 16)
	first := l.in[pos]
	var flaws flaw
	if l.at > pos+1 {
		flaws |= flawCut
	}
	if first == '\\' {
		if l.atEnd() {
			return l.unexpected(l.at, "a character after `\\`", "a backslash at the end escapes nothing")
		}
		first = l.in[l.at]
		l.at++
		flaws |= escapeFlaw(first)
	}
	units = append(units, first)
	for !l.atEnd() {
		c := l.in[l.at]
		if !isAlpha(c) && !isDigit(c) && c != '_' && c != '-' && c != '\\' {
			break
		}
		l.at++
		if c == '\\' {
			if l.atEnd() {
				return l.unexpected(l.at, "a character after `\\`", "a backslash at the end escapes nothing")
			}
			c = l.in[l.at]
			l.at++
			flaws |= escapeFlaw(c)
		}
		units = append(units, c)
	}
	if c := l.peek(); !l.terminates() && c != '.' && c != '(' && c != '=' && c != '!' {
		return l.unexpected(l.at, "a space, `.`, `(`, `=` or `!` after the name", "the character "+quoteUnit(c)+" cannot follow a name; put a space before an operator, and a backslash before a character that belongs to the name")
	}
	l.emitText(kindIdentifier, pos, jsvalue.FromUnits(units))
	l.mark(flaws)
	return nil
}

// escapeFlaw is the flaw of a backslash before c.
func escapeFlaw(c uint16) flaw {
	if c == '.' || c == '[' || c == ']' {
		return flawEscape
	}
	return 0
}

func (l *lexer) number(pos int) error {
	point := false
	for !l.atEnd() {
		c := l.in[l.at]
		if c != '.' && !isDigit(c) {
			break
		}
		l.at++
		if c != '.' {
			continue
		}
		if point || l.terminates() {
			return l.unexpected(l.at-1, "digits with at most one point among them", "the number is not complete")
		}
		point = true
	}
	l.emit(kindNumber, pos)
	return nil
}

// quoted reads a string. Its closing quote is consumed only when a terminator follows; else it opens another string.
func (l *lexer) quoted(pos int, q uint16) error {
	for !l.atEnd() && l.in[l.at] != q {
		l.at++
	}
	if l.atEnd() {
		return l.unexpected(pos, "a closing "+quoteUnit(q), "the string that begins here does not end")
	}
	body := l.in[pos : l.at+1]
	closed := l.accept(string(rune(q)))
	l.emitText(kindString, pos, jsvalue.FromUnits(body))
	if !closed {
		l.mark(flawRunsOn)
	}
	return nil
}

func (l *lexer) unexpected(pos int, expected, message string) error {
	return &Error{Pos: pos, Expected: expected, Message: message}
}

func quoteUnit(c uint16) string {
	if utf16.IsSurrogate(rune(c)) {
		return "(outside the basic plane)"
	}
	return "`" + string(rune(c)) + "`"
}

// fold makes one identifier of identifiers joined by dots.
func fold(in []token) []token {
	out := in[:0]
	for i := 0; i < len(in); i++ {
		t := in[i]
		if t.kind == kindIdentifier {
			text := []byte(t.text)
			for i+2 < len(in) && in[i+1].kind == kindDot && in[i+2].kind == kindIdentifier {
				text = append(append(text, '.'), in[i+2].text...)
				t.flaw |= in[i+2].flaw
				i += 2
			}
			t.text = string(text)
		}
		out = append(out, t)
	}
	return out
}
