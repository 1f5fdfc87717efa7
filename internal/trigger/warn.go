package trigger

import (
	"math"
	"strings"

	"penstock/internal/jsvalue"
)

// Warning is a place of a text that is read other than a person would read it. It is no error: the text means what Read says, here as in Segment.
type Warning struct {
	Code    string `json:"code"`    // machine code: last_conditional
	Pos     int    `json:"pos"`     // where, in UTF-16 code units from 0
	Read    string `json:"read"`    // how it is read
	Instead string `json:"instead"` // how to write what was probably meant
}

// Warnings lists the places of the text that are easily misread, in the order of the text. It must not be changed.
func (t *Trigger) Warnings() []Warning { return t.warnings }

const (
	// WarningsMax is how many warnings there are at most of one text.
	WarningsMax = 50
	// passedBytesMax is how much of a row of passed tokens is quoted, in bytes.
	passedBytesMax = 100
)

func (p *parser) note(code string, pos int, read, instead string) {
	if len(*p.notes) == WarningsMax {
		return
	}
	*p.notes = append(*p.notes, Warning{Code: code, Pos: pos, Read: read, Instead: instead})
}

// notePassed notes a token that means nothing where it stands. Several in a row are one warning.
func (p *parser) notePassed(t token, again bool) {
	switch lower := strings.ToLower(t.text); {
	case t.kind == kindIdentifier && (lower == "and" || lower == "or"):
		p.note("conditional_ignored", t.pos, quoteText(t.text)+" is passed over: it joins nothing", "write "+quoteText(lower)+" in small letters, with a space on both sides")
	case t.kind == kindOperator && t.text == "!":
		p.note("not_ignored", t.pos, "`!` is passed over: only `!contains(...)` and `!match(...)` are negated",
			"negate each condition by itself, with `!=` or the opposite operator, and join what was in parentheses by the other of `and` and `or`")
	case again && len(*p.notes) > 0 && (*p.notes)[len(*p.notes)-1].Code == "ignored":
		last := &(*p.notes)[len(*p.notes)-1]
		if len(last.Read) < passedBytesMax {
			before, _, _ := strings.Cut(last.Read, "` is passed over")
			last.Read = before + " " + t.text + "` is passed over"
		}
	case t.kind == kindClose:
		p.note("ignored", t.pos, "`)` is passed over: nothing is open here", "remove it")
	default:
		p.note("ignored", t.pos, quoteText(t.text)+" is passed over", insteadOf(t))
	}
}

// insteadOf is what might have been meant by a token that means nothing.
func insteadOf(t token) string {
	head, rest, nested := strings.Cut(t.text, ".")
	for name := range fieldTypes {
		if t.kind == kindIdentifier && strings.EqualFold(name, head) {
			if nested {
				name += "." + rest
			}
			return "names are read to the letter: write " + quoteText(name)
		}
	}
	if t.kind == kindIdentifier {
		return "begin a condition with type, event, name, userId, properties.NAME, traits.NAME or context.NAME, or remove it"
	}
	return "remove it, or write the whole condition: field, operator and value"
}

// noteEnd notes parentheses that the `)` of a function has ended, at end.
func (p *parser) noteEnd(inside []token, end token) {
	for i, t := range inside {
		if t.kind != kindOpen || i == 0 || !isFunction(inside[i-1]) {
			continue
		}
		if p.more() && p.tokens[p.at].kind == kindClose {
			p.at++ // the parentheses' own; it would be passed over
			return
		}
		p.note("group_ends_early", end.pos, "this `)` of "+quoteText(inside[i-1].text)+" ends the parentheses too; what follows stands outside of them",
			"put the function last in the parentheses")
		return
	}
}

func (p *parser) noteHole(open token) {
	p.note("empty_parentheses", open.pos, "these parentheses hold no condition; an event for which they decide does not match", "remove them")
}

func (p *parser) noteInherited(field, operator, value token) {
	p.note("field_ignored", field.pos, quoteText(field.text+" "+operator.text+" "+value.text)+" is passed over: "+quoteText(field.text)+" is no field",
		"begin a condition with type, event, name, userId, properties.NAME, traits.NAME or context.NAME")
}

// noteCondition notes what is easily misread about FIELD OPERATOR VALUE.
func (p *parser) noteCondition(n *Node, field, operator, value token) {
	if operator.kind != kindDot {
		p.noteName(n, field)
	}
	if _, known := operators[n.Operator]; !known {
		instead := "use one of = != < <= > >=, or contains(FIELD, VALUE) or match(FIELD, VALUE)"
		if operator.kind == kindDot {
			instead = "a number in a name needs a backslash: " + quoteText(field.text+`.\0`)
		}
		p.note("operator_unknown", operator.pos, "the operator "+quoteText(operator.text)+" is not known: the condition is never true", instead)
		return
	}
	if p.noteValue(operator, value) {
		return
	}
	switch n.Operator {
	case "<", "<=", ">", ">=":
		p.noteOrder(n, operator, value)
	case "=", "!=":
		if n.Type.nested() {
			p.noteNested(n, value)
		} else {
			p.notePlain(n, value)
		}
	case "number_equals", "number_not_equals":
		p.noteNumber(n, value)
	}
}

// noteName notes what is easily misread about a field.
func (p *parser) noteName(n *Node, field token) {
	if field.flaw&flawEscape != 0 {
		p.note("dot_divides", field.pos, "the backslash does not keep the name together: "+quoteText(n.Type.container()+"."+n.Name)+" is looked up step by step",
			"a name with a dot or a bracket in it cannot be asked for; rename the property before it is sent")
	}
	if n.Type.nested() && !strings.HasPrefix(field.text, n.Type.container()+".") {
		p.note("container_itself", field.pos, "this looks for "+quoteText(n.Name)+" inside of "+quoteText(n.Type.container()),
			"name a member, as in "+quoteText(n.Type.container()+".NAME"))
	}
}

// noteValue notes what is easily misread about a value as it is spelled; true: nothing more is to be said.
func (p *parser) noteValue(operator, value token) bool {
	switch {
	case value.kind == kindEnd:
		p.note("value_missing", value.pos, "no value follows: it is compared with the text `eos`", "write the value in double quotes")
	case operator.text == "=" && value.text == "=" && value.kind == kindOperator:
		p.note("value_is_sign", value.pos, "`==` is `=` and the value `=`", "write `=` once")
	case (operator.text == "<" || operator.text == ">") && value.text == "=":
		p.note("value_is_sign", value.pos, quoteText(operator.text+"=")+" without a space after it is "+quoteText(operator.text)+" and the value `=`", "write "+quoteText(operator.text+"= ")+" with a space after it")
	case value.kind != kindString && value.kind != kindNumber && value.kind != kindNull && value.kind != kindIdentifier:
		p.note("value_is_sign", value.pos, "the value is the text "+quoteText(value.text), "write the value in double quotes")
	default:
		return p.noteQuotes(value)
	}
	return true
}

func (p *parser) noteQuotes(value token) bool {
	head, _, nested := strings.Cut(value.text, ".")
	_, field := fieldTypes[head]
	switch {
	case value.flaw&flawRunsOn != 0:
		p.note("string_runs_on", value.pos, "no space follows the closing quote, which so opens another text", "put a space after the closing quote")
	case value.kind == kindString && strings.HasPrefix(value.text, "'"):
		p.note("single_quotes", value.pos, "single quotes belong to the value: "+value.text+" is not "+inDouble(value), "write "+quoteText(inDouble(value)))
		return true
	case value.flaw&flawCut != 0:
		p.note("word_cut_off", value.pos, "only "+quoteText(value.text)+" is read of this word, because the text ends in it", "write the value in double quotes")
		return true
	case value.kind == kindIdentifier && nested && field:
		p.note("field_as_value", value.pos, "the value is the text "+quoteText(value.text)+", not what that field holds", "two fields cannot be compared; write a value in double quotes")
		return true
	}
	return false
}

// inDouble is a single-quoted text in double quotes.
func inDouble(value token) string { return `"` + strings.Trim(value.text, "'") + `"` }

// noteOrder notes orderings that no value meets.
func (p *parser) noteOrder(n *Node, operator, value token) {
	switch f := number(n.Value); {
	case !n.Type.nested():
		p.note("order_of_text", operator.pos, quoteText(operator.text)+" compares numbers, and "+n.Type.container()+" is a text: the condition is never true", "compare a number: "+quoteText("properties.NAME "+operator.text+" 5"))
	case math.IsNaN(f):
		p.note("order_of_text", value.pos, quoteText(operator.text)+" compares numbers, and "+value.text+" is none: the condition is never true", "write a number; texts and dates have no order here")
	case value.kind != kindNumber && (n.Value.Kind() == jsvalue.Boolean || strings.TrimSpace(n.Value.Text()) == ""):
		p.note("counts_as_number", value.pos, value.text+" counts as "+numberText(f), "write "+numberText(f))
	}
}

// noteNested notes comparisons of properties, traits and context with a value of another type than is meant.
func (p *parser) noteNested(n *Node, value token) {
	text := n.Value.Text()
	of := func(kind string) string {
		if n.Operator == "!=" {
			return "this is about texts: it is true of the " + kind + " " + text + " too"
		}
		return "this is about texts: it is never true of the " + kind + " " + text
	}
	switch {
	case n.Value.Kind() == jsvalue.Boolean:
		opposite := "true"
		if n.Value.Truthy() {
			opposite = "false"
		}
		p.note("not_boolean", value.pos, of("value"), "write "+quoteText(n.fieldText()+" = "+opposite))
	case value.kind != kindString:
	case text == "true" || text == "false":
		p.note("quoted_boolean", value.pos, of("value"), "write "+text+" without quotes, with `=`")
	case text == "null":
		p.note("quoted_null", value.pos, "this compares with the text null", "write null without quotes")
	case text != "" && jsvalue.FormatNumber(number(n.Value)) == text:
		p.note("quoted_number", value.pos, of("number"), "write "+text+" without quotes, unless it is sent as a text")
	}
}

// notePlain notes values of type, event, name and userId that are taken for texts.
func (p *parser) notePlain(n *Node, value token) {
	text := n.Value.Text()
	switch {
	case value.kind == kindNull:
		instead := "write `match(event, \"*\")` for any event that has one; that it is missing cannot be asked"
		if n.Type == TypeEventType {
			instead = "remove it: every event has a type"
		}
		p.note("null_is_text", value.pos, quoteText(n.Type.container()+" "+n.Operator+" null")+" compares with the text null", instead)
	case value.kind == kindIdentifier && (text == "true" || text == "false"):
		p.note("boolean_is_text", value.pos, n.Type.container()+" is compared with the text "+text, "write a text in double quotes")
	case value.kind == kindNumber && text != value.text:
		p.note("number_is_rewritten", value.pos, value.text+" is a number, and compared as the text "+text, "write "+quoteText(`"`+value.text+`"`))
	}
}

func (p *parser) noteNumber(n *Node, value token) {
	switch {
	case math.IsNaN(n.Value.Float()):
		p.note("not_a_number", value.pos, quoteText(value.text)+" is no number: the condition is never true of one", "write digits")
	case n.Operator == "number_not_equals":
		p.note("not_of_missing", n.pos, "this is true of other numbers only; where the property is missing, or a text, it is false", "add `or "+n.fieldText()+" = null` if those are meant too")
	}
}
