package jetlog

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/nats-io/nats-server/v2/server"

	"penstock/internal/eventlog"
)

// The server does not erase safely: it first marks a message as deleted, and then writes the block anew with random bytes in its place. When it is killed in between, the
// message is gone for all readers and its bytes stay on the disk, for good, since the server will not erase what is deleted. So what is about to be erased is noted
// in a file first, and whatever is still noted at a start is overwritten before the server reads its blocks.

// erasing is the messages that are noted.
type erasing struct {
	mu   sync.Mutex
	file string
	all  []erasure
}

// erasure is a message that is being erased.
type erasure struct {
	Stream eventlog.Stream `json:"stream"`
	Seq    uint64          `json:"seq"`
}

// begin notes an erasure. It tells whether that was noted before, and not finished.
func (e *erasing) begin(one erasure) (again bool, err error) {
	if slices.Contains(e.all, one) {
		return true, nil
	}
	e.all = append(e.all, one)
	return false, e.write()
}

// end forgets an erasure.
func (e *erasing) end(one erasure) error {
	e.all = slices.DeleteFunc(e.all, func(other erasure) bool { return other == one })
	return e.write()
}

// write makes the file say what is noted; without anything, there is none.
func (e *erasing) write() error {
	if len(e.all) == 0 {
		if err := os.Remove(e.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget erasure: %w", err)
		}
		return nil
	}
	data, err := json.Marshal(e.all)
	if err == nil {
		err = replaceFile(e.file, data)
	}
	if err != nil {
		return fmt.Errorf("note erasure: %w", err)
	}
	return nil
}

// finishErasing overwrites what was noted by a process that did not come to the end of it. The server is not running.
func (j *JetLog) finishErasing(ctx context.Context) {
	j.erasing.file = filepath.Join(j.cfg.DataDir, "erasing.json")
	data, err := os.ReadFile(j.erasing.file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = json.Unmarshal(data, &j.erasing.all)
	}
	left, _ := filepath.Glob(filepath.Join(j.cfg.DataDir, "jetstream", "$G", "streams", "*", "msgs", "*.blk.tmp")) // the pattern is well formed
	for _, file := range left {
		err = errors.Join(err, os.Remove(file)) // a block that was half written
	}
	for _, one := range slices.Clone(j.erasing.all) {
		if scrubbed := j.scrub(one); scrubbed == nil {
			err = errors.Join(err, j.erasing.end(one))
		} else {
			err = errors.Join(err, scrubbed)
		}
	}
	if err != nil {
		j.logger.LogAttrs(ctx, slog.LevelError, "erase from log what a kill has left; the next start tries again", slog.String("stage", "jetlog"), slog.Any("error", err))
	}
}

// scrub overwrites a message in the block that it is in. The server's index of its blocks goes with it, and is made anew.
func (j *JetLog) scrub(one erasure) error {
	dir := filepath.Join(j.cfg.DataDir, "jetstream", "$G", "streams", string(one.Stream), "msgs")
	blocks := allBlocks(dir)
	for _, b := range slices.Backward(blocks) {
		found, err := b.scrub(one)
		if err != nil {
			return fmt.Errorf("erase from %s: %w", b.file, err)
		}
		if !found {
			continue
		}
		if err := os.Remove(filepath.Join(dir, "index.db")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("erase from %s: %w", b.file, err)
		}
		return nil
	}
	return nil // it was erased
}

// scrub overwrites a message, as the server does; false when the block does not have it.
func (b block) scrub(one erasure) (bool, error) {
	stored, err := os.ReadFile(b.file)
	if err != nil {
		return false, err
	}
	data, err := plain(stored)
	if err != nil {
		return false, err
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", one.Stream, b.index))
	for at := 0; at < len(data); {
		r, ok := recordAt(data[at:])
		if !ok {
			return false, nil // heal and the server say so
		}
		if r.seq == one.Seq {
			overwrite(r.bytes, key[:])
			return true, replaceFile(b.file, data)
		}
		at += len(r.bytes)
	}
	return false, nil
}

// overwrite makes a stored message one that was erased: its sequence, and nothing else.
func overwrite(raw, key []byte) {
	seq := binary.LittleEndian.Uint64(raw[4:])
	_, _ = rand.Read(raw[recordHeader:]) // it does not fail: the process ends instead
	binary.LittleEndian.PutUint32(raw, uint32(min(len(raw), math.MaxInt32)))
	binary.LittleEndian.PutUint64(raw[4:], seq|erased)
	binary.LittleEndian.PutUint64(raw[12:], 0)
	binary.LittleEndian.PutUint16(raw[20:], 0)
	r := rawRecord{bytes: raw, seq: seq | erased}
	copy(raw[len(raw)-recordSum:], r.sum(key))
}

// plain is what is in a block, which may be compressed.
func plain(stored []byte) ([]byte, error) {
	var info server.CompressionInfo
	n, err := info.UnmarshalMetadata(stored)
	if err != nil || n == 0 {
		return stored, err
	}
	return info.Algorithm.Decompress(stored[n:])
}

// replaceFile puts data in the place of a file, or makes it, so that it is there whole whatever happens.
func replaceFile(file string, data []byte) error {
	next := file + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // in the data folder
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(data).WriteTo(f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, file); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
