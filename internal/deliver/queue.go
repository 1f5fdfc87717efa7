package deliver

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"penstock/internal/record"
)

// work is an event to be sent.
type work struct {
	at    record.Position
	event []byte // nil: to be read from the log
	probe bool
}

// queue is what waits to be sent: first what was sent before and found nobody, then retries that are due, then what was read.
type queue struct {
	back  []work // in the order of the log
	due   dueHeap
	read  []work
	bytes int // of read
}

func (q *queue) ready() int { return len(q.back) + len(q.read) }

func (q *queue) putRead(w work) {
	q.read = append(q.read, w)
	q.bytes += len(w.event)
}

// putBack takes work that is as good as not sent.
func (q *queue) putBack(w work) {
	w.probe = false
	i, _ := slices.BinarySearchFunc(q.back, w.at, func(w work, at record.Position) int { return w.at.Compare(at) })
	q.back = slices.Insert(q.back, i, w)
}

func (q *queue) putDue(at record.Position, millis int64) {
	heap.Push(&q.due, due{at: at, millis: millis})
}

// nextDue is when the first retry is due; false when there is none.
func (q *queue) nextDue() (time.Time, bool) {
	if len(q.due) == 0 {
		return time.Time{}, false
	}
	return time.UnixMilli(q.due[0].millis), true
}

// has tells whether there is something to send now.
func (q *queue) has(now time.Time) bool {
	next, ok := q.nextDue()
	return q.ready() > 0 || (ok && !next.After(now))
}

// take returns what is to be sent next; false when that is nothing.
func (q *queue) take(now time.Time) (work, bool) {
	if len(q.back) > 0 {
		w := q.back[0]
		q.back = q.back[1:]
		return w, true
	}
	if next, ok := q.nextDue(); ok && !next.After(now) {
		d, _ := heap.Pop(&q.due).(due)
		return work{at: d.at}, true
	}
	if len(q.read) == 0 {
		return work{}, false
	}
	w := q.read[0]
	q.read[0] = work{}
	q.read = q.read[1:]
	q.bytes -= len(w.event)
	return w, true
}

// due is a retry and when it is due, in ms since 1970.
type due struct {
	at     record.Position
	millis int64
}

type dueHeap []due

func (h *dueHeap) Len() int { return len(*h) }

func (h *dueHeap) Less(i, j int) bool {
	a, b := (*h)[i], (*h)[j]
	return cmp.Or(cmp.Compare(a.millis, b.millis), a.at.Compare(b.at)) < 0
}

func (h *dueHeap) Swap(i, j int) { (*h)[i], (*h)[j] = (*h)[j], (*h)[i] }

// Push is for container/heap.
func (h *dueHeap) Push(x any) {
	if d, ok := x.(due); ok {
		*h = append(*h, d)
	}
}

// Pop is for container/heap.
func (h *dueHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
