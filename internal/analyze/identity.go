package analyze

import (
	"slices"
	"strconv"

	"penstock/internal/pendowire"
)

// identity is what makes two calls the same one, and where it lies.
type identity struct {
	place

	app       string
	webhookID string
	messageID string
	typ       string
	event     string
}

// sameCall tells whether two calls are one that was delivered twice.
func (i *identity) sameCall(j *identity) bool {
	if i.app != j.app || i.webhookID != j.webhookID {
		return false
	}
	if i.webhookID != "" {
		return i.element == j.element
	}
	return i.messageID != "" && i.messageID == j.messageID && i.typ == j.typ && i.event == j.event
}

// sameMessage tells whether two calls have one messageId.
func (i *identity) sameMessage(j *identity) bool { return i.app == j.app && i.messageID == j.messageID }

// hashOfCall is the same for the same call; 0 for one that has no identity.
func (i *identity) hashOfCall() uint64 {
	switch {
	case i.webhookID != "":
		return fnv("webhook", i.app, i.webhookID, strconv.Itoa(i.element))
	case i.messageID != "":
		return fnv("message", i.app, i.messageID, i.typ, i.event)
	}
	return 0
}

// hashOfMessage is the same for the same messageId; 0 when there is none.
func (i *identity) hashOfMessage() uint64 {
	if i.messageID == "" {
		return 0
	}
	return fnv("path", i.app, i.messageID)
}

// fnv is the 64-bit FNV-1a hash of texts, and never 0. It is stored: it may not change without the schema's version.
func fnv(texts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, s := range texts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ '\xff') * prime // no byte of UTF-8
	}
	return max(h, 1)
}

// firsts knows the first row of calls and of messageIds, by their hashes. Different ones may share a hash.
type firsts map[uint64][]*identity

func (f firsts) find(hash uint64, same func(*identity) bool) *identity {
	if hash != 0 {
		for _, i := range f[hash] {
			if same(i) {
				return i
			}
		}
	}
	return nil
}

func (f firsts) add(hash uint64, i *identity) {
	if hash != 0 {
		f[hash] = append(f[hash], i)
	}
}

// judge decides, in the order of the log, which calls came before. known are the first rows of earlier batches that may matter, and learns
// those of this one.
func judge(calls []call, knownCalls, knownMessages firsts) {
	for n := range calls {
		c := &calls[n]
		if c.app == unknownApp {
			if !slices.Contains(c.Verdicts, pendowire.WrongRegion) {
				c.Verdicts = append(c.Verdicts, pendowire.UnknownKey)
			}
			continue
		}
		hash := c.hashOfCall()
		if first := knownCalls.find(hash, c.sameCall); first != nil {
			c.Verdicts = append(c.Verdicts, pendowire.Duplicate)
			c.of = &first.place
			continue
		}
		c.callHash = hash
		knownCalls.add(hash, &c.identity)
		c.counted = !c.Ignored
		hash = c.hashOfMessage()
		switch first := knownMessages.find(hash, c.sameMessage); {
		case first == nil:
			c.messageHash = hash
			knownMessages.add(hash, &c.identity)
		case first.webhookID != c.webhookID:
			c.Verdicts = append(c.Verdicts, pendowire.OtherPath)
			c.of = &first.place
		}
	}
}
