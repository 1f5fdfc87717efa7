package mapping

import (
	"strings"

	"penstock/internal/jsvalue"
)

// template is a text whose placeholders, {{path}}, are known beforehand: text, path, text, path, ..., text.
type template struct {
	texts []string
	paths []fixedPath
}

func (n template) resolve(s *scope) (jsvalue.Value, error) {
	var b strings.Builder
	b.WriteString(n.texts[0])
	for i, p := range n.paths {
		b.WriteString(insertion(p.value(s)))
		b.WriteString(n.texts[i+1])
		if b.Len() > TextBytesMax {
			break
		}
	}
	return made("@template", jsvalue.Pair(b.String()))
}

// freeTemplate is a text that is made for each event, or in which what is put in for {{{path}}} is looked through for placeholders again.
type freeTemplate struct{ text stringOf }

func (n freeTemplate) resolve(s *scope) (jsvalue.Value, error) {
	text, err := n.text.resolve(s)
	if err != nil {
		return jsvalue.Value{}, err
	}
	insert := func(path string) string { return insertion(s.event.Walk(placeholderPath(path))) }
	for _, braces := range [...]int{3, 2} {
		text = expand(text, braces, insert)
	}
	return made("@template", jsvalue.Pair(text))
}

func (c *compiler) template(options jsvalue.Value) node {
	free := freeTemplate{stringOf{"@template", c.node(options)}}
	if options.Kind() != jsvalue.String {
		return free
	}
	text, triple := options.Str(), false
	expand(text, 3, func(string) string {
		triple = true
		return ""
	})
	if triple {
		return free
	}
	var n template
	rest := expand(text, 2, func(path string) string {
		n.paths = append(n.paths, c.fixedPath(placeholderPath(path)))
		return mark
	})
	if strings.Count(rest, mark) != len(n.paths) {
		return free
	}
	n.texts = strings.Split(rest, mark)
	return n
}

// mark stands where a placeholder stood; it is no valid text, so that none holds it.
const mark = "\xff"

// placeholderPath is the path in a placeholder; "$." is nothing special here.
func placeholderPath(text string) jsvalue.Path { return parsePath(jsvalue.Trim(text)) }

// insertion is what stands for a value in a template.
func insertion(v jsvalue.Value) string {
	if v.Nullish() {
		return ""
	}
	return v.Text()
}

// expand replaces placeholders: so many braces, at least one character that is no closing brace, so many closing braces.
func expand(text string, braces int, insert func(path string) string) string {
	opening, closing := strings.Repeat("{", braces), strings.Repeat("}", braces)
	var b strings.Builder
	for {
		at := strings.Index(text, opening)
		if at < 0 {
			break
		}
		end := strings.IndexByte(text[at:], '}')
		if end < 0 {
			break
		}
		end += at
		if end > at+braces && strings.HasPrefix(text[end:], closing) {
			b.WriteString(text[:at])
			b.WriteString(insert(text[at+braces : end]))
			text = text[end+braces:]
			if b.Len() > TextBytesMax {
				break
			}
			continue
		}
		b.WriteString(text[:end+1])
		text = text[end+1:]
	}
	b.WriteString(text)
	return b.String()
}
