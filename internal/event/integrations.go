package event

// SwitchedOff tells whether the integrations of a canonical line keep an event from a destination, which goes by any of names, the current one first; by
// is the name that decided. The first name that is there with true, false or an object of options decides; else "All" does (or "all", as
// Segment's Go library writes it). What says nothing lets the event through.
func SwitchedOff(line []byte, names ...string) (by string, off bool) {
	if len(line) == 0 || line[0] != '{' {
		return "", false
	}
	integrations := member(line, `"integrations"`)
	if len(integrations) == 0 || integrations[0] != '{' || integrations[skipSpace(integrations, 1)] == '}' {
		return "", false
	}
	for _, name := range names {
		if on, said := allows(integrations, name); said {
			return name, !on
		}
	}
	for _, name := range [...]string{"All", "all"} {
		if on, said := allows(integrations, name); said {
			return name, !on
		}
	}
	return "", false
}

// allows is what integrations say of a name; said is false when that is nothing. Of a repeated name the last counts.
func allows(integrations []byte, name string) (on, said bool) {
	w := walk(integrations)
	var scratch [64]byte
	for n, value, ok := w.next(); ok; n, value, ok = w.next() {
		if string(unquote(scratch[:0], n)) != name {
			continue
		}
		switch value[0] {
		case 't', '{':
			on, said = true, true
		case 'f':
			on, said = false, true
		default:
			said = false
		}
	}
	return on, said
}
