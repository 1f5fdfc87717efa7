package liquid

import (
	"sync"
	"syscall"
	"time"

	"github.com/dop251/goja"
)

// stopwatch is how long something has gone on. Time in which the machine was busy with other programs does not count, or else templates would fail when it is.
type stopwatch struct {
	wall time.Time
	ran  time.Duration // of this process, on all processors
}

func begin() stopwatch { return stopwatch{wall: time.Now(), ran: processTime()} }

func (s stopwatch) elapsed() time.Duration { return min(time.Since(s.wall), processTime()-s.ran) }

// processTime is how long this process has run on the machine's processors.
func processTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0 // never: both arguments are valid
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// watch stops an engine when its time is over.
type watch struct {
	mu    sync.Mutex
	timer *time.Timer
	done  bool // nobody is to be stopped any more
	over  bool // the engine was stopped
}

func newWatch(vm *goja.Runtime, began stopwatch) *watch {
	w := &watch{}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(RenderMax, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.done {
			return
		}
		if left := RenderMax - began.elapsed(); left > 0 {
			w.timer.Reset(left)
			return
		}
		w.over = true
		vm.Interrupt(errTime)
	})
	return w
}

// end ends the watch, and tells whether it had to stop the engine.
func (w *watch) end() (stopped bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = true
	w.timer.Stop()
	return w.over
}
