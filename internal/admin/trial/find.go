package trial

import (
	"context"
	"encoding/json"
	"fmt"

	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

const (
	// EventBytesMax bounds an event that is given, in bytes.
	EventBytesMax = 1 << 20
	// framesMax bounds how far back the log is looked through for an event that matches, in frames of all sources.
	framesMax = 4096
	// framesFirst is how far back it is looked first.
	framesFirst = 64
)

// subject is what an order comes to: a mapping, and where its events come from.
type subject struct {
	destination destination.Destination
	spec        destination.Spec
	settings    json.RawMessage
	source      string // id; empty: not known
}

func (t *Tester) subject(o *Order) (*subject, error) {
	now := t.parts.Snapshot()
	s := &subject{}
	var err error
	switch {
	case o.Inline != nil && o.Destination != "":
		err = t.draft(s, now, o)
	case o.Inline != nil:
		err = t.inline(s, o.Inline)
	default:
		err = t.configured(s, now, o)
	}
	if err != nil {
		return nil, err
	}
	if o.Source != "" {
		source := now.SourceBySlug(o.Source)
		if source == nil {
			return nil, unknown("there is no source %q; GET /api/workspace names them", o.Source)
		}
		s.source = source.ID
	}
	s.spec = workspace.Resolve(s.spec, t.parts.PublicURL)
	s.settings = workspace.ResolveJSON(s.settings, t.parts.PublicURL)
	return s, nil
}

func (t *Tester) inline(s *subject, in *Inline) error {
	d, ok := t.parts.Catalog.Lookup(in.Type)
	if !ok {
		return unknown("there is no type of destination %q; GET /api/catalog lists them", in.Type)
	}
	s.destination, s.settings = d, in.Settings
	s.spec = destination.Spec{Action: in.Action, Trigger: in.Trigger, Fields: in.Fields, Filters: in.Filters}
	return nil
}

// draft is an inline mapping as one of a destination of the workspace: settings, filters and source are the destination's.
func (t *Tester) draft(s *subject, now *workspace.Snapshot, o *Order) error {
	d := now.DestinationBySlug(o.Destination)
	switch {
	case d == nil:
		return unknown("there is no destination %q; GET /api/workspace names them", o.Destination)
	case o.Mapping != "":
		return unknown("give a mapping of the destination, or an inline one, not both")
	case o.Inline.Type != "" && o.Inline.Type != d.Type:
		return unknown("the destination %q is of type %s, and the inline mapping of %s", d.Slug, d.Type, o.Inline.Type)
	case len(o.Inline.Settings) > 0 || len(o.Inline.Filters) > 0:
		return unknown("an inline mapping of a destination has the destination's settings and filters; leave its own away")
	}
	typ, ok := t.parts.Catalog.Lookup(d.Type)
	if !ok {
		return unknown("the catalog of this version has no destination %q", d.Type)
	}
	in := o.Inline
	s.destination, s.settings, s.source = typ, d.Settings, d.Source
	s.spec = now.Spec(&workspace.Mapping{Destination: d.ID, Action: in.Action, Trigger: in.Trigger, Fields: in.Fields})
	return nil
}

func (t *Tester) configured(s *subject, now *workspace.Snapshot, o *Order) error {
	d := now.DestinationBySlug(o.Destination)
	if d == nil {
		return unknown("there is no destination %q; GET /api/workspace names them", o.Destination)
	}
	typ, ok := t.parts.Catalog.Lookup(d.Type)
	if !ok {
		return unknown("the catalog of this version has no destination %q", d.Type)
	}
	mappings := now.MappingsOfDestination(d.ID)
	for _, m := range mappings {
		if m.Name == o.Mapping || o.Mapping == "" && len(mappings) == 1 {
			s.destination, s.spec, s.settings, s.source = typ, now.Spec(m), d.Settings, d.Source
			return nil
		}
	}
	if o.Mapping == "" {
		return unknown("the destination %q has %d mappings; name one", d.Slug, len(mappings))
	}
	return unknown("the destination %q has no mapping %q; GET /api/workspace names them", d.Slug, o.Mapping)
}

// found is an event, and where it lies on the log; nil: nowhere.
type found struct {
	event    json.RawMessage
	position *record.Position
}

// event finds the event that an order means; matches is the trigger.
func (t *Tester) event(ctx context.Context, o *Order, source string, matches func([]byte) bool) (found, error) {
	switch {
	case len(o.Event) > 0 && o.MessageID != "":
		return found{}, unknown("give an event or a messageId, not both")
	case len(o.Event) > EventBytesMax:
		return found{}, unknown("the event has %d bytes; at most %d are taken", len(o.Event), EventBytesMax)
	case len(o.Event) > 0:
		if o.Event[0] != '{' || !json.Valid(o.Event) {
			return found{}, unknown("the event must be a JSON object")
		}
		return found{event: o.Event}, nil
	case o.MessageID != "":
		return t.named(ctx, o.MessageID, source)
	case source == "":
		return found{}, unknown("give an event, a messageId, or the source whose newest event is to be taken")
	}
	return t.newest(ctx, source, matches)
}

func (t *Tester) named(ctx context.Context, messageID, source string) (found, error) {
	for _, s := range t.parts.Snapshot().Sources() {
		if source != "" && s.ID != source {
			continue
		}
		for _, p := range t.parts.Finder.Find(s.ID, messageID) {
			c, err := t.parts.Log.Chunk(ctx, eventlog.Events, p.Seq)
			if err != nil {
				return found{}, fmt.Errorf("read event: %w", err)
			}
			if event := record.Line(c.Body, p.Line); event != nil {
				return found{event, &p}, nil
			}
		}
	}
	return found{}, unknown("no event with the messageId %q is known to the source", messageID)
}

// newest is the newest event of the source that matches, or, when none of the recent ones does, the newest.
func (t *Tester) newest(ctx context.Context, source string, matches func([]byte) bool) (found, error) {
	last := t.parts.Log.Last(eventlog.Events)
	var latest found
	for frames, until := uint64(framesFirst), last; ; frames *= 8 {
		from := uint64(1)
		if last > frames {
			from = last - frames + 1
		}
		newest, matched, err := t.scan(ctx, source, window{from, until}, matches)
		if err != nil {
			return found{}, err
		}
		if latest.event == nil {
			latest = newest
		}
		if matched.event != nil {
			return matched, nil
		}
		if from == 1 || frames >= framesMax {
			break
		}
		until = from - 1
	}
	if latest.event == nil {
		return found{}, unknown("no event of the source has come recently; give one, or send one with its write key first")
	}
	return latest, nil
}

// window is a range of sequences, both ends included.
type window struct{ from, to uint64 }

// scan finds, in a part of the log, the newest event of the source, and the newest that matches.
func (t *Tester) scan(ctx context.Context, source string, w window, matches func([]byte) bool) (newest, matched found, err error) {
	r := t.parts.Log.Read(eventlog.Events, "events."+workspace.Default+"."+source, w.from)
	for {
		c, more, err := r.TryNext(ctx)
		if err != nil {
			return newest, matched, fmt.Errorf("read recent events: %w", err)
		}
		if !more || c.Seq > w.to {
			return newest, matched, nil
		}
		for line, event := range record.Lines(c.Body) {
			newest = found{append(json.RawMessage(nil), event...), &record.Position{Seq: c.Seq, Line: line}}
			if matches(event) {
				matched = newest
			}
		}
	}
}
