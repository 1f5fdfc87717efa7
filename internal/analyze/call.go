package analyze

import (
	"database/sql/driver"
	"strings"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// unknownApp is the last token of a subject that holds what came for keys that belong to no app.
const unknownApp = "_"

// call is one call of RECEIVED, and what becomes its row.
type call struct {
	pendowire.Call

	identity
	workspace string
	at        time.Time
	via       string
	key       string
	remote    string
	data      any

	counted     bool
	of          *place
	callHash    uint64 // 0: this is not the first row of a call
	messageHash uint64 // 0: this is not the first row of a messageId
}

// place is where a call lies: a position of RECEIVED, and the index in its batch.
type place struct {
	record.Position

	element int
}

// decode adds the calls of a chunk's lines to calls. unreadable counts lines that are no records; there are none, but by a mistake of a program.
func decode(c *eventlog.Chunk, calls []call) (all []call, unreadable uint64) {
	_, rest, _ := strings.Cut(c.Subject, ".")
	workspace, app, _ := strings.Cut(rest, ".")
	before := len(calls)
	for i, line := range record.Lines(c.Body) {
		r, ok := pendowire.ReadLine(line)
		if !ok {
			unreadable++
			continue
		}
		for e := range pendowire.Decode(&r) {
			if e.Type == pendowire.Erased {
				continue // somebody's, who is not to be known
			}
			calls = append(calls, newCall(&r, e))
			calls[len(calls)-1].place = place{record.Position{Seq: c.Seq, Line: i}, e.Element}
		}
	}
	for i := range calls[before:] {
		calls[before+i].workspace, calls[before+i].app = workspace, app
	}
	return calls, unreadable
}

func newCall(r *record.Received, e pendowire.Call) call {
	c := call{Call: e, at: time.UnixMilli(r.At).UTC(), via: r.Via, key: r.Key, remote: r.Remote}
	c.identity = identity{webhookID: r.WebhookID, messageID: c.MessageID, typ: c.Type, event: c.Event}
	if c.Data != nil {
		c.data = string(c.Data)
	}
	return c
}

// row is the call as a row of analytics.calls.
func (c *call) row() []driver.Value {
	verdicts := make([]string, len(c.Verdicts))
	for i, v := range c.Verdicts {
		verdicts[i] = string(v)
	}
	var ofSeq, ofLine, ofElement any
	if c.of != nil {
		ofSeq, ofLine, ofElement = c.of.Seq, uint32(c.of.Line), uint32(c.of.element) //nolint:gosec // read from, or bound for, a UINTEGER
	}
	return []driver.Value{
		c.workspace, c.app, c.place.Seq, uint32(c.place.Line), uint32(c.place.element), //nolint:gosec // a body has at most pendowire.BatchMax elements
		c.at, optional(c.via), optional(c.key), optional(c.webhookID), optional(c.remote),
		optional(c.Type), optional(c.MessageID), optional(c.Event), optional(c.Visitor), optional(c.Account), optional(c.AnonymousID), c.Time, c.data,
		optional(c.IP), optional(c.UserAgent), optional(c.URL), optional(c.Title),
		verdicts, c.counted, ofSeq, ofLine, ofElement,
		hash(c.callHash), hash(c.messageHash),
	}
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func hash(h uint64) any {
	if h == 0 {
		return nil
	}
	return h
}
