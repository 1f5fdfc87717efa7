package retry_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"penstock/internal/deliver/retry"
)

func TestWait(t *testing.T) {
	for _, c := range []struct {
		name     string
		schedule retry.Schedule
		attempt  int
		after    time.Duration
		random   float64
		want     time.Duration
	}{
		{"the first retry is quick", retry.Events(), 1, 0, 0.5, 500 * time.Millisecond},
		{"it may be at once", retry.Events(), 1, 0, 0, 0},
		{"each attempt doubles it", retry.Events(), 5, 0, 0.5, 8 * time.Second},
		{"ten minutes at most", retry.Events(), 11, 0, 1, 10 * time.Minute},
		{"also after very many attempts", retry.Events(), 5000, 0, 1, 10 * time.Minute},
		{"an attempt that was not counted is the first", retry.Events(), 0, 0, 1, time.Second},
		{"Retry-After is obeyed", retry.Events(), 1, 30 * time.Second, 0.5, 30 * time.Second},
		{"unless the backoff is longer", retry.Events(), 11, 30 * time.Second, 0.5, 5 * time.Minute},
		{"for an hour at most", retry.Events(), 1, 48 * time.Hour, 0.5, time.Hour},
		{"a probe waits for half at least", retry.Probes(), 1, 0, 0, 2500 * time.Millisecond},
		{"probes grow to a minute", retry.Probes(), 9, 0, 1, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.schedule.Wait(c.attempt, c.after, c.random); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestWaitIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := retry.Events()
		got := s.Wait(rapid.Int().Draw(t, "attempt"), time.Duration(rapid.Int64().Draw(t, "after")), rapid.Float64Range(0, 1).Draw(t, "random"))
		if got < 0 || got > s.AfterMax {
			t.Fatalf("waits %v", got)
		}
	})
}

func TestExhausted(t *testing.T) {
	if s := retry.Events(); s.Exhausted(4*time.Hour-1) || !s.Exhausted(4*time.Hour) {
		t.Error("events are not given up at four hours")
	}
	if retry.Probes().Exhausted(1000 * time.Hour) {
		t.Error("probes are given up")
	}
}
