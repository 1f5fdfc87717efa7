package mapping

import (
	"strings"

	"penstock/internal/jsvalue"
)

// parsePath cuts a path into its steps: at dots, at brackets around quotes or digits. Quotes vanish, and protect nothing.
func parsePath(text string) jsvalue.Path {
	if text == "" || text == "." {
		return nil
	}
	var out jsvalue.Path
	from := 0
	cut := func(to int) {
		if to > from {
			out = append(out, jsvalue.NewKey(unquoted(text[from:to])))
		}
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '.':
			cut(i)
			from = i + 1
		case text[i] == '[' && i+1 < len(text) && quoteOrDigit(text[i+1]):
			cut(i)
			from = i + 1
		case text[i] == ']' && i > 0 && quoteOrDigit(text[i-1]):
			cut(i)
			for i+1 < len(text) && text[i+1] == ']' {
				i++
			}
			from = i + 1
		}
	}
	cut(len(text))
	return out
}

// unquoted is s without any quotes.
func unquoted(s string) string {
	if !strings.ContainsAny(s, `"'`) {
		return s
	}
	return strings.NewReplacer(`"`, "", `'`, "").Replace(s)
}

func quoteOrDigit(c byte) bool { return c == '"' || c == '\'' || (c >= '0' && c <= '9') }

// eventPath is the path that @path and @arrayPath mean: without the first "$.", wherever it is.
func eventPath(text string) jsvalue.Path {
	return parsePath(strings.Replace(text, "$.", "", 1))
}

// fixedPath is a path that is known beforehand.
type fixedPath struct {
	path  jsvalue.Path
	paths *jsvalue.Picker
	slot  int // in what paths picks
}

func (c *compiler) fixedPath(p jsvalue.Path) fixedPath {
	n := fixedPath{path: p, paths: c.paths}
	if len(p) > 0 {
		n.slot = c.paths.Add(p)
	}
	return n
}

func (n fixedPath) value(s *scope) jsvalue.Value {
	if s.picked == nil || len(n.path) == 0 {
		return s.event.Walk(n.path)
	}
	return n.paths.Value(s.event, s.picked, n.slot)
}

func (n fixedPath) resolve(s *scope) (jsvalue.Value, error) { return n.value(s), nil }

// freePath is a path that is made for each event.
type freePath struct{ text stringOf }

func (n freePath) resolve(s *scope) (jsvalue.Value, error) {
	text, err := n.text.resolve(s)
	if err != nil {
		return jsvalue.Value{}, err
	}
	return s.event.Walk(eventPath(text)), nil
}

func (c *compiler) path(options jsvalue.Value) node {
	if options.Kind() == jsvalue.String {
		return c.fixedPath(eventPath(options.Str()))
	}
	return freePath{stringOf{"@path", c.node(options)}}
}

// stringOf resolves a node of which a directive wants a string.
type stringOf struct {
	directive string
	node      node
}

func (n stringOf) resolve(s *scope) (string, error) {
	v, err := n.node.resolve(s)
	if err != nil {
		return "", err
	}
	if v.Kind() != jsvalue.String {
		return "", fail(n.directive + ": expected string, got " + v.Kind().String())
	}
	return v.Str(), nil
}
