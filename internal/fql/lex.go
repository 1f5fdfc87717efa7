package fql

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a statement.
const (
	BytesMax  = 10_000
	levelsMax = 200 // of parentheses, lists, negations and calls
)

// Error is a mistake in a statement.
type Error struct {
	Pos     int // in bytes, from 0
	Message string
}

// Error says what is wrong, and where.
func (e *Error) Error() string { return fmt.Sprintf("character %d: %s", e.Pos+1, e.Message) }

type kind uint8

const (
	kindEnd    kind = iota
	kindWord        // a path, a function's name or a keyword
	kindString      // its text without quotes and escapes
	kindNumber      // as it is written
	kindSign        // an operator or a bracket
)

type token struct {
	kind  kind
	text  string
	parts []string // of a word: the names between its dots
	pos   int
}

// lexer cuts a statement into tokens.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() (token, error) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	if l.at == len(l.text) {
		return token{pos: l.at}, nil
	}
	switch c := l.text[l.at]; {
	case c == '"' || c == '\'':
		return l.quoted(c)
	case isDigit(c) || c == '-' && l.at+1 < len(l.text) && isDigit(l.text[l.at+1]):
		return l.number(), nil
	case isWordByte(c) || c == '\\':
		return l.word()
	}
	for _, sign := range [...]string{"!=", ">=", "<=", "=", "!", ">", "<", "(", ")", "[", "]", ","} {
		if strings.HasPrefix(l.text[l.at:], sign) {
			l.at += len(sign)
			return token{kind: kindSign, text: sign, pos: l.at - len(sign)}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(l.text[l.at:])
	return token{}, &Error{Pos: l.at, Message: fmt.Sprintf("%q cannot stand here; in the name of a field, write a backslash before it", r)}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_' || c == '-' || c == '$'
}

// quoted reads a string. A backslash takes the next character as it is, but for n, r and t.
func (l *lexer) quoted(quote byte) (token, error) {
	t := token{kind: kindString, pos: l.at}
	var b strings.Builder
	for l.at++; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		switch {
		case c == quote:
			l.at++
			t.text = b.String()
			return t, nil
		case c == '\\' && l.at+1 < len(l.text):
			l.at++
			if i := strings.IndexByte("nrt", l.text[l.at]); i >= 0 {
				c = "\n\r\t"[i]
			} else {
				c = l.text[l.at]
			}
		}
		b.WriteByte(c)
	}
	return token{}, &Error{Pos: t.pos, Message: "the string does not end; put a quote behind it"}
}

func (l *lexer) number() token {
	t := token{kind: kindNumber, pos: l.at}
	for l.at++; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		exponent := (c == '-' || c == '+') && (l.text[l.at-1] == 'e' || l.text[l.at-1] == 'E')
		if !isDigit(c) && c != '.' && c != 'e' && c != 'E' && !exponent {
			break
		}
	}
	t.text = l.text[t.pos:l.at]
	return t
}

// word reads a path. A backslash takes the next character into a name as it is.
func (l *lexer) word() (token, error) {
	t := token{kind: kindWord, pos: l.at}
	var name strings.Builder
	for ; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		switch {
		case c == '.':
			t.parts = append(t.parts, name.String())
			name.Reset()
			continue
		case c == '\\':
			if l.at++; l.at == len(l.text) {
				return token{}, &Error{Pos: l.at - 1, Message: "the backslash has nothing behind it to take as it is"}
			}
			_, size := utf8.DecodeRuneInString(l.text[l.at:])
			name.WriteString(l.text[l.at : l.at+size])
			l.at += size - 1
			continue
		case !isWordByte(c):
		default:
			name.WriteByte(c)
			continue
		}
		break
	}
	t.parts = append(t.parts, name.String())
	t.text = l.text[t.pos:l.at]
	if slices.Contains(t.parts, "") {
		return token{}, &Error{Pos: t.pos, Message: fmt.Sprintf("the path %s has a dot too many", t.text)}
	}
	return t, nil
}
