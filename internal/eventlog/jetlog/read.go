package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"penstock/internal/eventlog"
)

// readTimeout is how long a Read may take. What has come by then is returned.
const readTimeout = 20 * time.Second

var errNoAnswer = errors.New("the server did not answer in time")

// readMessagesMax bounds what one Read takes, in messages, besides its bytes.
const readMessagesMax = 4096

// Read returns readable messages from a sequence on. The server itself steps over the ones that it cannot read. That there are none is said only when the server has
// said it: no answer in time is an error, or else a reader would take it for the end of the stream, and pass over all that is there.
func (j *JetLog) Read(ctx context.Context, name eventlog.Stream, filter string, from uint64, bytesMax int) ([]eventlog.Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	messages, err := jetstreamext.GetBatch(ctx, j.js, string(name), readMessagesMax, jetstreamext.GetBatchSeq(max(from, 1)),
		jetstreamext.GetBatchSubject(filter), jetstreamext.GetBatchMaxBytes(bytesMax))
	if err != nil {
		return nil, fmt.Errorf("read batch: %w", err)
	}
	var found []eventlog.Stored
	none := false
	for m, err := range messages { // when the time is over, it ends without an error
		if none = errors.Is(err, jetstreamext.ErrNoMessages); none {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read batch: %w", err)
		}
		found = append(found, eventlog.Stored{Seq: m.Sequence, Subject: m.Subject, Data: m.Data})
	}
	if len(found) == 0 && !none {
		return nil, fmt.Errorf("read batch: %w", errNoAnswer)
	}
	return found, nil
}

// Get returns the message at a sequence.
func (j *JetLog) Get(ctx context.Context, name eventlog.Stream, seq uint64) (eventlog.Stored, error) {
	if seq == 0 {
		return eventlog.Stored{}, eventlog.ErrNotFound
	}
	m, err := j.ask(ctx, name, getRequest{Seq: seq})
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

// ask carries out a direct read of one message. ErrNotFound: nothing matches; errUnreadable: what matches cannot be read.
func (j *JetLog) ask(ctx context.Context, name eventlog.Stream, r getRequest) (eventlog.Stored, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return eventlog.Stored{}, fmt.Errorf("encode request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	m, err := j.conn.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+string(name), body)
	if err != nil {
		return eventlog.Stored{}, fmt.Errorf("read message: %w", err)
	}
	switch status := m.Header.Get("Status"); status {
	case "":
		return stored(m)
	case "404":
		if m.Header.Get("Description") == "No Results" {
			return eventlog.Stored{}, eventlog.ErrNotFound
		}
		return eventlog.Stored{}, errUnreadable
	default:
		return eventlog.Stored{}, fmt.Errorf("read message: %s %s", status, m.Header.Get("Description"))
	}
}

func stored(m *nats.Msg) (eventlog.Stored, error) {
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return eventlog.Stored{}, fmt.Errorf("read message: sequence: %w", err)
	}
	return eventlog.Stored{Seq: seq, Subject: m.Header.Get(jetstream.SubjectHeader), Data: m.Data}, nil
}
