package filter

import (
	"slices"
	"strconv"
	"strings"

	"penstock/internal/jsvalue"
)

// trim takes properties out of an event.
type trim struct {
	typ  Type
	root place
}

// place is what is done to the object at some path.
type place struct {
	names []string // the members that are dropped, or allowed
	acts  bool     // names are those of this object; else only something below it is changed
	below []below
}

type below struct {
	name string
	*place
}

func newTrim(a *RuleAction) trim {
	t := trim{typ: a.Type}
	for path, names := range a.Fields {
		at := &t.root
		if path != "" {
			for name := range strings.SplitSeq(path, ".") {
				at = at.under(name)
			}
		}
		at.names, at.acts = names, true
	}
	return t
}

// under is the place of a member; a new one, where nothing is done there yet.
func (p *place) under(name string) *place {
	if found := p.find(name); found != nil {
		return found
	}
	made := &place{}
	p.below = append(p.below, below{name, made})
	return made
}

func (p *place) find(name string) *place {
	for _, b := range p.below {
		if b.name == name {
			return b.place
		}
	}
	return nil
}

// apply is the event without what is taken out; the event itself, where that is nothing. All else stays as it is written.
func (t *trim) apply(event []byte) []byte {
	if len(event) == 0 || event[0] != '{' {
		return event
	}
	out, changed := t.rewrite(make([]byte, 0, len(event)), event, &t.root, true)
	if !changed {
		return event
	}
	return out
}

// rewrite adds a container to dst; whether anything is another in it is the second result.
func (t *trim) rewrite(dst, raw []byte, p *place, top bool) (out []byte, changed bool) {
	s := jsvalue.Scan(raw)
	object := raw[0] == '{'
	dst = append(dst, raw[0])
	first := true
	for i := 0; s.Next(); i++ {
		if object && p.acts && t.drops(p, &s, top) {
			changed = true
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		name := strconv.Itoa(i)
		if object {
			dst = append(append(append(dst, '"'), s.Key...), '"', ':')
			name = keyOf(&s, p)
		}
		if next := p.find(name); next != nil && len(s.Value) > 0 && (s.Value[0] == '{' || s.Value[0] == '[') {
			var other bool
			dst, other = t.rewrite(dst, s.Value, next, false)
			changed = changed || other
			continue
		}
		dst = append(dst, s.Value...)
	}
	return append(dst, raw[0]+2), changed // ] and } stand two after [ and {
}

// keyOf is which of the members below a place the scanner stands at; empty: none.
func keyOf(s *jsvalue.Scanner, p *place) string {
	for _, b := range p.below {
		if s.KeyIs(b.name) {
			return b.name
		}
	}
	return ""
}

// drops tells whether the member that the scanner stands at is taken out. Of the event itself, that is only what is in reach.
func (t *trim) drops(p *place, s *jsvalue.Scanner, top bool) bool {
	named := slices.ContainsFunc(p.names, s.KeyIs)
	if t.typ == DropProperties {
		return named
	}
	return !named && (!top || s.KeyIs("properties") || s.KeyIs("context") || s.KeyIs("traits"))
}
