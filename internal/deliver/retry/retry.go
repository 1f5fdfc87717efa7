// Package retry is when an event is tried again: a pure schedule of exponential backoff with full jitter.
package retry

import (
	"math"
	"time"
)

// Schedule says how long to wait between attempts. The zero value waits for nothing; use Events or Probes.
type Schedule struct {
	Base     time.Duration // greatest wait after the first attempt; doubled by each further one
	Cap      time.Duration // greatest wait of all
	AfterMax time.Duration // how much of a Retry-After is obeyed
	Floor    float64       // least part of a wait that jitter leaves, 0 to 1
	GiveUp   time.Duration // age, since the first attempt, at which no more follows; 0: never
}

// Events is the schedule of an event that was answered with an error worth retrying: quick at first, then up to every ten minutes, for four hours.
func Events() Schedule {
	return Schedule{Base: time.Second, Cap: 10 * time.Minute, AfterMax: time.Hour, GiveUp: 4 * time.Hour}
}

// Probes is the schedule of the probes of a destination that is unavailable: five seconds, growing to a minute, for ever.
func Probes() Schedule {
	return Schedule{Base: 5 * time.Second, Cap: time.Minute, AfterMax: time.Hour, Floor: 0.5}
}

// Wait is how long to wait after the attempt with that number (1: the first), when the destination asked for after (0: it did not). random is
// from [0, 1); all of the wait above the floor hangs on it, so that events that failed together do not come back together. What the destination asked
// for is a floor too.
func (s Schedule) Wait(attempt int, after time.Duration, random float64) time.Duration {
	ceiling := s.Cap
	if grown := float64(s.Base) * math.Pow(2, float64(max(attempt, 1)-1)); grown < float64(s.Cap) {
		ceiling = time.Duration(grown)
	}
	least := float64(ceiling) * s.Floor
	wait := time.Duration(least + (float64(ceiling)-least)*random)
	if after <= 0 {
		return wait
	}
	return max(wait, min(after, s.AfterMax))
}

// Exhausted tells whether an event of that age gets no further attempt.
func (s Schedule) Exhausted(age time.Duration) bool { return s.GiveUp > 0 && age >= s.GiveUp }
