package receive

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"penstock/internal/record"
	"penstock/internal/workspace"
)

// The bounds of what unknown keys can cause.
const (
	unknownKeysMax  = 1024        // keys that are counted; the one unused for the longest goes for a new one
	unknownEvery    = time.Minute // a key is written to the log at most once in this time
	unknownLinesMax = 60          // lines for all unknown keys in that time
	unknownBodyMax  = 4 << 10     // bytes of a body that are written
)

// reason is why a body is for no app.
type reason string

const (
	reasonKey    reason = "unknown_key"
	reasonRegion reason = "wrong_region"
	reasonSecret reason = "unknown_secret"
)

// UnknownKey is a key, or a shared secret, that belongs to no app here, and how it was used since the process began.
type UnknownKey struct {
	Key    string    `json:"key"` // of a secret, so much that whoever has it knows it
	Reason string    `json:"reason"`
	App    string    `json:"app,omitempty"` // slug of the app that it belongs to, in another region, or whose key was sent as a secret
	Via    string    `json:"via"`           // the way that the last one came
	Count  int64     `json:"count"`
	Remote string    `json:"remote"` // the last sender
	Agent  string    `json:"agent"`  // its User-Agent
	First  time.Time `json:"firstSeen"`
	Last   time.Time `json:"lastSeen"`
}

// inbox counts unknown keys, and says which of their bodies are worth a line of the log.
type inbox struct {
	mu     sync.Mutex
	keys   map[string]*unknown
	window time.Time // when the lines below began to be counted
	lines  int
}

type unknown struct {
	UnknownKey
	written time.Time
}

func newInbox() *inbox { return &inbox{keys: map[string]*unknown{}} }

// add counts a body, and tells whether it is to be written.
func (x *inbox) add(received *record.Received, why reason, owner *workspace.App) bool {
	now := time.UnixMilli(received.At)
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.keys[received.Key]
	if k == nil {
		x.makeRoom()
		k = &unknown{UnknownKey: UnknownKey{Key: received.Key, First: now}}
		x.keys[received.Key] = k
	}
	k.Count++
	k.Last, k.Remote, k.Agent, k.Via, k.Reason, k.App = now, received.Remote, received.Agent, received.Via, string(why), ""
	if owner != nil {
		k.App = owner.Slug
	}
	if now.Sub(x.window) >= unknownEvery {
		x.window, x.lines = now, 0
	}
	if x.lines >= unknownLinesMax || now.Sub(k.written) < unknownEvery {
		return false
	}
	x.lines++
	k.written = now
	return true
}

func (x *inbox) makeRoom() {
	if len(x.keys) < unknownKeysMax {
		return
	}
	var oldest *unknown
	for _, k := range x.keys {
		if oldest == nil || k.Last.Before(oldest.Last) {
			oldest = k
		}
	}
	delete(x.keys, oldest.Key)
}

func (x *inbox) list() []UnknownKey {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := make([]UnknownKey, 0, len(x.keys))
	for _, k := range x.keys {
		all = append(all, k.UnknownKey)
	}
	slices.SortFunc(all, func(a, b UnknownKey) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Key, b.Key)) })
	return all
}
