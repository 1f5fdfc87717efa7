package jetlog

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"syscall"

	"penstock/internal/eventlog"
)

// The embedded server does not get over a full disk: a stream whose file could not be written refuses everything until it is opened again, room or not.
// So it is never let near: before each append the disk is asked what is free, and where that is less than a reserve, the answer is ErrFull. Where the
// disk fills up in spite of that, within one append or by another process, the server's storage is closed and opened again, as at a start, once the
// reserve is there.

// room is ErrFull when less is free than the reserve, or, after a write that has found no room, than twice that; when there is room again, it sees
// to it that the server notices.
func (j *JetLog) room(ctx context.Context) error {
	if j.server == nil {
		return nil
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(j.cfg.DataDir, &fs); err != nil {
		return fmt.Errorf("read what is free in %s: %w", j.cfg.DataDir, err)
	}
	free, reserve := int64(fs.Bavail)*int64(fs.Bsize), j.cfg.FreeBytesMin //nolint:gosec,unconvert // a disk has fewer bytes; the types differ by system
	if j.jammed.Load() {
		reserve *= 2
	}
	if free < reserve {
		return fmt.Errorf("%w: %d bytes are free on the disk, %d are kept in reserve", eventlog.ErrFull, free, reserve)
	}
	if !j.jammed.Load() {
		return nil
	}
	return j.reopen(ctx)
}

// reopen closes the server's storage and opens it again, which is what it takes after a write that has found no room. The connection stays.
func (j *JetLog) reopen(ctx context.Context) error {
	j.reopening.Lock()
	defer j.reopening.Unlock()
	if !j.jammed.Load() {
		return nil
	}
	j.logger.LogAttrs(ctx, slog.LevelWarn, "there is room again, reopen log", slog.String("stage", "jetlog"))
	if running := j.server.JetStreamConfig(); running != nil {
		j.storage = *running
	}
	storage := j.storage
	storage.StoreDir = filepath.Dir(storage.StoreDir) // the server adds "jetstream" again
	if err := j.server.ShutdownJetStream(); err != nil {
		return fmt.Errorf("close log storage: %w", err)
	}
	j.heal(ctx)
	if err := j.server.EnableJetStream(&storage); err != nil {
		return fmt.Errorf("open log storage: %w", err)
	}
	j.jammed.Store(false)
	j.reopened.tell()
	return nil
}
