package event

// shared is what a batch says for all of its events.
type shared struct {
	context      group
	integrations group
	facts        contextFacts
	bytes        int // that it adds to each event, at most
	sentAt       []byte
	sentMicros   int64
	sentOK       bool
}

// group is the members of an object that are merged into an object of each event; there, the event's own win.
type group struct {
	members []sharedMember
	byName  map[string]int
	event   int  // counts the events, so that marks need no clearing
	allIs   bool // "all" and "All" are one name, since Segment's Go library writes the former
}

type sharedMember struct {
	name, value []byte
	own         int // the last event that has this name itself
}

// set takes the members of an object; of repeated names the last one counts.
func (g *group) set(object []byte) (size int) {
	g.members = g.members[:0]
	clear(g.byName)
	if len(object) == 0 || object[0] != '{' {
		return 0
	}
	if g.byName == nil {
		g.byName = map[string]int{}
	}
	w := walk(object)
	for name, value, ok := w.next(); ok; name, value, ok = w.next() {
		plain := string(unquote(nil, name))
		m := sharedMember{name: name, value: value, own: -1}
		if i, known := g.byName[plain]; known {
			g.members[i] = m
			continue
		}
		g.byName[plain] = len(g.members)
		g.members = append(g.members, m)
	}
	g.event = 0
	return len(object)
}

// appendOpen writes an event's own object with a group merged into it, but for the closing brace. empty tells that there is nothing in it.
func (s *Splitter) appendOpen(dst, own []byte, g *group) (_ []byte, empty bool) {
	g.event++
	empty = true
	if len(own) > 0 {
		empty = own[skipSpace(own, 1)] == '}'
		dst = s.raw(dst, own[:len(own)-1])
	} else {
		dst = append(dst, '{')
	}
	if len(g.members) == 0 {
		return dst, empty
	}
	if len(own) > 0 {
		g.mark(own)
	}
	for i := range g.members {
		m := &g.members[i]
		if m.own == g.event {
			continue
		}
		dst = separate(dst, empty)
		dst = append(append(dst, m.name...), ':')
		dst = s.raw(dst, m.value)
		empty = false
	}
	return dst, empty
}

// mark notes which members the event has itself.
func (g *group) mark(own []byte) {
	w := walk(own)
	var scratch [64]byte
	for name, _, ok := w.next(); ok; name, _, ok = w.next() {
		plain := unquote(scratch[:0], name)
		if i, known := g.byName[string(plain)]; known {
			g.members[i].own = g.event
		}
		if !g.allIs {
			continue
		}
		switch string(plain) {
		case "all":
			g.markOne("All")
		case "All":
			g.markOne("all")
		}
	}
}

func (g *group) markOne(name string) {
	if i, known := g.byName[name]; known {
		g.members[i].own = g.event
	}
}

func separate(dst []byte, empty bool) []byte {
	if empty {
		return dst
	}
	return append(dst, ',')
}

// contextFacts is what ingest wants to know of a context.
type contextFacts struct {
	library []byte
	ip      bool // an address is there, or null
	direct  bool // the caller asks for its address to be filled in
}

// readContext looks a context over, for what the batch does not say already.
func readContext(own []byte, batch contextFacts) contextFacts {
	f := batch
	if len(own) == 0 {
		return f
	}
	w := walk(own)
	for name, value, ok := w.next(); ok; name, value, ok = w.next() {
		switch string(plainName(name)) {
		case `"library"`:
			f.library = value
		case `"ip"`:
			f.ip = true
		case `"direct"`:
			f.direct = string(value) == "true"
		}
	}
	return f
}

// setShared looks at what a batch says for all.
func (s *Splitter) setShared() {
	h := &s.shared
	h.bytes, h.facts, h.sentAt, h.sentMicros, h.sentOK = 0, contextFacts{}, nil, 0, false
	batchContext := s.part(s.envelope[fieldContext])
	h.integrations.allIs = true
	h.bytes = h.context.set(batchContext) + h.integrations.set(s.part(s.envelope[fieldIntegrations]))
	if len(h.context.members) > 0 {
		h.facts = readContext(batchContext, contextFacts{})
	}
	if sent := s.part(s.envelope[fieldSentAt]); len(sent) > 0 && sent[0] != 'n' {
		h.sentAt = sent
		h.sentMicros, h.sentOK = parseQuoted(sent)
	}
}

// parseQuoted reads a time that is a JSON string.
func parseQuoted(value []byte) (micros int64, ok bool) {
	if len(value) < len(`""`) || value[0] != '"' {
		return 0, false
	}
	return parseTime(value[1 : len(value)-1])
}
