package pendowire

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// agent understands an event of the browser agent.
func (d *decoder) agent(c *Call, raw jsontext.Value) {
	var event, browserTime jsontext.Value
	for name, v := range members(raw) {
		switch string(name) {
		case "type":
			c.Type = text(v)
		case "visitor_id":
			c.Visitor = id(v)
		case "account_id":
			c.Account = id(v)
		case "track_event_name":
			event = v
		case "browser_time":
			browserTime = v
		case "sequence":
			c.Agent.Sequence = integer(v)
		case "tabId":
			c.Agent.Tab = text(v)
		case "frameId":
			c.Agent.Frame = text(v)
		case "url":
			c.URL = text(v)
		case "title":
			c.Title = text(v)
		case "props":
			c.Data = v
		}
	}
	c.IP, c.UserAgent = d.received.Remote, d.received.Agent
	c.agentType(event)
	c.add(c.Visitor == "", NoVisitor)
	c.add(c.Type == Track && c.Account == "", NoAccount)
	if t, ok := millis(browserTime); ok {
		c.Agent.BrowserTime = t.UnixMilli()
		c.happened(t, agentLateAfter)
		return
	}
	c.add(true, BadTime)
}

// agentType takes what events of some types say besides.
func (c *Call) agentType(event jsontext.Value) {
	switch c.Type {
	case "":
		c.ignore(true, IgnoredType)
	case Track:
		c.Event = text(event)
		c.add(c.Event == "", NoEventName)
	case Identify:
		old := id(member(c.Data, "old_visitor_id"))
		if old != c.Visitor && strings.HasPrefix(old, AnonymousPrefix) {
			c.OldVisitor = old
		}
	case Meta:
		c.Traits.Group = GroupAgent
		for name, v := range members(c.Data) {
			switch string(name) {
			case "visitor":
				c.Traits.Visitor = fieldsOnly(v)
			case "account":
				c.Traits.Account = fieldsOnly(v)
			case "parentAccount":
				c.Traits.ParentAccount = fieldsOnly(v)
				c.ParentAccount = id(member(v, "id"))
			}
		}
	}
}

// integer is a JSON number as one; 0 for anything else.
func integer(v jsontext.Value) int64 {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
