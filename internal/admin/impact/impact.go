package impact

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"penstock/internal/destination"
	"penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/jsvalue"
	"penstock/internal/workspace"
)

// Bounds of an assessment.
const (
	EventsMax   = 10_000           // of a source, the newest
	bytesMax    = 64 << 20         // of a source's events
	mappingsMax = 50               // that have changed
	timeMax     = 20 * time.Second // for all of them
	examplesMax = 5                // messageIds for each count
)

// Impact is what a change means for the events of one mapping.
type Impact struct {
	Destination     string   `json:"destination" doc:"Slug"`
	Mapping         string   `json:"mapping" doc:"Name"`
	Source          string   `json:"source" doc:"Slug"`
	Text            string   `json:"text" doc:"All of it in a sentence"`
	Events          int      `json:"events" doc:"That were looked at, the newest of the source"`
	MatchedBefore   int      `json:"matchedBefore" doc:"How many of them the mapping delivers as it is"`
	MatchedAfter    int      `json:"matchedAfter" doc:"How many it would deliver"`
	NewlyReached    Examples `json:"newlyReached" doc:"Delivered only after the change"`
	NoLongerReached Examples `json:"noLongerReached" doc:"Delivered only before the change"`
	PayloadChanged  Examples `json:"payloadChanged" doc:"Delivered before and after, and not the same"`
	NewlyRejected   Examples `json:"newlyRejected" doc:"After the change, the fields cannot be made of them"`
	Partial         bool     `json:"partial,omitempty" doc:"A bound cut it short: more of the source's events are on the log, and were not looked at"`
}

// Examples is a number of events, and a few of them.
type Examples struct {
	Count      int      `json:"count"`
	MessageIDs []string `json:"messageIds" nullable:"false" doc:"Of the newest of them"`
}

func (x *Examples) add(line []byte) {
	x.Count++
	if len(x.MessageIDs) == examplesMax {
		x.MessageIDs = slices.Delete(x.MessageIDs, 0, 1)
	}
	x.MessageIDs = append(x.MessageIDs, jsvalue.Parse(line).Get(jsvalue.NewKey("messageId")).Str())
}

// Log is what is read of the log.
type Log interface {
	Read(stream eventlog.Stream, filter string, from uint64) *eventlog.Reader
	Last(stream eventlog.Stream) uint64
}

// Assessor tells the impact of changes.
type Assessor struct {
	catalog   workspace.Catalog
	log       Log
	publicURL string // scheme://host of this server
}

// New makes an Assessor.
func New(catalog workspace.Catalog, log Log, publicURL string) *Assessor {
	return &Assessor{catalog: catalog, log: log, publicURL: publicURL}
}

// Of lists the impact on each mapping that delivers otherwise, in the order of destination and mapping.
func (a *Assessor) Of(ctx context.Context, before, after *workspace.Snapshot) ([]Impact, error) {
	ctx, cancel := context.WithTimeout(ctx, timeMax)
	defer cancel()
	bySource := map[string][]*changed{}
	var all []*changed
	for _, c := range a.changes(before, after) {
		if len(all) == mappingsMax {
			break
		}
		bySource[c.source.ID] = append(bySource[c.source.ID], c)
		all = append(all, c)
	}
	for source, mappings := range bySource {
		if err := a.assess(ctx, source, mappings); err != nil {
			return nil, err
		}
	}
	out := make([]Impact, 0, len(all))
	for _, c := range all {
		out = append(out, c.told())
	}
	slices.SortFunc(out, func(a, b Impact) int {
		return cmp.Or(cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.Mapping, b.Mapping))
	})
	return out, nil
}

// changed is a mapping that delivers otherwise; nil is one that does not deliver.
type changed struct {
	Impact

	name          string // for people
	source        *workspace.Source
	before, after *way
}

// way is how a mapping delivers.
type way struct {
	mapping *destination.Mapping
	names   []string // what integrations may call the destination
}

// changes lists the mappings that are on before or after, and do not say the same.
func (a *Assessor) changes(before, after *workspace.Snapshot) []*changed {
	var all []*changed
	seen := map[string]bool{}
	for _, now := range []*workspace.Snapshot{after, before} {
		for _, m := range now.Mappings() {
			if seen[m.ID] {
				continue
			}
			seen[m.ID] = true
			d := now.Destination(m.Destination)
			if d == nil || now.Source(d.Source) == nil || told(before, m.ID) == told(after, m.ID) {
				continue
			}
			c := &changed{source: now.Source(d.Source), before: a.way(before, m.ID), after: a.way(after, m.ID), name: cmp.Or(d.Name, d.Slug)}
			if c.name != m.Name {
				c.name += " / " + m.Name
			}
			c.Destination, c.Mapping, c.Source = d.Slug, m.Name, c.source.Slug
			for _, x := range []*Examples{&c.NewlyReached, &c.NoLongerReached, &c.PayloadChanged, &c.NewlyRejected} {
				x.MessageIDs = []string{}
			}
			all = append(all, c)
		}
	}
	return all
}

// told is what a fence says of a mapping; empty when it does not deliver.
func told(s *workspace.Snapshot, id string) string {
	m := s.Mapping(id)
	if m == nil || !s.On(m) {
		return ""
	}
	spec, err := json.Marshal(s.Spec(m))
	if err != nil {
		return err.Error()
	}
	return string(spec)
}

// way compiles a mapping; nil when it does not deliver, or cannot.
func (a *Assessor) way(s *workspace.Snapshot, id string) *way {
	m := s.Mapping(id)
	if m == nil || !s.On(m) {
		return nil
	}
	d := s.Destination(m.Destination)
	typ, ok := a.catalog.Lookup(d.Type)
	if !ok {
		return nil
	}
	compiled, err := destination.CompileLoosely(typ, workspace.Resolve(s.Spec(m), a.publicURL), workspace.ResolveJSON(d.Settings, a.publicURL))
	if err != nil {
		return nil
	}
	return &way{compiled, typ.Definition().Names()}
}

// take takes an event, and tells whether it is reached, and with which payload; nil: none can be made of it.
func (w *way) take(line []byte) (payload []byte, reached bool) {
	if w == nil {
		return nil, false
	}
	if _, off := event.SwitchedOff(line, w.names...); off || !w.mapping.Match(line) {
		return nil, false
	}
	resolved, err := w.mapping.Resolve(line)
	if err != nil {
		return nil, true
	}
	return resolved.AppendJSON([]byte{}), true
}

// take compares what becomes of an event.
func (c *changed) take(line []byte) {
	c.Events++
	was, before := c.before.take(line)
	will, after := c.after.take(line)
	if before {
		c.MatchedBefore++
	}
	if after {
		c.MatchedAfter++
	}
	switch {
	case before && !after:
		c.NoLongerReached.add(line)
	case after && !before:
		c.NewlyReached.add(line)
	case before && will != nil && !bytes.Equal(was, will):
		c.PayloadChanged.add(line)
	}
	if after && will == nil && (!before || was != nil) {
		c.NewlyRejected.add(line)
	}
}

// told is the impact with its sentence.
func (c *changed) told() Impact {
	if c.Events == 0 {
		c.Text = fmt.Sprintf("no event of %s is on the log yet", c.Source)
		return c.Impact
	}
	var parts []string
	tell := func(n int, what string) {
		if n > 0 {
			parts = append(parts, number(n)+" "+what)
		}
	}
	tell(c.NoLongerReached.Count, "would no longer reach "+c.name)
	tell(c.NewlyReached.Count, "would newly reach "+c.name)
	tell(c.PayloadChanged.Count, "would reach "+c.name+" otherwise than now")
	tell(c.NewlyRejected.Count, "would be rejected, because the fields cannot be made of them")
	of := "of the last " + number(c.Events) + " events "
	if len(parts) == 0 {
		c.Text = "none " + of + "would be delivered otherwise to " + c.name
		return c.Impact
	}
	first, rest, _ := strings.Cut(parts[0], " ")
	parts[0] = first + " " + of + rest
	c.Text = strings.Join(parts, "; ")
	return c.Impact
}

// number is n with commas between the thousands.
func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 { //nolint:mnd // digits of a thousand
		text = text[:i] + "," + text[i:]
	}
	return text
}
