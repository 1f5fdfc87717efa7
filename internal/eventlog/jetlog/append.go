package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"penstock/internal/eventlog"
)

// Error codes of JetStream's answers, as in its jetstream_errors_generated.go.
const (
	codeWrongLastSequence      jetstream.ErrorCode = 10071 // "wrong last sequence: 12"
	codeWrongLastSequenceFixed jetstream.ErrorCode = 10164 // the same, from a batch, without the number
	codeAccountFull            jetstream.ErrorCode = 10002
	codeInsufficientResources  jetstream.ErrorCode = 10023
	codeStorageFull            jetstream.ErrorCode = 10047
	codeStoreFailed            jetstream.ErrorCode = 10077 // with the reason in words
	codeBatchIncomplete        jetstream.ErrorCode = 10176 // a message of a batch is missing, or could not be staged
)

// pubAck is the answer to a stored message, or to the last one of a batch.
type pubAck struct {
	Error *jetstream.APIError `json:"error"`
	Seq   uint64              `json:"seq"`
	Count int                 `json:"count"`
}

// Append stores msgs: one by a plain publish, more by an atomic batch, of which only the last message is answered.
func (j *JetLog) Append(ctx context.Context, name eventlog.Stream, msgs []eventlog.Message) (uint64, error) {
	if err := j.sizes(msgs); err != nil {
		return 0, err
	}
	if err := j.room(ctx); err != nil {
		return 0, err
	}
	first, err := j.publish(ctx, name, msgs)
	if errors.Is(err, errRotten) {
		first, err = j.publish(ctx, name, msgs)
	}
	return first, err
}

func (j *JetLog) publish(ctx context.Context, name eventlog.Stream, msgs []eventlog.Message) (uint64, error) {
	last := len(msgs) - 1
	out := j.encode(msgs)
	for _, m := range out[:last] {
		if err := j.appends.conn.PublishMsg(m); err != nil {
			return 0, fmt.Errorf("publish: %w", err)
		}
	}
	var ack pubAck
	err := j.appends.ask(ctx, out[last], func(answer *nats.Msg) (bool, error) {
		if answer.Header.Get("Status") == statusNobody {
			return true, nats.ErrNoResponders
		}
		if err := json.Unmarshal(answer.Data, &ack); err != nil {
			return true, fmt.Errorf("read answer %q: %w", answer.Data, err)
		}
		return true, nil
	})
	if err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	if ack.Error != nil {
		return 0, j.refused(ctx, name, msgs, ack.Error)
	}
	if last > 0 && ack.Count != len(msgs) {
		return 0, fmt.Errorf("read answer: %d messages stored, %d sent", ack.Count, len(msgs))
	}
	j.rot.mended(msgs)
	j.tell(name)
	return ack.Seq - uint64(last), nil //nolint:gosec // an index
}

// sizes refuses what the connection would refuse, before anything is sent.
func (j *JetLog) sizes(msgs []eventlog.Message) error {
	for i := range msgs {
		if most := j.appends.conn.MaxPayload() - headerBytesMax; int64(len(msgs[i].Data)) > most {
			return fmt.Errorf("%w: %d bytes, the server takes %d", eventlog.ErrTooLarge, len(msgs[i].Data), most)
		}
	}
	return nil
}

// headerBytesMax is more than the headers of any message take, in bytes.
const headerBytesMax = 512

// encode makes messages of msgs, with what each expects and its place in the batch.
func (j *JetLog) encode(msgs []eventlog.Message) []*nats.Msg {
	out := make([]*nats.Msg, len(msgs))
	batch := ""
	if len(msgs) > 1 {
		batch = nuid.Next()
	}
	for i := range msgs {
		m := &nats.Msg{Subject: msgs[i].Subject, Data: msgs[i].Data, Header: nats.Header{}}
		if expect := j.rot.expect(&msgs[i]); expect != eventlog.NoExpect {
			m.Header[jetstream.ExpectedLastSubjSeqHeader] = []string{strconv.FormatUint(expect, 10)}
		}
		if batch != "" {
			m.Header[jetstreamext.BatchIDHeader] = []string{batch}
			m.Header[jetstreamext.BatchSeqHeader] = []string{strconv.Itoa(i + 1)}
		}
		out[i] = m
	}
	if batch != "" {
		out[len(out)-1].Header[jetstreamext.BatchCommitHeader] = []string{"1"}
	}
	return out
}

// refused says what an error answer means: a conflict, no room, or, since the answer may be to a repeated append, nothing known.
func (j *JetLog) refused(ctx context.Context, name eventlog.Stream, msgs []eventlog.Message, e *jetstream.APIError) error {
	switch e.ErrorCode {
	case codeWrongLastSequence, codeWrongLastSequenceFixed:
		return j.conflict(ctx, name, msgs, e)
	case codeAccountFull, codeInsufficientResources, codeStorageFull:
		return fmt.Errorf("%w: %s", eventlog.ErrFull, e.Description)
	case codeStoreFailed:
		if isFull(e.Description) {
			return fmt.Errorf("%w: %s", eventlog.ErrFull, e.Description)
		}
	case codeBatchIncomplete:
		j.restage.Do(j.unstage) // there may be no room in memory; the next try goes by the disk
	default: // an error of no special meaning
	}
	return fmt.Errorf("publish: %w", e)
}

// isFull tells whether a reason in words is about room.
func isFull(reason string) bool {
	for _, words := range []string{"maximum bytes exceeded", "maximum messages exceeded", "no space left", "quota exceeded", "insufficient"} {
		if strings.Contains(reason, words) {
			return true
		}
	}
	return false
}

// conflict finds out which subject stands elsewhere: the answer does not name it.
func (j *JetLog) conflict(ctx context.Context, name eventlog.Stream, msgs []eventlog.Message, e *jetstream.APIError) error {
	again := false
	for i := range msgs {
		m := &msgs[i]
		if m.Expect == eventlog.NoExpect {
			continue
		}
		end, err := j.end(ctx, name, m.Subject, 0)
		if err != nil {
			return err
		}
		j.rot.found(m.Subject, end.rotten)
		switch {
		case end.rotten > 0 && m.Expect >= end.rotten:
			again = true // stands where it should, and the next try says so in the server's way
		case end.rotten > 0:
			return &eventlog.ConflictError{Subject: m.Subject, Stands: end.rotten}
		case end.readable.Seq != m.Expect:
			return &eventlog.ConflictError{Subject: m.Subject, Stands: end.readable.Seq}
		}
	}
	if again {
		return fmt.Errorf("%w, %w: %w", eventlog.ErrConflict, errRotten, e)
	}
	return fmt.Errorf("%w: %w", eventlog.ErrConflict, e)
}
