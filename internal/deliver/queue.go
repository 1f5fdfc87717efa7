package deliver

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"penstock/internal/record"
)

// work is an event to be sent, or a batch of them.
type work struct {
	at    record.Position // of the first of a batch
	event []byte          // nil: to be read from the log
	batch *batch          // nil: the event by itself
	probe bool
}

// events is how many events the work is.
func (w *work) events() int {
	if w.batch == nil {
		return 1
	}
	return len(w.batch.members)
}

// bytes is what the events take that are here.
func (w *work) bytes() int {
	if w.batch == nil {
		return len(w.event)
	}
	n := 0
	for i := range w.batch.members {
		n += len(w.batch.members[i].Event)
	}
	return n
}

// spans are the places of the events.
func (w *work) spans() []record.Span {
	if w.batch == nil {
		return []record.Span{record.At(w.at)}
	}
	return w.batch.spans()
}

// queue is what waits to be sent: first what was sent before and found nobody, then retries that are due, then what was read.
type queue struct {
	back   []work // in the order of the log
	due    dueHeap
	read   []work
	events int // of read
	bytes  int // of read
}

// ready is how many events can be sent now, retries left out.
func (q *queue) ready() int {
	n := q.events
	for i := range q.back {
		n += q.back[i].events()
	}
	return n
}

func (q *queue) putRead(w work) {
	q.read = append(q.read, w)
	q.events += w.events()
	q.bytes += w.bytes()
}

// putBack takes work that is as good as not sent.
func (q *queue) putBack(w work) {
	w.probe = false
	i, _ := slices.BinarySearchFunc(q.back, w.at, func(w work, at record.Position) int { return w.at.Compare(at) })
	q.back = slices.Insert(q.back, i, w)
}

// putDue takes work that is to be read from the log again at a time, in ms since 1970.
func (q *queue) putDue(w work, millis int64) {
	heap.Push(&q.due, due{at: w.at, batch: w.batch, millis: millis})
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
	return len(q.back)+len(q.read) > 0 || (ok && !next.After(now))
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
		return work{at: d.at, batch: d.batch}, true
	}
	if len(q.read) == 0 {
		return work{}, false
	}
	w := q.read[0]
	q.read[0] = work{}
	q.read = q.read[1:]
	q.events -= w.events()
	q.bytes -= w.bytes()
	return w, true
}

// takeBefore takes all out that lies before a sequence.
func (q *queue) takeBefore(seq uint64) []work {
	var taken []work
	split := func(all []work) (rest []work) {
		for _, w := range all {
			if w.at.Seq < seq {
				taken = append(taken, w)
			} else {
				rest = append(rest, w)
			}
		}
		return rest
	}
	q.back, q.read = split(q.back), split(q.read)
	q.events, q.bytes = 0, 0
	for i := range q.read {
		q.events += q.read[i].events()
		q.bytes += q.read[i].bytes()
	}
	var rest dueHeap
	for _, d := range q.due {
		if d.at.Seq < seq {
			taken = append(taken, work{at: d.at, batch: d.batch})
		} else {
			rest = append(rest, d)
		}
	}
	heap.Init(&rest)
	q.due = rest
	slices.SortFunc(taken, func(a, b work) int { return a.at.Compare(b.at) })
	return taken
}

// due is a retry and when it is due, in ms since 1970.
type due struct {
	at     record.Position
	batch  *batch
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
