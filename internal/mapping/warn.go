package mapping

import (
	"strconv"
	"strings"

	"penstock/internal/jsvalue"
)

// Warning is a place of a mapping that does other than a person would expect. It is no error: it does what Read says, here as in Segment.
type Warning struct {
	Code    string `json:"code"`    // machine code: if_blank
	Path    string `json:"path"`    // where: /data/@if
	Read    string `json:"read"`    // what it does
	Instead string `json:"instead"` // how to write what was probably meant
}

// Warnings lists the places of a mapping, given as JSON, that are easily misread, in their order. Of what is no JSON there are none.
func Warnings(raw []byte) []Warning {
	v, ok := jsvalue.DecodeText(string(raw))
	if !ok {
		return nil
	}
	var w watcher
	w.walk(v, nil)
	return w.found
}

// watcher walks a mapping and collects warnings.
type watcher struct{ found []Warning }

func (w *watcher) note(path []string, code, read, instead string) {
	w.found = append(w.found, Warning{Code: code, Path: "/" + strings.Join(path, "/"), Read: read, Instead: instead})
}

func (w *watcher) walk(v jsvalue.Value, path []string) {
	switch v.Kind() {
	case jsvalue.String:
		w.text(v.Str(), path)
	case jsvalue.Array:
		for i, e := range v.Elements() {
			w.walk(e, below(path, strconv.Itoa(i)))
		}
	case jsvalue.Object:
		if name, options, ok := directive(v); ok {
			w.directive(name, options, below(path, name))
			return
		}
		for _, m := range v.Members() {
			w.walk(m.Value, below(path, m.Name))
		}
	case jsvalue.Undefined, jsvalue.Null, jsvalue.Boolean, jsvalue.Number:
	}
}

// text looks at a text that stands for itself.
func (w *watcher) text(s string, path []string) {
	switch {
	case strings.HasPrefix(s, "$."):
		w.note(path, "text_is_text", "this is the text "+quote(s)+", not what lies there", `write {"@path": `+quote(s)+`}`)
	case placeholders(s) > 0:
		w.note(path, "text_is_text", "this is the text "+quote(s)+" with its braces", `write {"@template": `+quote(s)+`}`)
	}
}

func (w *watcher) directive(name string, options jsvalue.Value, path []string) {
	switch name {
	case "@path":
		w.path(options, path)
	case "@template":
		w.template(options, path)
	case "@if":
		w.condition(options, path)
	case "@case":
		w.letterCase(options, path)
	case "@replace":
		w.replace(options, path)
	case "@json":
		w.json(options, path)
	case "@flatten":
		w.flatten(options, path)
	case "@merge":
		w.merge(options, path)
	case "@arrayPath":
		w.arrayPath(options, path)
	case "@literal", "@excludeWhenNull", "@transform":
		w.walk(options, path)
	case "@liquid":
	default:
		w.note(path, "directive_unknown", quote(name)+" is no directive: every event that comes here is rejected", "mend its name; the directives are @path, @template, @literal, @if, "+
			"@case, @replace, @arrayPath, @flatten, @json, @merge, @transform, @excludeWhenNull and @liquid")
	}
}

// fixed tells whether a value is there and has no directive at its top.
func fixed(v jsvalue.Value) bool {
	_, _, is := directive(v)
	return v.Kind() != jsvalue.Undefined && !is
}

// falsy tells whether an option is written as 0, "", false or null.
func falsy(v jsvalue.Value) bool { return v.Kind() != jsvalue.Undefined && !v.Truthy() }

func (w *watcher) condition(options jsvalue.Value, path []string) {
	exists, blank := option(options, "exists"), option(options, "blank")
	then, otherwise := option(options, "then"), option(options, "else")
	switch {
	case !exists.Truthy() && !blank.Truthy():
		w.note(path, "if_without_condition", "there is neither `exists` nor `blank`, or it is written as nothing: every event is rejected", "give `exists` what is to be looked at, as in {\"@path\": \"$.userId\"}")
	case exists.Kind() != jsvalue.Undefined && blank.Kind() != jsvalue.Undefined:
		w.note(path, "if_blank_ignored", "`blank` is passed over, because there is `exists`", "keep one of the two")
	case blank.Kind() != jsvalue.Undefined:
		w.note(path, "if_blank", "`then` is taken when the value is not blank; 0, false and empty lists count as blank", "swap `then` and `else` if the name misled you; `exists` asks for null and missing alone")
	case fixed(exists):
		w.note(below(path, "exists"), "if_fixed", "this value is always there: `then` is always taken", "give `exists` a path, as in {\"@path\": \"$.userId\"}")
	}
	if falsy(otherwise) {
		w.note(below(path, "else"), "if_else_ignored", "an `else` of "+string(otherwise.Stringify(nil))+" is passed over: there is no value", `write {"@literal": `+string(otherwise.Stringify(nil))+`}`)
	}
	w.options(options, path, "exists", "blank")
	w.options(options, path, "then", "else")
	if then.Kind() == jsvalue.Undefined && !otherwise.Truthy() && exists.Truthy() {
		w.note(path, "if_without_branch", "neither branch gives a value", "add `then` or `else`")
	}
}

// options walks the named options.
func (w *watcher) options(options jsvalue.Value, path []string, names ...string) {
	for _, name := range names {
		w.walk(option(options, name), below(path, name))
	}
}

func (w *watcher) letterCase(options jsvalue.Value, path []string) {
	operator, value := option(options, "operator"), option(options, "value")
	switch text := operator.Str(); {
	case !operator.Truthy():
		w.note(path, "case_operator", "there is no operator: every event is rejected", "write lower or upper")
	case text != "lower" && text != "upper":
		w.note(below(path, "operator"), "case_operator", quote(text)+" is not known: every event with a text there is rejected", "write lower or upper, in small letters")
	}
	w.nothing(value, below(path, "value"))
	w.options(options, path, "value")
}

// nothing notes a value that counts as none.
func (w *watcher) nothing(v jsvalue.Value, path []string) {
	if falsy(v) {
		w.note(path, "value_ignored", "a value of "+string(v.Stringify(nil))+" is passed over: there is no result", `write {"@literal": ...} around it`)
	}
}

func (w *watcher) replace(options jsvalue.Value, path []string) {
	for _, name := range [...]string{"pattern", "pattern2"} {
		v := option(options, name)
		text := v.Str()
		switch {
		case v.Kind() == jsvalue.Undefined:
		case jsvalue.UnitLen(text) > patternUnitsMax:
			w.note(below(path, name), "replace_too_long", "it is longer than 10 characters: every event is rejected", "shorten it")
		case looksRegular(text):
			w.note(below(path, name), "replace_literal", "this looks for the text "+quote(text)+" to the letter: it is no regular expression", "write the text that is to be replaced")
		}
	}
	for _, name := range [...]string{"replacement", "replacement2"} {
		text := option(options, name).Str()
		switch {
		case jsvalue.UnitLen(text) > replacementUnitsMax:
			w.note(below(path, name), "replace_too_long", "it is longer than 10 characters: every event is rejected", "shorten it")
		case special(text):
			w.note(below(path, name), "replace_dollar", "$$, $&, $` and $' stand for a dollar, the match, and what is before and after it", "write $$ for each dollar")
		}
	}
	w.nothing(option(options, "value"), below(path, "value"))
	w.options(options, path, "value")
}

// looksRegular tells whether a text was probably meant as a regular expression.
func looksRegular(s string) bool {
	for _, sign := range [...]string{`\d`, `\s`, `\w`, `\.`, `\b`, ".*", ".+", "[^"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return len(s) > 1 && (s[0] == '^' || s[len(s)-1] == '$' || s[0] == '[' && s[len(s)-1] == ']' || s[0] == '/' && s[len(s)-1] == '/')
}

func special(s string) bool {
	for _, sign := range [...]string{"$$", "$&", "$`", "$'"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}

func (w *watcher) json(options jsvalue.Value, path []string) {
	mode := option(options, "mode").Str()
	if mode != "encode" && mode != "decode" {
		w.note(below(path, "mode"), "json_mode", quote(mode)+" is not known when an event comes: there is no result", "write encode or decode, in small letters")
	}
	if falsy(option(options, "value")) {
		w.note(below(path, "value"), "json_value", "a value that is written as "+string(option(options, "value").Stringify(nil))+" rejects every event", "give it a path")
	}
	w.options(options, path, "value")
}

func (w *watcher) flatten(options jsvalue.Value, path []string) {
	if !option(options, "separator").Truthy() {
		w.note(path, "flatten_separator", "there is no separator: every event is rejected", "add one, as in \"separator\": \".\"")
	}
	w.options(options, path, "value")
}

func (w *watcher) merge(options jsvalue.Value, path []string) {
	switch direction := option(options, "direction"); {
	case !direction.Truthy():
		w.note(path, "merge_direction", "there is no direction: every event is rejected", "write right (the last object wins) or left")
	case direction.Str() != "left" && direction.Str() != "right":
		w.note(below(path, "direction"), "merge_direction", quote(direction.Str())+" counts as right: the last object wins", "write left or right, in small letters")
	}
	w.options(options, path, "objects")
}

func (w *watcher) arrayPath(options jsvalue.Value, path []string) {
	for i, e := range options.Elements() {
		switch {
		case i == 0 && e.Kind() == jsvalue.String:
			w.path(e, below(path, "0"))
		case i == 1 && e.Kind() == jsvalue.Object && len(e.Members()) == 0:
			w.note(below(path, "1"), "array_shape_ignored", "an empty shape is passed over: the elements stay as they are", "name the members that each element is to have")
		default:
			w.walk(e, below(path, strconv.Itoa(i)))
		}
	}
}

func quote(s string) string { return string(jsvalue.AppendQuoted(nil, s)) }
