package receive

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// The bounds of what unknown keys can cause.
const (
	unknownKeysMax  = 1024        // keys that are counted; the one unused for the longest goes for a new one
	unknownEvery    = time.Minute // a key is written to the log at most once in this time
	unknownLinesMax = 60          // lines for all unknown keys in that time
	unknownBodyMax  = 4 << 10     // bytes of a body that are written
)

// UnknownKey is a key that belongs to no app, and how it was used since the process began.
type UnknownKey struct {
	Key    string    `json:"key"`
	Count  int64     `json:"count"`
	Remote string    `json:"remote"` // the last sender
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
func (x *inbox) add(key, remote string, now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.keys[key]
	if k == nil {
		x.makeRoom()
		k = &unknown{UnknownKey: UnknownKey{Key: key, First: now}}
		x.keys[key] = k
	}
	k.Count++
	k.Last, k.Remote = now, remote
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
