package fql

import (
	"fmt"
	"slices"
	"strings"

	"penstock/internal/jsvalue"
)

// All is the statement that every event meets.
const All = "all"

// Statement is a statement, compiled. It is safe for concurrent use.
type Statement struct {
	text string
	root node
}

// String is the statement as it was written.
func (s *Statement) String() string { return s.text }

// Parse reads a statement. Its error is an *Error.
func Parse(text string) (*Statement, error) {
	if strings.TrimSpace(text) == All {
		return &Statement{text: text, root: literal{jsvalue.OfBool(true)}}, nil
	}
	if len(text) > BytesMax {
		return nil, &Error{Message: fmt.Sprintf("the statement has %d bytes; at most %d are read", len(text), BytesMax)}
	}
	p := &parser{lexer: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == kindEnd {
		return nil, p.fail(`the statement is empty; write a condition, such as type = "track", or ` + All)
	}
	root, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.token.kind != kindEnd {
		return nil, p.fail("want `and`, `or` or the end, got " + p.token.shown())
	}
	return &Statement{text: text, root: root}, nil
}

func (t *token) shown() string {
	switch t.kind {
	case kindEnd:
		return "the end"
	case kindString:
		return fmt.Sprintf("the string %q", t.text)
	case kindWord, kindNumber, kindSign:
	}
	return t.text
}

// parser is a parser by recursive descent, one token ahead.
type parser struct {
	lexer lexer
	token token
}

func (p *parser) advance() (err error) {
	p.token, err = p.lexer.next()
	return err
}

func (p *parser) fail(message string) error { return &Error{Pos: p.token.pos, Message: message} }

func (p *parser) is(kind kind, text string) bool { return p.token.kind == kind && p.token.text == text }

// expect takes a sign.
func (p *parser) expect(sign string) error {
	if !p.is(kindSign, sign) {
		return p.fail(fmt.Sprintf("want %s, got %s", sign, p.token.shown()))
	}
	return p.advance()
}

func (p *parser) or(level int) (node, error) { return p.chain("or", level, p.and) }

func (p *parser) and(level int) (node, error) { return p.chain("and", level, p.not) }

// chain reads operands that a word joins.
func (p *parser) chain(word string, level int, operand func(int) (node, error)) (node, error) {
	first, err := operand(level)
	if err != nil || !p.is(kindWord, word) {
		return first, err
	}
	all := []node{first}
	for p.is(kindWord, word) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := operand(level)
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return logic{all: word == "and", operands: all}, nil
}

func (p *parser) not(level int) (node, error) {
	if !p.is(kindSign, "!") {
		return p.comparison(level)
	}
	if level == levelsMax {
		return nil, p.fail(fmt.Sprintf("it nests deeper than %d levels", levelsMax))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	operand, err := p.not(level + 1)
	return not{operand}, err
}

func (p *parser) comparison(level int) (node, error) {
	left, err := p.operand(level)
	if err != nil {
		return nil, err
	}
	if p.is(kindWord, "in") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		list, err := p.list(level)
		return in{left, list}, err
	}
	sign := p.token.text
	if p.token.kind != kindSign || !slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, sign) {
		return left, nil
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := p.operand(level)
	return compare{sign, left, right}, err
}

// list is what stands behind `in`: values in parentheses or brackets, or a path to an array.
func (p *parser) list(level int) (node, error) {
	switch {
	case p.is(kindSign, "("):
		items, err := p.items(")", level)
		return array{items}, err
	case p.is(kindSign, "["), p.token.kind == kindWord:
		return p.operand(level)
	}
	return nil, p.fail(`want a list, such as ("US", "CA"), got ` + p.token.shown())
}

// items reads values up to a closing bracket; the opening one is the present token.
func (p *parser) items(closing string, level int) ([]node, error) {
	if level >= levelsMax {
		return nil, p.fail(fmt.Sprintf("it nests deeper than %d levels", levelsMax))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var all []node
	for !p.is(kindSign, closing) {
		if len(all) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		item, err := p.or(level + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, p.advance()
}

func (p *parser) operand(level int) (node, error) {
	t := p.token
	switch {
	case t.kind == kindString:
		return literal{jsvalue.OfString(t.text)}, p.advance()
	case t.kind == kindNumber:
		if v, ok := jsvalue.DecodeText(t.text); ok && v.Kind() == jsvalue.Number {
			return literal{v}, p.advance()
		}
		return nil, p.fail(t.text + " is not a number; put a string into quotes")
	case t.kind == kindWord:
		return p.word(level)
	case p.is(kindSign, "["):
		items, err := p.items("]", level)
		return array{items}, err
	case p.is(kindSign, "("):
		if level == levelsMax {
			return nil, p.fail(fmt.Sprintf("it nests deeper than %d levels", levelsMax))
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		inner, err := p.or(level + 1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	return nil, p.fail("want a field, a value or a function, got " + t.shown())
}

// word is a keyword, a call, or a path.
func (p *parser) word(level int) (node, error) {
	t := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.is(kindSign, "(") {
		return p.call(t, level)
	}
	switch t.text {
	case "true", "false":
		return literal{jsvalue.OfBool(t.text == "true")}, nil
	case "null":
		return literal{jsvalue.OfNull()}, nil
	case "and", "or", "in":
		return nil, &Error{Pos: t.pos, Message: "want a field, a value or a function, got " + t.text}
	}
	f := field{path: make(jsvalue.Path, len(t.parts))}
	for i, part := range t.parts {
		f.path[i] = jsvalue.NewKey(part)
	}
	return f, nil
}

func (p *parser) call(name token, level int) (node, error) {
	f, known := functionNamed(name.text)
	if !known {
		return nil, &Error{Pos: name.pos, Message: fmt.Sprintf("there is no function %s; there are contains, match, length, lowercase, uppercase, snakecase, kebabcase, titlecase, typeof, bool, string and number", name.text)}
	}
	args, err := p.items(")", level)
	if err != nil {
		return nil, err
	}
	if len(args) != f.args {
		return nil, &Error{Pos: name.pos, Message: fmt.Sprintf("%s takes %d values, and is given %d", name.text, f.args, len(args))}
	}
	return call{f, args}, nil
}
