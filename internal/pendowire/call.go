package pendowire

import (
	"iter"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"penstock/internal/record"
)

// The ways that a body comes by: record.Received.Via.
const (
	ViaSegmentio = "segmentio" // POST /data/segmentio/{key}: Segment events
	ViaTrack     = "track"     // POST /data/track: Track Events of a server
	ViaAgent     = "agent"     // /data/ptm.gif/{key}: what the browser agent sends
	ViaAPI       = "api"       // /api/v1/metadata/...: values of metadata, written as Segment identify and group calls with a member "metadataGroup"
)

// The types of call that mean something here. The agent's other types (load, click, focus, ...) are activity of their visitor; Segment calls of other
// types are kept, with the verdict IgnoredType.
const (
	Track    = "track"
	Identify = "identify"
	Group    = "group" // Segment's
	Meta     = "meta"  // the agent's: metadata of visitor and accounts
)

// AnonymousPrefix begins the id of every anonymous visitor.
const AnonymousPrefix = "_PENDO_T_"

// accountSeparator stands between the id of a parent account and that of an account of its.
const accountSeparator = "::"

// Call is one event, as the Pendo side understands it, whichever way it came. Raw values are parts of the body, or of what it held compressed.
type Call struct {
	Element       int    // its index in the body
	Type          string // track, identify, group, meta, load, click, ...
	Event         string // name, of a track call
	Visitor       string // "" when there is none
	Anonymous     bool   // the visitor is an anonymous one
	OldVisitor    string // of an identify call: the anonymous visitor that Visitor was until now; "" when there is none
	Account       string // "" when there is none; parent::child as it came
	ParentAccount string // "" when there is none
	AnonymousID   string // Segment's anonymousId
	MessageID     string // Segment's
	Agent         AgentID
	Time          time.Time      // when it happened, as far as the call tells; else when it arrived; to the millisecond
	Data          jsontext.Value // properties (props, of the agent's), or the traits of a Segment identify or group call; nil when there are none
	Traits        Traits
	IP            string
	UserAgent     string
	URL           string
	Title         string
	Ignored       bool // it changes nothing: its type means nothing here, or is switched off
	Verdicts      []Verdict
}

// AgentID is what tells the agent's events apart, together with their type. It is zero for calls that came another way.
type AgentID struct {
	Tab, Frame  string
	Sequence    int64 // within a load of a page
	BrowserTime int64 // ms since 1970, by the browser's clock
}

// The groups of metadata that calls can fill.
const (
	GroupAgent     = "agent"
	GroupSegmentio = "segmentio"
	GroupCustom    = "custom" // by the API
)

// Traits is the metadata that a call brings: JSON objects, nil when it brings none.
type Traits struct {
	Group                           string // GroupAgent, GroupSegmentio, GroupCustom; "" when there is none
	Visitor, Account, ParentAccount jsontext.Value
}

// decoder holds what the calls of a body have in common.
type decoder struct {
	received *record.Received
	rules    Rules
	arrived  time.Time
}

// Decode understands a body: it yields its calls in their order. There is at least one: what holds no call is one with the verdict NotAnEvent, so that
// nothing is dropped in silence. The same record gives the same calls, whenever it is read.
func Decode(r *record.Received) iter.Seq[Call] {
	d := &decoder{received: r, rules: ReadRules(r.Rules), arrived: time.UnixMilli(r.At).UTC()}
	return func(yield func(Call) bool) {
		events, batched, whole := d.events()
		n := 0
		for e := range events {
			c := d.call(e)
			c.Element = n
			d.common(&c, batched)
			if !yield(c) {
				return
			}
			n++
		}
		if n == 0 {
			c := Call{Time: d.arrived}
			c.ignore(whole, NotAnEvent)
			c.ignore(!whole, Unreadable)
			d.common(&c, batched)
			yield(c)
		}
	}
}

// events splits the body into its events. whole is false for a body that cannot be unpacked.
func (d *decoder) events() (events iter.Seq[jsontext.Value], batched, whole bool) {
	body := jsontext.Value(d.received.Body)
	if d.received.Via != ViaAgent {
		events, batched = Elements(body)
		return events, batched, true
	}
	packed, err := Unpack(body)
	return items(packed), false, err == nil
}

func (d *decoder) call(raw jsontext.Value) Call {
	c := Call{Time: d.arrived}
	switch {
	case raw.Kind() != '{':
		c.ignore(true, NotAnEvent)
	case d.received.Via == ViaTrack:
		d.track(&c, raw)
	case d.received.Via == ViaAgent:
		d.agent(&c, raw)
	default:
		d.segment(&c, raw)
	}
	return c
}

// common completes a call with what holds for calls of each way.
func (d *decoder) common(c *Call, batched bool) {
	c.Anonymous = strings.HasPrefix(c.Visitor, AnonymousPrefix)
	if parent, _, ok := strings.Cut(c.Account, accountSeparator); ok && c.ParentAccount == "" {
		c.ParentAccount = parent
	}
	c.add(IsPlaceholder(c.Visitor) || IsPlaceholder(c.Account), PlaceholderID)
	if c.Type == Track && !c.Ignored {
		c.judgeProperties()
	}
	c.judgeTraits()
	c.add(batched && d.received.Via != ViaAPI, Batched)
	for _, v := range d.received.Verdicts {
		c.add(true, Verdict(v))
	}
}

func (c *Call) add(when bool, v Verdict) {
	if when {
		c.Verdicts = append(c.Verdicts, v)
	}
}

// ignore is add for what makes a call change nothing.
func (c *Call) ignore(when bool, v Verdict) {
	c.add(when, v)
	c.Ignored = c.Ignored || when
}
