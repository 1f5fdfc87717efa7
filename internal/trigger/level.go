package trigger

import (
	"strconv"
	"strings"
)

// level collects the nodes of one level, and watches how they are joined.
type level struct {
	parser   *parser
	operator string // the last conditional, which counts for the whole level
	last     token  // where it stands
	nodes    []*Node
	joins    []string // what is written before each node but the first: and, or; empty: nothing
	written  string   // since the last node
	excused  bool     // something was passed over there, which has been said
	passed   int      // how many tokens in a row were passed over
}

func (l *level) join(t token) {
	l.operator, l.last, l.written, l.passed = t.text, t, t.text, 0
}

// add takes what an item came to.
func (l *level) add(t token, found []*Node, known bool) {
	if !known {
		l.parser.notePassed(t, l.passed > 0)
		l.passed++
		l.excused = true
		return
	}
	l.passed = 0
	for _, n := range found {
		if len(l.nodes) > 0 {
			if l.written == "" && !l.excused {
				l.parser.note("no_conditional", t.pos, "nothing joins this to what stands before it; it counts as `and`, unless an `or` is the last of the level",
					"put `and` or `or` between them")
			}
			l.joins = append(l.joins, l.written)
		}
		l.nodes, l.written, l.excused = append(l.nodes, n), "", false
	}
}

// finish looks at the level as a whole.
func (l *level) finish() {
	mixed := false
	for _, j := range l.joins {
		mixed = mixed || j != "" && j != l.operator
	}
	mixed = mixed || l.written != "" && l.written != l.joinBefore()
	if !mixed || len(l.nodes) < 2 { //nolint:mnd // one condition is joined to nothing
		return
	}
	quantity := "all"
	if l.operator == "or" {
		quantity = "any"
	}
	l.parser.note("last_conditional", l.last.pos,
		"this `"+l.operator+"` is the last of its level and counts for all of it: "+quantity+" of the "+strconv.Itoa(len(l.nodes))+" conditions must hold", l.grouped())
}

// joinBefore is the conditional before the last node.
func (l *level) joinBefore() string {
	if len(l.joins) == 0 {
		return ""
	}
	return l.joins[len(l.joins)-1]
}

// grouped writes the level with the parentheses that are probably meant: those that keep what `and` joins together.
func (l *level) grouped() string {
	const general = "join what belongs together by parentheses, as in `(A and B) or C`; parentheses cannot be nested"
	if l.parser.inner {
		return "parentheses cannot be nested: make two mappings, or write the condition another way"
	}
	runs := [][]*Node{{l.nodes[0]}}
	for i, n := range l.nodes[1:] {
		if l.joins[i] == "or" {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], n)
	}
	if len(runs) == 1 {
		return "write one of the two, and no other"
	}
	var parts []string
	for _, run := range runs {
		if len(run) > 1 {
			for _, n := range run {
				if n == nil || n.Type == TypeGroup {
					return general
				}
			}
		}
		group := &Node{Type: TypeGroup, Operator: "and", Children: run}
		text := group.print(len(run) > 1)
		if len(run) > 1 {
			text = "(" + text + ")"
		}
		parts = append(parts, text)
	}
	return "write " + quoteText(strings.Join(parts, " or ")) + ", or put the parentheses elsewhere"
}
