//go:build e2e

package liquid

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A machine that is busy with other programs does not make a template fail.
func TestWaitingIsNoRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := run(func(*engine) error { <-time.After(5 * RenderMax); return nil }); err != nil { // fake time, in which nothing runs
			t.Errorf("the engine was stopped: %v", err)
		}
	})
}

func TestTimeIsBounded(t *testing.T) {
	err := run(func(e *engine) error { _, err := e.vm.RunString("for (;;) {}"); return err })
	if !errors.Is(err, errTime) {
		t.Errorf("what never ends ended with %v", err)
	}
	if err := run(func(e *engine) error { _, err := e.vm.RunString("1"); return err }); err != nil {
		t.Errorf("what comes next: %v", err)
	}
}

// LiquidJS's own bound on time counts as ours does.
func TestLiquidJSCountsTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := run(func(e *engine) error {
			before, err := e.vm.RunString("global.performance.now()")
			if err != nil {
				return err
			}
			<-time.After(time.Hour) // fake time
			after, err := e.vm.RunString("global.performance.now()")
			if passed := after.ToFloat() - before.ToFloat(); err == nil && (passed < 0 || passed > float64(time.Minute.Milliseconds())) {
				t.Errorf("%v ms have passed", passed)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
