package jetlog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"penstock/internal/eventlog"
)

// Purge removes the messages of a subject before a sequence.
func (j *JetLog) Purge(ctx context.Context, name eventlog.Stream, subject string, before uint64) error {
	if before <= 1 {
		return nil
	}
	s, err := j.js.Stream(ctx, string(name))
	if err == nil {
		err = s.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(before))
	}
	if err != nil {
		return fmt.Errorf("purge %s: %w", name, err)
	}
	return nil
}

// Erase overwrites a message and removes it. The server writes the whole block of messages anew, beside the old file, and syncs it before it takes its place.
func (j *JetLog) Erase(ctx context.Context, name eventlog.Stream, seq uint64) error {
	j.erasing.mu.Lock()
	defer j.erasing.mu.Unlock()
	if j.server == nil {
		_, err := j.eraseMessage(ctx, name, seq)
		return err
	}
	one := erasure{name, seq}
	again, err := j.erasing.begin(one)
	if err != nil {
		return err
	}
	there, err := j.eraseMessage(ctx, name, seq)
	if err != nil || again && !there {
		return err // it is deleted, and its bytes may still be there: the next start overwrites them
	}
	return j.erasing.end(one)
}

// eraseMessage has the server erase a message; false when it is not there.
func (j *JetLog) eraseMessage(ctx context.Context, name eventlog.Stream, seq uint64) (bool, error) {
	s, err := j.js.Stream(ctx, string(name))
	if err == nil {
		err = s.SecureDeleteMsg(ctx, seq)
	}
	if err == nil {
		return true, nil
	}
	if _, gone := j.Get(ctx, name, seq); errors.Is(gone, eventlog.ErrNotFound) {
		return false, nil
	}
	return false, fmt.Errorf("erase message %d of %s: %w", seq, name, err)
}

// Subjects lists the subjects that match a filter and have a message.
func (j *JetLog) Subjects(ctx context.Context, name eventlog.Stream, filter string) ([]string, error) {
	s, err := j.js.Stream(ctx, string(name))
	if err != nil {
		return nil, fmt.Errorf("list subjects of %s: %w", name, err)
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, fmt.Errorf("list subjects of %s: %w", name, err)
	}
	return slices.Collect(maps.Keys(info.State.Subjects)), nil
}
