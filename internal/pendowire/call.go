package pendowire

import (
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The types of call that mean something here. Calls of other types are kept, with the verdict IgnoredType.
const (
	Track    = "track"
	Identify = "identify"
	Group    = "group"
)

// The times between which a call is taken for what it says: Pendo processes nothing that is older, and clocks are not that wrong.
const (
	ageMax  = 7 * 24 * time.Hour
	skewMax = 5 * time.Minute
)

// Call is one Segment event, as the Pendo side understands it. Raw values are parts of the JSON that it was decoded from.
type Call struct {
	Type      string
	Event     string // of a track call
	Visitor   string // userId; "" when there is none
	Account   string // groupId at the top level, else in properties; "" when there is none
	Anonymous string // anonymousId
	MessageID string
	Time      time.Time      // when it happened: timestamp, else originalTimestamp, else receivedAt, else when it arrived
	Data      jsontext.Value // properties, or the traits of an identify or group call; nil when there are none
	IP        string
	UserAgent string
	URL       string
	Title     string
	Verdicts  []Verdict
}

// Elements splits a body into its events: the elements of an array, or of the array "batch" of an object; otherwise the body is
// the one event. batched tells which.
func Elements(body jsontext.Value) (events iter.Seq[jsontext.Value], batched bool) {
	if body.Kind() == '[' {
		return items(body), true
	}
	var batch jsontext.Value
	event := false
	for name, v := range members(body) {
		switch name {
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

// Decode understands one event, valid JSON, that arrived at a time.
func Decode(raw jsontext.Value, arrived time.Time) Call {
	c := Call{Time: arrived}
	if raw.Kind() != '{' {
		c.Verdicts = append(c.Verdicts, NotAnEvent)
		return c
	}
	var f fields
	for name, v := range members(raw) {
		f.set(name, v)
	}
	c.Type, c.MessageID = text(f.typ), text(f.messageID)
	c.Visitor, c.Anonymous = id(f.userID), id(f.anonymousID)
	if c.Type == Track {
		c.Event = text(f.event)
	}
	c.Data = f.properties
	if c.Type == Identify || c.Type == Group {
		c.Data = f.traits
	}
	nested := id(member(f.properties, "groupId"))
	c.Account = id(f.groupID)
	if c.Account == "" {
		c.Account = nested
	}
	contextGroup := c.context(f.context)
	c.judge(nested, contextGroup)
	c.time(&f, arrived)
	return c
}

// fields is the members of an event that matter here.
type fields struct {
	typ, event, messageID, userID, anonymousID, groupID jsontext.Value
	timestamp, originalTimestamp, receivedAt            jsontext.Value
	properties, traits, context                         jsontext.Value
}

func (f *fields) set(name string, v jsontext.Value) {
	switch name {
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
	}
}

// context takes what context says about the browser, and returns its groupId, which associates nothing.
func (c *Call) context(context jsontext.Value) (groupID string) {
	for name, v := range members(context) {
		switch name {
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

// judge gives the verdicts on what the call says; nested is the groupId in properties, contextGroup the one in context.
func (c *Call) judge(nested, contextGroup string) {
	add := func(when bool, v Verdict) {
		if when {
			c.Verdicts = append(c.Verdicts, v)
		}
	}
	switch c.Type {
	case Track, Group:
		add(c.Type == Track && c.Event == "", NoEventName)
		add(c.Type == Track && c.Visitor == "", NoVisitor)
		add(c.Account == "" && contextGroup == "", NoAccount)
		add(c.Account == "" && contextGroup != "", ContextGroupIgnored)
		add(nested != "" && nested != c.Account, GroupConflict)
	case Identify:
		add(c.Visitor == "", NoVisitor)
	default:
		add(true, IgnoredType)
	}
}

// time finds when the call happened.
func (c *Call) time(f *fields, arrived time.Time) {
	bad := false
	for _, v := range []jsontext.Value{f.timestamp, f.originalTimestamp, f.receivedAt} {
		if v == nil || v.Kind() == 'n' {
			continue
		}
		if t, ok := instant(v); ok {
			c.Time = t
			break
		}
		bad = true
	}
	if bad {
		c.Verdicts = append(c.Verdicts, BadTime)
	}
	switch age := arrived.Sub(c.Time); {
	case age > ageMax:
		c.Verdicts = append(c.Verdicts, TooOld)
	case age < -skewMax:
		c.Verdicts = append(c.Verdicts, InFuture)
	}
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
		if n == name {
			found = m
		}
	}
	return found
}
