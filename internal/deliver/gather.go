package deliver

import (
	"slices"
	"time"

	"penstock/internal/destination"
)

const (
	gatheringMax      = 64       // batches that may be incomplete at a time: a mapping whose addresses are made of its events may begin one with each of them
	gatheringBytesMax = 16 << 20 // of their events, and of what is sent of them
	brackets          = 2        // of the list, which has one comma less than members
)

// gathering is batches that are not complete. They are bounded in number and in bytes: the oldest gives way, and is complete before its time.
type gathering struct {
	linger time.Duration // how long a batch may wait for more
	open   []*gathered   // the oldest first
	bytes  int           // of the events, and of what is sent of them
}

// gatherKey is what the events of a batch have in common: the fence that they are evaluated with, and the mapping's own key.
type gatherKey struct {
	fence uint64
	key   string
}

type gathered struct {
	key     gatherKey
	members []member
	size    int // of the request, in bytes
	bytes   int // of the events, and of what is sent of them
	until   time.Time
}

// put adds an event, and returns the batches that are complete by that.
func (g *gathering) put(key gatherKey, m member, limits destination.Batching) (full [][]member) {
	i := slices.IndexFunc(g.open, func(o *gathered) bool { return o.key == key })
	if i >= 0 && g.open[i].size+m.Size > limits.Bytes {
		full = append(full, g.take(i))
		i = -1
	}
	if i < 0 {
		i = len(g.open)
		g.open = append(g.open, &gathered{key: key, size: brackets - 1, until: time.Now().Add(g.linger)})
	}
	o := g.open[i]
	o.members = append(o.members, m)
	o.size += m.Size
	o.bytes += len(m.Event) + m.Size
	g.bytes += len(m.Event) + m.Size
	if len(o.members) >= limits.Events {
		full = append(full, g.take(i))
	}
	for len(g.open) > gatheringMax || g.bytes > gatheringBytesMax {
		full = append(full, g.take(0))
	}
	return full
}

// due returns the batches that have waited long enough.
func (g *gathering) due(now time.Time) (full [][]member) {
	for len(g.open) > 0 && !g.open[0].until.After(now) {
		full = append(full, g.take(0))
	}
	return full
}

// next is when the first batch has waited long enough; false when there is none.
func (g *gathering) next() (time.Time, bool) {
	if len(g.open) == 0 {
		return time.Time{}, false
	}
	return g.open[0].until, true
}

// events is the number of events in it.
func (g *gathering) events() int {
	n := 0
	for _, o := range g.open {
		n += len(o.members)
	}
	return n
}

func (g *gathering) take(i int) []member {
	o := g.open[i]
	g.open = slices.Delete(g.open, i, i+1)
	g.bytes -= o.bytes
	return o.members
}
