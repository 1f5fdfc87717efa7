package analyze

import (
	"slices"
	"time"

	"penstock/internal/jsvalue"
	"penstock/internal/pendowire"
)

// identity is what makes two calls the same one, and where it lies.
type identity struct {
	place

	n         uint64 // of its row
	app       uint32
	event     uint32
	visitor   uint32
	webhookID string
	redrive   uint64
	messageID string
	typ       string
	agent     pendowire.AgentID
	at        time.Time // when it was received
	ts        time.Time // when it happened
	via       string
	sender    string
	call      *call // of the batch that is being judged; nil for a row of the table
}

// byAgent tells whether it is the agent that tells calls apart.
func (i *identity) byAgent() bool { return i.agent.BrowserTime != 0 && i.agent.Tab != "" }

// sameCall tells whether two calls are one that was delivered twice.
func (i *identity) sameCall(j *identity) bool {
	if i.app != j.app || i.webhookID != j.webhookID {
		return false
	}
	switch {
	case i.webhookID != "":
		return i.element == j.element
	case i.messageID != "":
		return i.messageID == j.messageID && i.typ == j.typ && i.event == j.event
	}
	return i.byAgent() && i.agent == j.agent && i.typ == j.typ
}

// sameMessage tells whether two calls have one messageId.
func (i *identity) sameMessage(j *identity) bool { return i.app == j.app && i.messageID == j.messageID }

// otherPath tells whether two calls came by different ways: to another endpoint, or by another program.
func (i *identity) otherPath(j *identity) bool {
	return i.via != j.via || i.via != pendowire.ViaAgent && i.sender != j.sender
}

// hashOfCall is the same for the same call; 0 for one that has no identity.
func (i *identity) hashOfCall() uint64 {
	switch {
	case i.webhookID != "":
		return newHash("webhook").number(uint64(i.app)).text(i.webhookID).number(uint64(i.element)).sum() //nolint:gosec // not negative
	case i.messageID != "":
		return newHash("message").number(uint64(i.app)).text(i.messageID).text(i.typ).number(uint64(i.event)).sum()
	case i.byAgent():
		return newHash("agent").number(uint64(i.app)).text(i.agent.Tab).text(i.agent.Frame).text(i.typ).
			number(uint64(i.agent.Sequence)).number(uint64(i.agent.BrowserTime)).sum() //nolint:gosec // bits
	}
	return 0
}

// hashOfMessage is the same for the same messageId; 0 when there is none.
func (i *identity) hashOfMessage() uint64 {
	if i.messageID == "" {
		return 0
	}
	return newHash("path").number(uint64(i.app)).text(i.messageID).sum()
}

// nearTime is how far apart, by the time that they claim, calls may be that are nearly the same.
const nearTime = 2 * time.Second

// hashesOfKind are the same for calls of one visitor with one name and the same properties at nearly the same time: the first is the call's own, the others are those before and
// after it. They are 0 for calls without a visitor.
func (c *call) hashesOfKind() (kinds [3]uint64) {
	if c.visitor == 0 || c.event == 0 {
		return kinds
	}
	h := newHash("near").number(uint64(c.app)).number(uint64(c.visitor)).number(uint64(c.event)).number(properties(c.Data))
	bucket := c.Time.UnixMilli() / nearTime.Milliseconds()
	for i, b := range [3]int64{bucket, bucket - 1, bucket + 1} {
		kinds[i] = h.number(uint64(b)).sum() //nolint:gosec // bits
	}
	return kinds
}

// properties is a hash of properties, whatever their order. The groupId is none: it is there on one path, and not on another.
func properties(data []byte) uint64 {
	sum := uint64(0)
	for s := jsvalue.Scan(data); s.Next(); {
		if !s.KeyIs("groupId") {
			sum += newHash(string(s.Key)).text(string(s.Value)).sum()
		}
	}
	return sum
}

// firsts knows the first rows of calls, of messageIds and of kinds, by their hashes. Different ones may share a hash.
type firsts map[uint64][]*identity

// find is the newest that took the place of others, else the first.
func (f firsts) find(hash uint64, same func(*identity) bool) *identity {
	var found *identity
	if hash != 0 {
		for _, i := range f[hash] {
			if same(i) && (found == nil || i.redrive > found.redrive || i.redrive == found.redrive && i.n < found.n) {
				found = i
			}
		}
	}
	return found
}

func (f firsts) add(hash uint64, i *identity) {
	if hash != 0 {
		f[hash] = append(f[hash], i)
	}
}

// known is the first rows that may matter to a batch.
type known struct{ calls, messages, kinds firsts }

// judge decides, in the order of the log, which calls came before. k is what earlier batches left, and learns what this one does. It returns the rows of earlier batches whose
// place was taken.
func (a *Analyzer) judge(calls []call, k known) (replaced []uint64) {
	for n := range calls {
		c := &calls[n]
		if c.appID == unknownApp {
			c.add(!c.has(pendowire.WrongRegion), pendowire.UnknownKey)
			continue
		}
		c.hidden = a.numbers.hidden[c.visitor] || a.numbers.hidden[c.account]
		recent := func(i *identity) bool { return c.at.Sub(i.at) <= a.cfg.Window }
		hash := c.hashOfCall()
		before := k.calls.find(hash, func(i *identity) bool { return c.sameCall(i) && (recent(i) || c.redrive > i.redrive) })
		if before != nil {
			c.of = before.n
			if c.redrive <= before.redrive {
				c.add(true, pendowire.Duplicate)
				continue
			}
			if before.call == nil {
				replaced = append(replaced, before.n)
			} else {
				before.call.counted = false
				before.call.add(true, pendowire.Replaced)
			}
		}
		c.callHash = hash
		c.identity.call = c
		k.calls.add(hash, &c.identity)
		c.accept(a.flags.unwanted(c))
		k.path(c, recent)
		k.near(c)
	}
	return replaced
}

// accept decides what a call that is no duplicate changes.
func (c *call) accept(unwanted bool) {
	if unwanted {
		c.add(true, pendowire.DoNotProcess)
		c.Data, c.IP, c.UserAgent, c.URL, c.Title = nil, "", "", "", ""
		c.old = 0
		return
	}
	c.counted = !c.Ignored && c.via != pendowire.ViaAPI
	c.accepted = c.counted
	c.traits = !c.Ignored
	c.add(c.otherForm, pendowire.OtherForm)
}

// path looks whether the messageId came before by another path.
func (k *known) path(c *call, recent func(*identity) bool) {
	hash := c.hashOfMessage()
	switch first := k.messages.find(hash, func(i *identity) bool { return c.sameMessage(i) && recent(i) }); {
	case first == nil:
		c.first = hash != 0
		k.messages.add(hash, &c.identity)
	case first.webhookID != c.webhookID && c.of == 0:
		c.add(true, pendowire.OtherPath)
		c.of = first.n
	}
}

// near looks whether nearly the same call came by another path.
func (k *known) near(c *call) {
	if !c.tracked() {
		return
	}
	kinds := c.hashesOfKind()
	recent := func(i *identity) bool {
		return c.at.Sub(i.at) <= nearWindow && c.app == i.app && c.visitor == i.visitor && c.event == i.event
	}
	if k.kinds.find(kinds[0], func(i *identity) bool { return recent(i) && !c.otherPath(i) }) == nil {
		c.nearHash = kinds[0]
		k.kinds.add(kinds[0], &c.identity)
	}
	for _, h := range kinds {
		twin := k.kinds.find(h, func(i *identity) bool {
			return recent(i) && c.otherPath(i) && c.messageID != orNone(i.messageID) && c.ts.Sub(i.ts).Abs() <= nearTime
		})
		if twin != nil && c.of == 0 {
			c.add(true, pendowire.NearDuplicate)
			c.of = twin.n
			return
		}
	}
}

// orNone is a messageId that is the same as no other when there is none.
func orNone(id string) string {
	if id == "" {
		return "\x00"
	}
	return id
}

func (c *call) add(when bool, v pendowire.Verdict) {
	if when {
		c.Verdicts = append(c.Verdicts, v)
	}
}

func (c *call) has(v pendowire.Verdict) bool {
	return slices.Contains(c.Verdicts, v)
}
