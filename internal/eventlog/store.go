package eventlog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Stream is one of the sequences of frames.
type Stream string

// The streams of docs/internals/log.md.
const (
	Events   Stream = "EVENTS"
	Outcomes Stream = "OUTCOMES"
	Received Stream = "RECEIVED"
	Audit    Stream = "AUDIT"
)

// AuditMaxAge and AuditFramesMax bound the stream AUDIT; what is older, or more, goes, the oldest first.
const (
	AuditMaxAge    = 90 * 24 * time.Hour
	AuditFramesMax = 50_000
)

// Streams lists all streams, with the subjects that each takes.
func Streams() map[Stream][]string {
	return map[Stream][]string{
		Events:   {"events.>", "fences.>", "rejected.>", "kept.events.>", "kept.rejected.>", "rewritten.events.>", "rewritten.rejected.>"},
		Outcomes: {"outcomes.>", "checkpoints.>", "kept.outcomes.>", "rewritten.outcomes.>"},
		Received: {"received.>", "erasures.>", "kept.received.>", "rewritten.received.>"},
		Audit:    {"audit.>"},
	}
}

// The subjects of the log's own records; behind the prefix stands the subject that they are about.
const (
	keptPrefix      = "kept."
	rewrittenPrefix = "rewritten."
)

// isOwn tells whether a subject is one of the log's own records, which no reader is given.
func isOwn(subject string) bool {
	return strings.HasPrefix(subject, keptPrefix) || strings.HasPrefix(subject, rewrittenPrefix)
}

// NoExpect is the expectation of a message whose subject has an earlier message in the same batch.
const NoExpect = math.MaxUint64

// Message is one frame to be stored. Expect is the sequence at which its subject must stand (0: it has no message), or NoExpect.
type Message struct {
	Subject string
	Data    []byte
	Expect  uint64
}

// Stored is one frame as it lies in the store.
type Stored struct {
	Seq     uint64
	Subject string
	Data    []byte
}

// What a Store answers, besides its own errors.
var (
	// ErrConflict: a subject does not stand where a message expected it; nothing was stored.
	ErrConflict = errors.New("subject has moved on")
	// ErrFull: there is no room for more; nothing was stored, and nothing will be until there is.
	ErrFull = errors.New("log storage is full")
	// ErrTooLarge: a message is larger than the store takes; nothing was stored, and never will be.
	ErrTooLarge = errors.New("message is too large for the log storage")
	// ErrNotFound: there is no readable message there.
	ErrNotFound = errors.New("no such message")
	// ErrClosed: the log is closed.
	ErrClosed = errors.New("log is closed")
)

// ConflictError is ErrConflict with what the store knows of it: the subject stands at sequence Stands (0: not known).
type ConflictError struct {
	Subject string
	Stands  uint64
}

// Error says where the subject stands.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("subject %s has moved on to %d", e.Subject, e.Stands)
}

// Is makes a ConflictError an ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// Store is the storage under a Log. Its implementations know messages and sequences, not what is in them. All methods may be called
// concurrently. A message that cannot be read (its bytes rotted, say) is one that Read, Get and Before do not find.
type Store interface {
	// Append stores msgs as one batch, all or none, one after the other without a gap, and returns when they are durable, with the
	// sequence of the first. ErrConflict, ErrFull and ErrTooLarge mean that nothing was stored; after any other error the
	// caller does not know, and may call again with the same expectations.
	Append(ctx context.Context, stream Stream, msgs []Message) (first uint64, err error)
	// Read returns, in order, the readable messages from sequence from on whose subject matches filter (NATS wildcards), until about
	// bytesMax bytes are reached (always at least one, if there is one). None means: there is none up to the stream's end.
	Read(ctx context.Context, stream Stream, filter string, from uint64, bytesMax int) ([]Stored, error)
	// Get returns the message at seq, or ErrNotFound.
	Get(ctx context.Context, stream Stream, seq uint64) (Stored, error)
	// Before returns the last readable message of a subject whose sequence is less than before (0: no bound), or ErrNotFound.
	Before(ctx context.Context, stream Stream, subject string, before uint64) (Stored, error)
	// Last returns the sequence of the stream's last message, readable or not; 0 for an empty stream.
	Last(ctx context.Context, stream Stream) (uint64, error)
	// Purge removes the messages of a subject whose sequence is less than before. It may leave some after a power cut.
	Purge(ctx context.Context, stream Stream, subject string, before uint64) error
	// Erase overwrites the bytes of the message at seq and removes it, durably. There need be none.
	Erase(ctx context.Context, stream Stream, seq uint64) error
	// Subjects lists the subjects that match filter (NATS wildcards) and have a message, in no order.
	Subjects(ctx context.Context, stream Stream, filter string) ([]string, error)
	// Advanced returns a channel that gets a value, at least now and then, after others than this process's own Append have stored messages in
	// stream; nil when nobody else can.
	Advanced(stream Stream) <-chan struct{}
}
