package mapping

import (
	"strings"

	"penstock/internal/jsvalue"
)

// path looks at the path of @path and @arrayPath.
func (w *watcher) path(v jsvalue.Value, path []string) {
	if v.Kind() != jsvalue.String {
		w.walk(v, path)
		return
	}
	text := v.Str()
	at := strings.Index(text, "$.")
	plain := strings.Replace(text, "$.", "", 1)
	switch {
	case text == "$":
		w.note(path, "path_dollar", "this looks for a member called `$`", `write "$." for the whole event`)
	case strings.HasPrefix(text, "$["):
		w.note(path, "path_dollar", "without a dot after it, `$` is the name of a member", "write "+quote("$."+names(strings.TrimPrefix(text, "$"))))
	case at > 0:
		w.note(path, "path_dollar", "the `$.` inside is taken out, whatever stands before it: this is "+quote(plain), "write "+quote("$."+plain))
	case strings.Contains(plain, "$."):
		w.note(path, "path_dollar", "only the first `$.` is taken out; the other is a step", "write "+quote("$."+strings.ReplaceAll(plain, "$.", "")))
	}
	w.steps(plain, path)
}

// steps looks at a path without its beginning.
func (w *watcher) steps(text string, path []string) {
	switch {
	case quotedDot(text):
		w.note(path, "path_quoted_dot", "quotes do not keep a name with a dot together: this is "+strings.Join(stepNames(text), ", then "), "such a name cannot be reached; rename the property before it is sent")
	case strings.Contains(text, "[*]") || strings.Contains(text, "[-") || strings.Contains(text, ":") && strings.Contains(text, "["):
		w.note(path, "path_bracket", "only one element is reached by brackets, by its number from 0: here they are part of a name", "write [0], or use @arrayPath for all elements")
	case strings.Contains(text, "["):
		for _, step := range stepNames(text) {
			if strings.ContainsAny(step, "[]") {
				w.note(path, "path_bracket", "brackets around a name without quotes are part of it: this looks for "+quote(step), "write .NAME")
				break
			}
		}
	}
	for _, step := range stepNames(text) {
		if strings.TrimSpace(step) != step {
			w.note(path, "path_space", "the space belongs to the name: this looks for "+quote(step), "remove it")
			break
		}
	}
}

func stepNames(text string) []string {
	var out []string
	for _, key := range parsePath(text) {
		out = append(out, key.Name)
	}
	return out
}

// names is a path of bracketed names written with dots.
func names(text string) string { return strings.Join(stepNames(text), ".") }

// quotedDot tells whether a dot stands in a name in quotes.
func quotedDot(text string) bool {
	var quote byte
	for i := range len(text) {
		switch c := text[i]; {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == c:
			quote = 0
		case quote != 0 && c == '.':
			return true
		}
	}
	return false
}

// placeholders counts the placeholders of a template.
func placeholders(text string) int {
	n := 0
	count := func(string) string {
		n++
		return ""
	}
	expand(expand(text, 3, count), 2, count)
	return n
}

// template looks at the text of @template.
func (w *watcher) template(v jsvalue.Value, path []string) {
	if v.Kind() != jsvalue.String {
		w.walk(v, path)
		return
	}
	text := v.Str()
	if strings.HasPrefix(text, "$.") && placeholders(text) == 0 {
		w.note(path, "template_is_text", "there is no placeholder: this is the text "+quote(text), `write {"@path": `+quote(text)+`}`)
	}
	triple := false
	rest := expand(text, 3, func(inside string) string {
		triple = true
		w.placeholder(inside, path)
		return ""
	})
	rest = expand(rest, 2, func(inside string) string {
		w.placeholder(inside, path)
		return ""
	})
	if triple {
		w.note(path, "template_again", "what {{{ }}} puts in is looked through for {{ }} again, whatever the event holds", "write {{ }}: neither form changes any characters")
	}
	if strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		w.note(path, "template_braces", "braces that hold no name, or are not closed by as many, stay as they are", "write {{NAME}}")
	}
}

func (w *watcher) placeholder(inside string, path []string) {
	name := jsvalue.Trim(inside)
	switch {
	case name == "" || name == ".":
		w.note(path, "template_whole", "this puts in the text [object Object]", `write {"@json": {"mode": "encode", "value": {"@path": "$."}}} for the whole event as a text`)
	case strings.HasPrefix(name, "$"):
		w.note(path, "template_dollar", "in a template `$` is the name of a member: this puts in nothing", "write "+quote("{{"+strings.TrimPrefix(strings.TrimPrefix(name, "$"), ".")+"}}"))
	default:
		w.steps(name, path)
	}
}
