package ingest

import (
	"math"
	"sync"
	"time"

	"penstock/internal/event"
)

// rates bounds how many events a second each source may send.
type rates struct {
	perSecond float64 // 0: no bound
	mu        sync.Mutex
	sources   map[string]*rate // by id; there are no more than there are sources
}

// rate is what a source may still send: it fills up with time, as far as the burst. A request that is let in may take more than there is, so that a batch
// of any size gets through; what comes next then waits for longer.
type rate struct {
	left float64
	at   time.Time
}

func newRates(perSecond int) *rates {
	return &rates{perSecond: float64(perSecond), sources: map[string]*rate{}}
}

// take lets in so many events of a source, or tells how long to wait.
func (l *rates) take(source string, events int, now time.Time) (wait time.Duration) {
	if l.perSecond <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	most := l.perSecond * event.RateBurst.Seconds()
	r := l.sources[source]
	if r == nil {
		r = &rate{left: most, at: now}
		l.sources[source] = r
	}
	r.left = min(most, r.left+now.Sub(r.at).Seconds()*l.perSecond)
	r.at = now
	if r.left > 0 {
		r.left -= float64(events)
		return 0
	}
	seconds := math.Floor(-r.left/l.perSecond) + 1
	return min(time.Duration(seconds)*time.Second, event.RateWaitMax)
}
