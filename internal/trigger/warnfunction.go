package trigger

import (
	"strings"

	"penstock/internal/jsvalue"
)

// noteForm notes a function whose marks are other tokens than `(`, `,` and `)`; they count as those.
func (p *parser) noteForm(name token, marks [3]token) {
	for i, want := range [...]kind{kindOpen, kindComma, kindClose} {
		got := marks[i]
		if got.kind == want && got.text != "" || i == 2 && (got.kind == kindEnd || got.text == "") {
			continue // the end of the parentheses around a function stands for its own `)`
		}
		p.note("function_form", name.pos, "the token "+quoteText(got.text)+" is taken for a mark of the function, and lost", "write "+quoteText(name.text+`(FIELD, "VALUE")`))
		return
	}
}

// noteNoField notes a function on something that functions do not look at.
func (p *parser) noteNoField(name, field, value token) {
	instead := "functions look at event, name, userId, properties.NAME, traits.NAME and context.NAME"
	switch {
	case field.text == "type":
		instead = "write " + quoteText(`type = "track"`)
	case field.kind == kindString:
		instead = "write the field without quotes"
	}
	p.note("function_ignored", name.pos, quoteText(name.text+"("+field.text+", "+value.text+")")+" is passed over: it is no condition", instead)
}

// noteFunction notes what is easily misread about a function.
func (p *parser) noteFunction(n *Node, name, field, value token) {
	p.noteName(n, field)
	if p.noteValue(token{}, value) {
		return
	}
	if name.text == "match" {
		p.notePattern(n, value)
	}
	if strings.HasPrefix(n.Operator, "not_") {
		p.note("not_of_missing", n.pos, "this is true of other texts only; where "+n.Type.what()+" is missing, or no text, it is false", n.orMissing())
	}
}

// what names the field in a sentence.
func (t Type) what() string {
	if t.nested() {
		return "the property"
	}
	return string(t)
}

// orMissing is how to ask for what is missing too.
func (n *Node) orMissing() string {
	if n.Type == TypeEvent {
		return "that event is missing cannot be asked; ask for the type instead, as in `type != \"track\"`"
	}
	return "add " + quoteText("or "+n.fieldText()+" = null") + " if those are meant too"
}

func (p *parser) notePattern(n *Node, value token) {
	inner := strings.Trim(value.text, `"`)
	trimmed, _ := strings.CutSuffix(inner, "*")
	starts := trimmed != inner
	if !starts {
		trimmed, _ = strings.CutPrefix(inner, "*")
	}
	field := n.fieldText()
	switch {
	case trimmed == inner:
		p.note("match_without_star", value.pos, "without a star, the first character is dropped: this asks for the ending "+string(jsvalue.AppendQuoted(nil, n.Value.Text())),
			"write "+quoteText(field+` = "`+inner+`"`)+", or put a star at the beginning or at the end")
	case starts && strings.HasPrefix(trimmed, "*"):
		p.note("star_is_text", value.pos, "only the last star is one; the first is a character of the text", "write "+quoteText(`contains(`+field+`, "`+strings.Trim(inner, "*")+`")`))
	case strings.Contains(trimmed, "*"):
		p.note("star_is_text", value.pos, "only a star at one end is one; the other is a character of the text", "join two conditions by `and`: one for the beginning, one for the ending")
	}
}
