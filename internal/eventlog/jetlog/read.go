package jetlog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/eventlog"
)

// readTimeout is how long a Read may take. What has come by then is returned.
const readTimeout = 20 * time.Second

var errEmpty = errors.New("the server ended its answer without a message")

// readMessagesMax bounds what one Read takes, in messages, besides its bytes.
const readMessagesMax = 4096

// Read returns readable messages from a sequence on. The server itself steps over the ones that it cannot read. That there are none is said only when the server has
// said it: no answer in time is an error, or else a reader would take it for the end of the stream, and pass over all that is there.
func (j *JetLog) Read(ctx context.Context, name eventlog.Stream, filter string, from uint64, bytesMax int) ([]eventlog.Stored, error) {
	var found []eventlog.Stored
	request := batchRequest{Seq: max(from, 1), Next: filter, Batch: readMessagesMax, MaxBytes: bytesMax}
	err := j.reads.read(ctx, name, request, func(m *nats.Msg) (last bool, err error) {
		switch status := m.Header.Get("Status"); status {
		case "":
			one, err := stored(m)
			found = append(found, one)
			return false, err
		case statusEnd:
			if len(found) == 0 {
				err = errEmpty
			}
			return true, err
		case statusNone:
			return true, nil
		default:
			return false, fmt.Errorf("%s %s", status, m.Header.Get("Description"))
		}
	})
	if err != nil && (len(found) == 0 || !errors.Is(err, errNoAnswer)) {
		return nil, fmt.Errorf("read batch: %w", err)
	}
	return found, nil
}

// batchRequest is the body of a direct read of many messages, as JetStream's API defines it.
type batchRequest struct {
	Seq      uint64 `json:"seq"`
	Next     string `json:"next_by_subj"` //nolint:tagliatelle // JetStream's name
	Batch    int    `json:"batch"`
	MaxBytes int    `json:"max_bytes"` //nolint:tagliatelle // JetStream's name
}

// The statuses of answers.
const (
	statusEnd    = "204" // after the last message of a batch
	statusNone   = "404" // no message matches, or the one that does cannot be read
	statusNobody = "503" // nobody takes such requests
)

// Get returns the message at a sequence.
func (j *JetLog) Get(ctx context.Context, name eventlog.Stream, seq uint64) (eventlog.Stored, error) {
	if seq == 0 {
		return eventlog.Stored{}, eventlog.ErrNotFound
	}
	m, err := j.reads.get(ctx, name, getRequest{Seq: seq})
	if errors.Is(err, errUnreadable) {
		return eventlog.Stored{}, eventlog.ErrNotFound
	}
	return m, err
}

// Before returns the last readable message of a subject before a sequence.
func (j *JetLog) Before(ctx context.Context, name eventlog.Stream, subject string, before uint64) (eventlog.Stored, error) {
	e, err := j.end(ctx, name, subject, before)
	if err == nil && e.readable.Seq == 0 {
		err = eventlog.ErrNotFound
	}
	return e.readable, err
}

// getRequest is the body of a direct read, as JetStream's API defines it.
type getRequest struct {
	Seq   uint64   `json:"seq,omitempty"`
	Last  []string `json:"multi_last,omitempty"` //nolint:tagliatelle // JetStream's name
	Until uint64   `json:"up_to_seq,omitempty"`  //nolint:tagliatelle // JetStream's name
}

// errUnreadable: there is a message, or was, and it cannot be read.
var errUnreadable = errors.New("message cannot be read")

// get carries out a direct read of one message. ErrNotFound: nothing matches; errUnreadable: what matches cannot be read.
func (a *asker) get(ctx context.Context, name eventlog.Stream, r getRequest) (one eventlog.Stored, err error) {
	err = a.read(ctx, name, r, func(m *nats.Msg) (last bool, err error) {
		switch status := m.Header.Get("Status"); {
		case status == "":
			one, err = stored(m)
			return true, err
		case status == statusNone && m.Header.Get("Description") == "No Results":
			return true, eventlog.ErrNotFound
		case status == statusNone:
			return true, errUnreadable
		default:
			return true, fmt.Errorf("%s %s", status, m.Header.Get("Description"))
		}
	})
	if err != nil && !errors.Is(err, eventlog.ErrNotFound) && !errors.Is(err, errUnreadable) {
		err = fmt.Errorf("read message: %w", err)
	}
	return one, err
}

func stored(m *nats.Msg) (eventlog.Stored, error) {
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return eventlog.Stored{}, fmt.Errorf("read message: sequence: %w", err)
	}
	return eventlog.Stored{Seq: seq, Subject: m.Header.Get(jetstream.SubjectHeader), Data: m.Data}, nil
}
