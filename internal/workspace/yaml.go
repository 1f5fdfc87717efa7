package workspace

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yamlDepthMax bounds how deep the values of a file nest. The parser recurses.
const yamlDepthMax = 200

// yamlToJSON reads one YAML document as JSON, members in their order, and notes where each value stands. Anchors, aliases and tags are not taken: a
// file with aliases can be a thousand times larger than it looks.
func yamlToJSON(text []byte) ([]byte, places, error) {
	at := places{}
	tokens := lexer.Tokenize(string(text))
	if err := checkDepth(tokens); err != nil {
		return nil, nil, err
	}
	doc, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, nil, syntaxError(err)
	}
	switch {
	case len(doc.Docs) == 0 || len(doc.Docs) == 1 && doc.Docs[0].Body == nil:
		return []byte("{}"), at, nil
	case len(doc.Docs) > 1:
		return nil, nil, at.invalid("", "the file holds more than one YAML document; leave one")
	}
	w := yamlWalk{places: at}
	out, err := w.value(nil, "", doc.Docs[0].Body)
	return out, at, err
}

func syntaxError(err error) error {
	problem := Problem{Message: "the file is not YAML: " + err.Error()}
	if at, ok := errors.AsType[yaml.Error](err); ok {
		problem.Message = "the file is not YAML: " + at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			problem.Line, problem.Column = t.Position.Line, t.Position.Column
		}
	}
	return &InvalidError{Problems: []Problem{problem}}
}

// checkDepth refuses what would nest too deep, before anything recurses into it: brackets, and entries that are opened within one line.
func checkDepth(tokens token.Tokens) error {
	brackets, opened, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, opened = t.Position.Line, 0
		}
		switch t.Type { //nolint:exhaustive // the other tokens do not nest
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.TagType, token.AnchorType:
			opened++
		}
		// Indentation nests as well: each level stands at least one column further right.
		if brackets > yamlDepthMax || brackets == 0 && opened > yamlDepthMax || t.Position.IndentNum > 2*yamlDepthMax {
			return places{"": {t.Position.Line, t.Position.Column}}.invalid("", fmt.Sprintf("values nest deeper than %d levels", yamlDepthMax))
		}
	}
	return nil
}

// yamlWalk writes nodes as JSON.
type yamlWalk struct{ places places }

func (w *yamlWalk) value(dst []byte, at pointer, n ast.Node) ([]byte, error) {
	if t := n.GetToken(); t != nil {
		if _, known := w.places[at]; !known {
			w.places[at] = place{t.Position.Line, t.Position.Column}
		}
	}
	switch n := n.(type) {
	case ast.MapNode:
		return w.object(dst, at, n)
	case *ast.SequenceNode:
		return w.array(dst, at, n)
	case *ast.LiteralNode:
		return quote(dst, n.Value.Value), nil
	case *ast.StringNode:
		if n.Token.Type == token.StringType && isNumber(n.Value) {
			return append(dst, n.Value...), nil // a number that does not fit the parser's types
		}
		return quote(dst, n.Value), nil
	case *ast.NullNode:
		return append(dst, "null"...), nil
	case *ast.BoolNode:
		return strconv.AppendBool(dst, n.Value), nil
	case *ast.IntegerNode, *ast.FloatNode:
		return number(dst, n), nil
	}
	return nil, w.places.invalid(at, fmt.Sprintf("a YAML %s is not taken here; write the value out", n.Type()))
}

func (w *yamlWalk) object(dst []byte, at pointer, n ast.MapNode) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for it := n.MapRange(); it.Next(); first = false {
		key := it.Key()
		t := key.GetToken()
		switch key.(type) {
		case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		default:
			return nil, w.places.invalid(at, fmt.Sprintf("a YAML %s is not taken as a name; write it out", key.Type()))
		}
		name := t.Value
		if s, ok := key.(*ast.StringNode); ok {
			name = s.Value
		}
		member := at.field(name)
		w.places[member] = place{t.Position.Line, t.Position.Column}
		if !first {
			dst = append(dst, ',')
		}
		dst = append(quote(dst, name), ':')
		var err error
		if dst, err = w.value(dst, member, it.Value()); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func (w *yamlWalk) array(dst []byte, at pointer, n *ast.SequenceNode) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range n.Values {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = w.value(dst, at.item(i), v); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// number writes a number as it was written where JSON knows the form; 00123 and the like stay the text that they are.
func number(dst []byte, n ast.Node) []byte {
	text := n.GetToken().Value
	if isNumber(text) {
		return append(dst, text...)
	}
	return quote(dst, text)
}

func isNumber(s string) bool {
	v := jsontext.Value(s)
	return v.Kind() == '0' && v.IsValid() && len(s) > 0 && s[len(s)-1] > ' ' && s[0] > ' '
}

// quote appends s as a JSON string; bytes that are not UTF-8 become U+FFFD.
func quote(dst []byte, s string) []byte {
	dst, err := jsontext.AppendQuote(dst, s)
	_ = err // says only that s was not UTF-8
	return dst
}
