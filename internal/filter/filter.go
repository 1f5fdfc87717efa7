package filter

import (
	"crypto/md5" //nolint:gosec // a hash that spreads, and keeps no secret
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"penstock/internal/fql"
	"penstock/internal/jsvalue"
)

// Filters are the rules of a destination, compiled. They are safe for concurrent use; nil lets everything through as it is.
type Filters struct {
	rules []rule
	trims bool // some rule takes properties out
}

type rule struct {
	name    string
	when    *fql.Statement
	drops   bool
	samples []sample
	trims   []trim
}

// Verdict is why an event is dropped.
type Verdict struct {
	Rule   string // its name
	Reason string // a sentence
}

// Error is what is wrong with a rule.
type Error struct {
	Rule int    // its index
	Path string // of the field within it, as a JSON pointer: /if
	err  error
}

// Error says what is wrong.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap is the mistake itself.
func (e *Error) Unwrap() error { return e.err }

// Compile reads rules; of none it makes nil. Its error is an *Error.
func Compile(rules []Rule) (*Filters, error) {
	if len(rules) == 0 {
		return nil, nil //nolint:nilnil // nil is the filters that do nothing
	}
	f := &Filters{}
	for i := range rules {
		r, wrong := compile(&rules[i])
		if wrong != nil {
			wrong.Rule = i
			return nil, wrong
		}
		f.trims = f.trims || len(r.trims) > 0
		f.rules = append(f.rules, r)
	}
	return f, nil
}

func compile(in *Rule) (rule, *Error) {
	when, err := fql.Parse(in.If)
	if err != nil {
		return rule{}, &Error{Path: "/if", err: err}
	}
	if len(in.Actions) == 0 || len(in.Actions) > actionsMax {
		return rule{}, &Error{Path: "/actions", err: fmt.Errorf("a filter has between 1 and %d actions; this one has %d", actionsMax, len(in.Actions))}
	}
	r := rule{name: in.Name, when: when}
	for i := range in.Actions {
		a := &in.Actions[i]
		if err := a.check(); err != nil {
			return rule{}, &Error{Path: "/actions/" + strconv.Itoa(i), err: err}
		}
		switch a.Type {
		case Drop:
			r.drops = true
		case Sample:
			r.samples = append(r.samples, newSample(a))
		case DropProperties, AllowProperties:
			r.trims = append(r.trims, newTrim(a))
		}
	}
	return r, nil
}

// Dropped tells why an event is not let through; nil: it is.
func (f *Filters) Dropped(event []byte) *Verdict {
	if f == nil {
		return nil
	}
	for i := range f.rules {
		if r := &f.rules[i]; r.drops && r.when.Match(event) {
			return &Verdict{r.name, fmt.Sprintf("the filter %q drops it: %s", r.name, r.when)}
		}
	}
	for i := range f.rules {
		r := &f.rules[i]
		if len(r.samples) == 0 || !r.when.Match(event) {
			continue
		}
		for k := range r.samples {
			if s := &r.samples[k]; !s.takes(event) {
				return &Verdict{r.name, fmt.Sprintf("the filter %q lets %s %% of such events through, chosen by %s, and this is none of them: %s",
					r.name, jsvalue.FormatNumber(s.percent*100), s.path, r.when)} //nolint:mnd // in percent
			}
		}
	}
	return nil
}

// Trim is the event without the properties that the rules take out. Where there are none to take out, it is the event itself.
func (f *Filters) Trim(event []byte) []byte {
	if f == nil || !f.trims {
		return event
	}
	out := event
	for _, typ := range [...]Type{DropProperties, AllowProperties} {
		for i := range f.rules {
			r := &f.rules[i]
			if len(r.trims) == 0 || !r.when.Match(event) {
				continue
			}
			for k := range r.trims {
				if r.trims[k].typ == typ {
					out = r.trims[k].apply(out)
				}
			}
		}
	}
	return out
}

// sample lets a part of the events through, by what lies at a path.
type sample struct {
	percent float64
	path    string
	keys    jsvalue.Path
}

func newSample(a *RuleAction) sample {
	s := sample{percent: *a.Percent, path: a.Path}
	if s.path == "" {
		s.path = "messageId"
	}
	for name := range strings.SplitSeq(s.path, ".") {
		s.keys = append(s.keys, jsvalue.NewKey(name))
	}
	return s
}

// takes tells whether an event is among those that are let through: the first 64 bits of the MD5 of the value's JSON, as a fraction of 1, lie below percent.
func (s *sample) takes(event []byte) bool {
	switch {
	case s.percent <= 0:
		return false
	case s.percent >= 1:
		return true
	}
	v := jsvalue.Parse(event)
	for _, key := range s.keys {
		v = v.Get(key)
	}
	if v.Kind() == jsvalue.Undefined {
		v = jsvalue.OfNull()
	}
	sum := md5.Sum(v.Stringify(nil)) //nolint:gosec // a hash that spreads, and keeps no secret
	return float64(binary.BigEndian.Uint64(sum[:]))/math.Exp2(64) < s.percent
}
