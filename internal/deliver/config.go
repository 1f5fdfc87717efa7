package deliver

import (
	"math/rand/v2"
	"time"

	"penstock/internal/deliver/retry"
)

// Config is what an operator may set, for each lane.
type Config struct {
	// Concurrency is how many requests may be in flight. Default 32.
	Concurrency int
	// RequestTimeout bounds one attempt, whatever the destination does. Default 30 s.
	RequestTimeout time.Duration
	// StopTimeout is how long requests in flight may take to finish when the engine stops. Default 10 s.
	StopTimeout time.Duration
	// BatchConcurrency is how many of these may be for batches, which are large. Default 4.
	BatchConcurrency int
	// BatchLinger is how long the first event of a batch may wait for others. Default 1 s.
	BatchLinger time.Duration
	// RetriesMax is how many events may wait to be tried again before the lane reads no further. Default 10,000.
	RetriesMax int
	// SuspectsMax is after how many answers in a row, over distinct events, that may be the origin's fault the lane is parked. Default 10.
	SuspectsMax int
	// ReadAhead is how many events may wait for a request to become free. Default 1,024; a frame is always read whole.
	ReadAhead int
	// ReadAheadBytes is how much they may take, in bytes. Default 4 MiB.
	ReadAheadBytes int
	// UnwrittenMax is how many outcomes may wait to be appended before nothing more is read or sent. Default 1,024.
	UnwrittenMax int
	// Retries is when events are tried again. Default retry.Events.
	Retries retry.Schedule
	// Probes is when a parked lane tries its destination. Default retry.Probes.
	Probes retry.Schedule
	// Random gives numbers from [0, 1) for jitter; it is called by several goroutines. Default rand.Float64.
	Random func() float64
}

// DefaultConfig is the opinionated value of Config.
func DefaultConfig() Config {
	return Config{
		Concurrency: 32, RequestTimeout: 30 * time.Second, StopTimeout: 10 * time.Second,
		BatchConcurrency: 4, BatchLinger: time.Second,
		RetriesMax: 10_000, SuspectsMax: 10, ReadAhead: 1024, ReadAheadBytes: 4 << 20, UnwrittenMax: 1024,
		Retries: retry.Events(), Probes: retry.Probes(), Random: rand.Float64,
	}
}

// Codes of outcomes that are decided here; all others come from the destination. Segment's own where it has one.
const (
	CodeFiltered        = "NO_MATCHING_MAPPING"
	CodeFilteredByRules = "FILTERED_BY_RULES"
	CodeInvalid         = "INVALID_MAPPING"
	CodeDeleted         = "MAPPING_DELETED"
	CodeUnreadable      = "EVENT_UNREADABLE"
	CodeHeld            = "HELD_TOO_LONG"
)

const (
	again     = time.Second // pause after the log could not be read or written
	againMax  = 30 * time.Second
	spansMax  = 256     // of one outcome
	appendMax = 4 << 20 // of one append, in bytes
	reasonMax = 512     // of an outcome's reason, in bytes
)
