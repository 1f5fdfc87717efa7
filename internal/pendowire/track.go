package pendowire

import "github.com/go-json-experiment/json/jsontext"

// track understands a Track Event of a server.
func (d *decoder) track(c *Call, raw jsontext.Value) {
	var visitor, account, timestamp jsontext.Value
	for name, v := range members(raw) {
		switch string(name) {
		case "type":
			c.Type = text(v)
		case "event":
			c.Event = text(v)
		case "visitorId":
			visitor = v
		case "accountId":
			account = v
		case "timestamp":
			timestamp = v
		case "properties":
			c.Data = v
		case "context":
			c.trackContext(v)
		}
	}
	c.Visitor, c.Account = id(visitor), id(account)
	if c.Type != Track {
		c.Event = ""
		c.ignore(true, IgnoredType)
		return
	}
	c.add(c.Event == "", NoEventName)
	c.add(c.Visitor == "", NoVisitor)
	c.add(c.Account == "", NoAccount)
	c.add(visitor.Kind() == '0', NumericID)
	c.trackTime(timestamp)
	c.add(d.received.Origin != "", BrowserSecret)
}

func (c *Call) trackContext(context jsontext.Value) {
	for name, v := range members(context) {
		switch string(name) {
		case "ip":
			c.IP = text(v)
		case "userAgent":
			c.UserAgent = text(v)
		case "url":
			c.URL = text(v)
		case "title":
			c.Title = text(v)
		}
	}
}

// trackTime reads the timestamp, which should be a number of milliseconds, and often is ISO 8601 text.
func (c *Call) trackTime(v jsontext.Value) {
	if t, ok := millis(v); ok {
		c.happened(t, lateAfter)
		c.add(v.Kind() == '"', TimeIsText)
		return
	}
	if t, ok := instant(v); ok && !t.Equal(epoch()) {
		c.happened(t, lateAfter)
		c.add(true, TimeIsText)
		return
	}
	c.add(true, BadTime)
}
