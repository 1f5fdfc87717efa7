package jetlog

import (
	"context"

	"penstock/internal/eventlog"
)

// Remove takes a message out of a stream.
func (j *JetLog) Remove(ctx context.Context, name eventlog.Stream, seq uint64) error {
	s, err := j.js.Stream(ctx, string(name))
	if err != nil {
		return err
	}
	return s.DeleteMsg(ctx, seq)
}

// Plain is what is in a block, compressed or not.
func Plain(stored []byte) ([]byte, error) { return plain(stored) }
