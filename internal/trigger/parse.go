package trigger

import (
	"slices"
	"strings"

	"penstock/internal/jsvalue"
)

// parser reads tokens very loosely: what it does not know, it passes over. That is the language.
type parser struct {
	tokens []token
	at     int
	end    int        // position after the text, for errors
	notes  *[]Warning // what is easily misread; shared by all levels
	inner  bool       // between parentheses
}

func (p *parser) more() bool { return p.at < len(p.tokens) }

// take is the next token, whatever it is; false when there is none.
func (p *parser) take() (token, bool) {
	if !p.more() {
		return token{pos: p.end}, false
	}
	p.at++
	return p.tokens[p.at-1], true
}

// endText is what the end of a level is when it is taken for an operator or a value.
const endText = "eos"

// parse reads one level. Its nodes become a group when there are several; nil: there is none.
func (p *parser) parse() (*Node, error) {
	l := level{parser: p, operator: "and"}
	start := p.end
	if p.more() {
		start = p.tokens[p.at].pos
	}
	for p.more() {
		t, _ := p.take()
		if t.kind == kindEnd {
			break
		}
		if t.kind == kindConditional {
			l.join(t)
			continue
		}
		found, known, err := p.item(t)
		if err != nil {
			return nil, err
		}
		l.add(t, found, known)
	}
	l.finish()
	switch len(l.nodes) {
	case 0:
		return nil, nil //nolint:nilnil // an empty level is no error by itself: beside others it is a hole
	case 1:
		return l.nodes[0], nil
	}
	return &Node{Type: TypeGroup, Operator: l.operator, Children: l.nodes, pos: start}, nil
}

// item reads what begins with t: the nodes that it comes to, and whether it is known at all; what is not known is passed over.
func (p *parser) item(t token) (nodes []*Node, known bool, err error) {
	switch t.kind {
	case kindIdentifier:
		return p.identifier(t)
	case kindOperator:
		if next := p.at; t.text == "!" && next < len(p.tokens) && isFunction(p.tokens[next]) {
			p.at++
			nodes, err = p.function(p.tokens[next], true)
			return nodes, true, err
		}
	case kindOpen:
		nodes, err = p.parentheses(t)
		return nodes, true, err
	case kindConditional, kindNumber, kindString, kindNull, kindDot, kindComma, kindBracket, kindClose, kindEnd:
	}
	return nil, false, nil
}

// parentheses reads the tokens up to the first closing parenthesis as a level of its own.
func (p *parser) parentheses(open token) ([]*Node, error) {
	for i, t := range p.tokens[p.at:] {
		if t.kind != kindClose {
			continue
		}
		level := slices.Clone(p.tokens[p.at : p.at+i])
		inner := &parser{tokens: append(level, token{kind: kindEnd, text: endText, pos: t.pos}), end: t.pos, notes: p.notes, inner: true}
		p.at += i + 1
		p.noteEnd(level, t)
		node, err := inner.parse()
		if err == nil && node == nil {
			p.noteHole(open)
		}
		return []*Node{node}, err
	}
	return nil, &Error{
		Pos: open.pos, Expected: "a closing `)`",
		Message: "the parenthesis that opens here is not closed (parentheses cannot be nested, and a function's own `)` ends them)",
	}
}

func isFunction(t token) bool {
	return t.kind == kindIdentifier && (t.text == "contains" || t.text == "match")
}

// inherited are names that JavaScript finds in any object; the parser takes them for fields of no meaning.
const inherited = " constructor __defineGetter__ __defineSetter__ hasOwnProperty __lookupGetter__ __lookupSetter__ isPrototypeOf propertyIsEnumerable toString valueOf __proto__ toLocaleString "

func (p *parser) identifier(t token) (nodes []*Node, known bool, err error) {
	if isFunction(t) {
		nodes, err = p.function(t, false)
		return nodes, true, err
	}
	head, _, _ := strings.Cut(t.text, ".")
	kind, known := fieldTypes[head]
	if !known && !strings.Contains(inherited, " "+head+" ") {
		return nil, false, nil
	}
	operator, _ := p.take()
	value, ok := p.take()
	if !ok {
		return nil, true, &Error{
			Pos: operator.pos, Expected: `an operator and a value, as in = "track"`,
			Message: "the condition on `" + t.text + "` is not complete", Upstream: "Value token is missing",
		}
	}
	if !known {
		p.noteInherited(t, operator, value)
		return nil, true, nil
	}
	n := condition(kind, t.text, operator, value)
	n.pos = t.pos
	p.noteCondition(n, t, operator, value)
	return []*Node{n}, true, nil
}

// condition is the node of FIELD OPERATOR VALUE.
func condition(kind Type, field string, operator, value token) *Node {
	n := &Node{Type: kind, Operator: operator.text, Value: literal(value)}
	equal, unequal := operator.text == "=", operator.text == "!="
	isBool := n.Value.Kind() == jsvalue.Boolean
	switch {
	case kind == TypeEvent || kind == TypeEventType:
		n.Value = jsvalue.OfString(n.Value.Text())
	case unequal && value.text == "null":
		n.Operator, n.Value = "exists", jsvalue.Value{}
	case equal && value.text == "null":
		n.Operator, n.Value = "not_exists", jsvalue.Value{}
	case kind == TypeName:
		n.Value = jsvalue.OfString(n.Value.Text())
	case equal && isBool && n.Value.Truthy():
		n.Operator, n.Value = "is_true", jsvalue.Value{}
	case equal && isBool:
		n.Operator, n.Value = "is_false", jsvalue.Value{}
	case kind == TypeUserID:
		n.Value = jsvalue.OfString(n.Value.Text())
	case equal && value.kind == kindNumber:
		n.Operator = "number_equals"
	case unequal && value.kind == kindNumber:
		n.Operator = "number_not_equals"
	}
	if kind.nested() {
		n.Name = property(kind, field)
	}
	return n
}

// property is what of a field's text names the member of properties, traits or context.
func property(kind Type, field string) string {
	return strings.TrimPrefix(field, kind.container()+".")
}

// literal is what a token means as a value.
func literal(t token) jsvalue.Value {
	switch t.kind {
	case kindString:
		return jsvalue.OfString(strings.TrimSuffix(strings.TrimPrefix(t.text, `"`), `"`))
	case kindNumber:
		return jsvalue.OfNumber(jsvalue.ParseNumber(t.text))
	case kindIdentifier:
		if t.text == "true" || t.text == "false" {
			return jsvalue.OfBool(t.text == "true")
		}
	case kindOperator, kindConditional, kindNull, kindDot, kindComma, kindBracket, kindOpen, kindClose, kindEnd:
	}
	return jsvalue.OfString(t.text)
}

// function reads NAME ( FIELD , VALUE ) after its name; the three marks may be any tokens.
func (p *parser) function(name token, negated bool) ([]*Node, error) {
	opening, _ := p.take()
	field, ok := p.take()
	if !ok {
		return nil, &Error{Pos: field.pos, Expected: "a field, as in " + name.text + `(event, "Order")`, Message: "the function has no arguments", Upstream: name.text + "() is missing a 1st argument"}
	}
	comma, _ := p.take()
	value, ok := p.take()
	if !ok {
		return nil, &Error{Pos: value.pos, Expected: "a value, as in " + name.text + `(event, "Order")`, Message: "the function has no second argument", Upstream: name.text + "() is missing a 2nd argument"}
	}
	closing, _ := p.take()
	p.noteForm(name, [...]token{opening, comma, closing})
	kind, ok := functionField(field.text)
	if !ok {
		p.noteNoField(name, field, value)
		return nil, nil
	}
	n := &Node{Type: kind, Operator: "contains", pos: name.pos}
	text := literal(value).Text()
	if name.text == "match" {
		n.Operator, text = pattern(value.text, text)
	}
	if negated {
		n.Operator = "not_" + n.Operator
	}
	n.Value = jsvalue.OfString(text)
	if kind.nested() {
		n.Name = property(kind, field.text)
	}
	p.noteFunction(n, name, field, value)
	return []*Node{n}, nil
}

// pattern is what match() means: a star at the end of a double-quoted value, or else the end of the text, less its first character.
func pattern(raw, text string) (operator, value string) {
	units := jsvalue.Units(text)
	if strings.HasSuffix(raw, `*"`) {
		return "starts_with", jsvalue.FromUnits(units[:max(0, len(units)-1)])
	}
	return "ends_with", jsvalue.FromUnits(units[min(1, len(units)):])
}

// functionField is the field that a function looks at; `type` is none.
func functionField(text string) (Type, bool) {
	switch text {
	case "event":
		return TypeEvent, true
	case "name":
		return TypeName, true
	case "userId":
		return TypeUserID, true
	}
	for _, kind := range []Type{TypeProperty, TypeTrait, TypeContext} {
		if strings.HasPrefix(text, kind.container()) {
			return kind, true
		}
	}
	return "", false
}
