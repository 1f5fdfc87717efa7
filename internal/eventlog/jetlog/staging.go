package jetlog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"penstock/internal/eventlog"
)

// The server stages each atomic batch in a folder of its own, with seven or so syncs of files and folders, before it writes it to the stream and syncs
// that. The staged copy only serves to complete a batch of which a kill let the server write a part. In memory it costs next to nothing and still
// outlives the process; after a power cut in that moment the part stays a part, of a batch that nobody was told is stored. So the folder in which
// the server makes those folders is made a link into Config.StagingDir. Where that does not work, nothing is lost but speed.

const stagingPrefix = "penstock-staging-"

func (j *JetLog) stagingLink(name eventlog.Stream) string {
	return filepath.Join(j.cfg.DataDir, "jetstream", "$G", "streams", string(name), "batches")
}

// unstaged finds the folders that links of an earlier run lead to, which the server is about to use and then to forget.
func (j *JetLog) unstaged() []string {
	var left []string
	for name := range eventlog.Streams() {
		if dir, err := os.Readlink(j.stagingLink(name)); err == nil && strings.HasPrefix(filepath.Base(dir), stagingPrefix) {
			left = append(left, dir)
		}
	}
	return left
}

// stage makes the links, after the server has started, and removes the folders that earlier ones have left.
func (j *JetLog) stage(ctx context.Context, left []string) {
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
	if j.cfg.StagingDir == "" {
		return
	}
	for name := range eventlog.Streams() {
		if err := j.stageStream(name); err != nil {
			j.logger.LogAttrs(ctx, slog.LevelInfo, "atomic batches are staged on disk", slog.String("stage", "jetlog"), slog.Any("error", err))
			return
		}
	}
}

func (j *JetLog) stageStream(name eventlog.Stream) error {
	link := j.stagingLink(name)
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("make room for staging: %w", err)
	}
	dir, err := os.MkdirTemp(j.cfg.StagingDir, stagingPrefix)
	if err != nil {
		return fmt.Errorf("make staging folder: %w", err)
	}
	j.staged = append(j.staged, dir)
	if err := os.Symlink(dir, link); err != nil {
		return fmt.Errorf("link staging folder: %w", err)
	}
	return nil
}

// unstage takes the links back: at the end, and when there is no room where they lead.
func (j *JetLog) unstage() {
	if j.server == nil || len(j.staged) == 0 {
		return
	}
	for name := range eventlog.Streams() {
		if _, err := os.Readlink(j.stagingLink(name)); err == nil {
			_ = os.Remove(j.stagingLink(name))
		}
	}
	for _, dir := range j.staged {
		_ = os.RemoveAll(dir)
	}
}
