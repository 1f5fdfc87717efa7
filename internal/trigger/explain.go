package trigger

import (
	"strings"

	"penstock/internal/jsvalue"
)

// Explanation says why a trigger matched an event or did not.
type Explanation struct {
	Matched bool     `json:"matched"`
	Text    string   `json:"text"`    // one sentence: did not match `type = "track"`: type is "identify"
	Clauses []Clause `json:"clauses"` // the conditions, in their order
}

// Clause is what became of one condition.
type Clause struct {
	Text      string `json:"text"`             // as the printer prints it
	Field     string `json:"field"`            // what it looks at: properties.total
	Actual    string `json:"actual,omitempty"` // what lies there: JSON, cut to ActualBytesMax; empty: nothing does
	Matched   bool   `json:"matched"`
	Evaluated bool   `json:"evaluated"` // false: what came before it had already decided
}

// ActualBytesMax is how much of a value an explanation quotes, in bytes.
const ActualBytesMax = 120

// Explain evaluates the event as Evaluate does, and tells how it came to its answer.
func (t *Trigger) Explain(event []byte) Explanation {
	f := fields{scanner: jsvalue.Scan(event)}
	f.all()
	x := explainer{fields: &f}
	v := x.walk(&t.cond, true)
	out := Explanation{Matched: v == yes, Clauses: x.clauses}
	switch {
	case v == broken:
		out.Text = "did not match: the trigger holds empty parentheses `()`, which cannot be evaluated; remove them"
	case out.Matched:
		out.Text = "matched " + quoteText(t.String())
	default:
		out.Text = x.failure(t)
	}
	return out
}

type explainer struct {
	fields  *fields
	clauses []Clause
}

// walk evaluates as cond.eval does, and goes on, for the record, where that has its answer.
func (x *explainer) walk(c *cond, live bool) verdict {
	switch c.op {
	case opAnd, opOr:
		result, decided := no, false
		if c.op == opAnd {
			result = yes
		}
		for i := range c.children {
			v := x.walk(&c.children[i], live && !decided)
			if !decided && (v == broken || (v == no) == (c.op == opAnd)) {
				result, decided = v, true
			}
		}
		return result
	case opHole:
		return broken
	default:
	}
	v := c.eval(x.fields)
	x.clauses = append(x.clauses, Clause{
		Text: c.node.String(), Field: c.fieldText(), Actual: quoteActual(c.actual(x.fields)), Matched: v == yes, Evaluated: live,
	})
	return v
}

func (c *cond) fieldText() string {
	names := []string{c.node.Type.container()}
	for _, k := range c.path {
		names = append(names, k.Name)
	}
	return strings.Join(names, ".")
}

// failure names the clauses that did not hold.
func (x *explainer) failure(t *Trigger) string {
	var failed []string
	for _, c := range x.clauses {
		if !c.Evaluated || c.Matched {
			continue
		}
		failed = append(failed, quoteText(c.Text)+": "+c.finding())
		if t.cond.op == opAnd && len(t.cond.children) == len(x.clauses) {
			break
		}
	}
	return "did not match " + strings.Join(failed, "; nor ")
}

func (c *Clause) finding() string {
	if c.Actual == "" {
		return c.Field + " is missing"
	}
	return c.Field + " is " + c.Actual
}

func quoteText(s string) string { return "`" + s + "`" }

func quoteActual(v jsvalue.Value) string {
	text := string(v.AppendJSON(nil))
	if len(text) <= ActualBytesMax {
		return text
	}
	return strings.ToValidUTF8(text[:ActualBytesMax], "") + "…"
}
