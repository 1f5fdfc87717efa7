package pendowire

import (
	"cmp"
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Elements splits a body into its events: the elements of an array, or of the array "batch" of an object; otherwise the body is
// the one event. batched tells which.
func Elements(body jsontext.Value) (events iter.Seq[jsontext.Value], batched bool) {
	if body.Kind() == '[' {
		return items(body), true
	}
	var batch jsontext.Value
	event := false
	for name, v := range members(body) {
		switch string(name) {
		case "batch":
			batch = v
		case "type", "event", "userId", "messageId":
			event = true // an event that has a member of that name
		}
	}
	if batch.Kind() == '[' && !event {
		return items(batch), true
	}
	return func(yield func(jsontext.Value) bool) { yield(body) }, false
}

// segment understands a Segment event.
func (d *decoder) segment(c *Call, raw jsontext.Value) {
	var f fields
	for name, v := range members(raw) {
		f.set(name, v)
	}
	c.Type, c.MessageID = text(f.typ), text(f.messageID)
	c.Visitor, c.AnonymousID = id(f.userID), id(f.anonymousID)
	if c.Type == Track {
		c.Event = text(f.event)
	}
	c.Data = f.properties
	switch c.Type {
	case Identify:
		c.Data = f.traits
		c.Traits = Traits{Group: GroupSegmentio, Visitor: fieldsOnly(f.traits)}
	case Group:
		c.Data = f.traits
		c.Traits = Traits{Group: GroupSegmentio, Account: fieldsOnly(f.traits)}
	}
	nested := id(member(f.properties, "groupId"))
	c.Account = cmp.Or(id(f.groupID), nested)
	inContext := c.context(f.context)
	if c.Type == Identify && d.rules.ContextAccount {
		c.Account = cmp.Or(c.Account, inContext)
	}
	if group := text(f.metadataGroup); d.received.Via == ViaAPI && group != "" {
		c.Traits.Group = group
	}
	d.anonymous(c)
	d.judgeSegment(c, &f, nested, inContext)
	d.segmentTime(c, &f)
}

// anonymous names the visitor of a call that has an anonymousId only, and the one that an identified visitor was before, where the app says so.
func (d *decoder) anonymous(c *Call) {
	if !d.rules.Anonymous || c.AnonymousID == "" {
		return
	}
	switch {
	case c.Visitor == "":
		c.Visitor = AnonymousPrefix + c.AnonymousID
	case c.Type == Identify:
		c.OldVisitor = AnonymousPrefix + c.AnonymousID
	}
}

// fields is the members of an event that matter here.
type fields struct {
	typ, event, messageID, userID, anonymousID, groupID jsontext.Value
	timestamp, originalTimestamp, receivedAt            jsontext.Value
	properties, traits, context                         jsontext.Value
	metadataGroup                                       jsontext.Value // of what came by the API
}

func (f *fields) set(name []byte, v jsontext.Value) {
	switch string(name) {
	case "type":
		f.typ = v
	case "event":
		f.event = v
	case "messageId":
		f.messageID = v
	case "userId":
		f.userID = v
	case "anonymousId":
		f.anonymousID = v
	case "groupId":
		f.groupID = v
	case "timestamp":
		f.timestamp = v
	case "originalTimestamp":
		f.originalTimestamp = v
	case "receivedAt":
		f.receivedAt = v
	case "properties":
		f.properties = v
	case "traits":
		f.traits = v
	case "context":
		f.context = v
	case "metadataGroup":
		f.metadataGroup = v
	}
}

// context takes what context says about the browser, and returns its groupId, which associates nothing.
func (c *Call) context(context jsontext.Value) (groupID string) {
	for name, v := range members(context) {
		switch string(name) {
		case "ip":
			c.IP = text(v)
		case "userAgent":
			c.UserAgent = text(v)
		case "page":
			c.URL, c.Title = text(member(v, "url")), text(member(v, "title"))
		case "groupId":
			groupID = id(v)
		}
	}
	return groupID
}

// judgeSegment gives the verdicts that are a Segment event's alone; nested is the groupId in properties, inContext the one in context.
func (d *decoder) judgeSegment(c *Call, f *fields, nested, inContext string) {
	switch c.Type {
	case Track, Group:
		c.add(c.Type == Track && c.Event == "", NoEventName)
		c.add(c.Type == Track && c.Visitor == "", NoVisitor)
		c.add(c.Account == "" && inContext == "", NoAccount)
		c.add(c.Account == "" && inContext != "", ContextGroupIgnored)
		c.add(nested != "" && nested != c.Account, GroupConflict)
		c.ignore(c.Type == Group && d.rules.NoGroup, SwitchedOff)
	case Identify:
		c.add(c.Visitor == "", NoVisitor)
		c.ignore(d.rules.NoIdentify, SwitchedOff)
	default:
		c.ignore(true, IgnoredType)
	}
	c.add(f.userID.Kind() == '0', NumericID)
}

// segmentTime finds when the call happened.
func (d *decoder) segmentTime(c *Call, f *fields) {
	bad := false
	for _, v := range []jsontext.Value{f.timestamp, f.originalTimestamp, f.receivedAt} {
		if v == nil || v.Kind() == 'n' {
			continue
		}
		if t, ok := instant(v); ok && !t.Equal(epoch()) {
			c.happened(t, lateAfter)
			c.add(bad, BadTime)
			return
		}
		bad = true
	}
	c.happened(c.Time, lateAfter)
	c.add(bad, BadTime)
}

// instant reads an ISO 8601 time of the years 1 to 9999, with or without a zone (then UTC), to the millisecond.
func instant(v jsontext.Value) (time.Time, bool) {
	s := text(v)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC().Truncate(time.Millisecond)
			return t, t.Year() >= 1 && t.Year() <= 9999
		}
	}
	return time.Time{}, false
}

func member(v jsontext.Value, name string) jsontext.Value {
	var found jsontext.Value
	for n, m := range members(v) {
		if string(n) == name {
			found = m
		}
	}
	return found
}
