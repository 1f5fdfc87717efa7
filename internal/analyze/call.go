package analyze

import (
	"database/sql/driver"
	"strings"
	"time"
	"unicode/utf8"

	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// unknownApp is the last token of a subject that holds what came for keys that belong to no app.
const unknownApp = "_"

// textMax is how much is kept of a name or an id, in bytes: what is longer is none.
const textMax = 1024

// call is one call of RECEIVED, and what becomes its row.
type call struct {
	pendowire.Call

	identity
	workspace string
	appID     string // as the subject has it
	key       string
	remote    string

	account, parent, old uint32 // people; 0: none
	otherForm            bool   // the visitor's id was seen in another form
	hidden               bool
	counted              bool
	accepted             bool // it counted when it came
	traits               bool // its metadata is taken over
	first                bool // of its messageId
	of                   uint64
	callHash             uint64 // 0: this is not the first row of a call
	nearHash             uint64 // 0: this is not the first row of its kind
	bits                 uint64 // verdicts
	slots                [slotsMax]string
}

// tracked tells whether the call counts as a Track Event.
func (c *call) tracked() bool { return c.counted && c.event != 0 }

// size is about how many bytes the call holds.
func (c *call) size() int {
	return len(c.Data) + len(c.Traits.Visitor) + len(c.Traits.Account) + len(c.Traits.ParentAccount)
}

// place is where a call lies: a position of RECEIVED, and the index in its body.
type place struct {
	record.Position

	element int
}

// decode adds the calls of a chunk's lines to calls. unreadable counts lines that are no records; there are none, but by a mistake of a program.
func decode(c *eventlog.Chunk, calls []call) (all []call, unreadable uint64) {
	_, rest, _ := strings.Cut(c.Subject, ".")
	workspace, app, _ := strings.Cut(rest, ".")
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
			last := &calls[len(calls)-1]
			last.place = place{record.Position{Seq: c.Seq, Line: i}, e.Element}
			last.workspace, last.appID = workspace, app
		}
	}
	return calls, unreadable
}

func newCall(r *record.Received, e pendowire.Call) call {
	e.Event, e.Visitor, e.Account = cut(e.Event), cut(e.Visitor), cut(e.Account)
	e.OldVisitor, e.ParentAccount = cut(e.OldVisitor), cut(e.ParentAccount)
	return call{
		Call: e, key: r.Key, remote: r.Remote,
		identity: identity{
			webhookID: r.WebhookID, redrive: r.Redrive, messageID: e.MessageID, typ: e.Type, agent: e.Agent,
			at: time.UnixMilli(r.At).UTC(), ts: e.Time, via: r.Via, sender: r.Agent,
		},
	}
}

// cut takes at most textMax bytes of s, as valid UTF-8.
func cut(s string) string {
	if len(s) <= textMax {
		return s
	}
	end := textMax
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// row is the call as a row of analytics.calls; it takes the place of the last one.
func (c *call) row(row []driver.Value) []driver.Value {
	row = append(
		row[:0],
		c.n, c.app, c.Seq, uint32(c.Line), uint32(c.element), //nolint:gosec // a body has at most pendowire.BatchMax elements
		c.at, c.Time, optional(c.via), optional(c.key), optional(c.webhookID), c.redrive, optional(c.remote), optional(c.sender),
		optional(c.Type), number(c.event), number(c.visitor), number(c.account), optional(c.MessageID), optional(c.AnonymousID),
		optional(c.Agent.Tab), optional(c.Agent.Frame), c.Agent.Sequence, c.Agent.BrowserTime,
		optional(c.IP), optional(c.UserAgent), optional(c.URL), optional(c.Title), data(c.Data),
		c.bits, c.counted, c.hidden, c.tracked(), hash(c.of),
		hash(c.callHash), hash(c.hashOfMessage()), c.first, hash(c.nearHash),
	)
	for _, s := range c.slots {
		row = append(row, optional(s))
	}
	return row
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func data(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

func number(n uint32) any {
	if n == 0 {
		return nil
	}
	return n
}

func hash(h uint64) any {
	if h == 0 {
		return nil
	}
	return h
}
