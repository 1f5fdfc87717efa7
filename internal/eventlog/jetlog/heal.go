package jetlog

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// A server that was not stopped in order reads its blocks anew, and cuts a block off at the first message whose checksum is wrong: one flipped bit
// costs all that lies behind it in the block, and in the newest block the sequences of what is lost are given out again. So before the server starts,
// its newest blocks are read, and a message whose bytes have rotted, but whose place in the block is beyond doubt, gets the checksum of
// the bytes that it has now. The server then hands it out like any other, and the frame's own two checksums tell what is wrong with it:
// most often with the body alone, and then the header says exactly how many lines are lost.
//
// A last message that a power cut has left half written is healed likewise, and counts as lost though nobody was told that it was
// stored. That is the lesser evil: it cannot be told from one that was.

// healBlocksMax is how many of a stream's newest blocks are read, of 8 MB each.
const healBlocksMax = 8

// heal mends the newest blocks of all streams. What it cannot read or does not understand it leaves to the server.
func (j *JetLog) heal(ctx context.Context) {
	for name := range eventlog.Streams() {
		for _, b := range newestBlocks(filepath.Join(j.cfg.DataDir, "jetstream", "$G", "streams", string(name), "msgs")) {
			healed, err := b.heal(name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				j.logger.LogAttrs(ctx, slog.LevelWarn, "read block of log", slog.String("stage", "jetlog"), slog.String("file", b.file), slog.Any("error", err))
			}
			for _, seq := range healed {
				j.logger.LogAttrs(ctx, slog.LevelError, "frame has rotted", slog.String("stage", "jetlog"), slog.String("stream", string(name)), slog.Uint64("seq", seq))
			}
		}
	}
}

// block is a file of messages.
type block struct {
	file  string
	index int
}

// newestBlocks are the last few of a folder, in order.
func newestBlocks(dir string) []block {
	blocks := allBlocks(dir)
	return blocks[max(0, len(blocks)-healBlocksMax):]
}

// allBlocks are those of a folder, in order.
func allBlocks(dir string) []block {
	files, _ := filepath.Glob(filepath.Join(dir, "*.blk")) // the pattern is well formed
	var blocks []block
	for _, file := range files {
		if index, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(file), ".blk")); err == nil {
			blocks = append(blocks, block{file: file, index: index})
		}
	}
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.index, b.index) })
	return blocks
}

// Where things are in a stored message: length (its top bit: with headers), sequence, time, length of the subject; subject; length of the headers if there are
// any; headers, data; checksum.
const (
	recordHeader = 22
	recordSum    = 8
	recordMost   = 32 << 20
	withHeaders  = 1 << 31
	erased       = 1 << 63 // in sequences: of messages that were overwritten,
	tombstone    = 1 << 62 // and of marks behind all others that stand for deleted ones
)

// heal mends what can be mended in one block, and returns the sequences of those messages.
func (b block) heal(name eventlog.Stream) (healed []uint64, err error) {
	data, err := os.ReadFile(b.file)
	if err != nil || bytes.HasPrefix(data, []byte("cmp")) { // a compressed one is not new
		return nil, err
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", name, b.index))
	understood := false // at least one checksum is what it should be: this is how the server computes them
	before := uint64(0) // the sequence of the last message
	for at := 0; at < len(data); {
		r, ok := recordAt(data[at:])
		if ok && r.isSum(key[:]) {
			understood = true
			if r.seq&tombstone == 0 {
				before = r.seq &^ erased
			}
			at += len(r.bytes)
			continue
		}
		if r, ok = mend(data[at:], key[:], before); !ok {
			break
		}
		healed, before = append(healed, r.seq), r.seq
		at += len(r.bytes)
	}
	if !understood || len(healed) == 0 {
		return nil, nil
	}
	return healed, rewrite(b.file, data)
}

// mend gives the rotted record at the beginning of data a right length and checksum, if it is clear where it ends and that it is the one after the
// message before (0: not known). Where a single bit has flipped, outside the frame or not far into it, everything is as it was before. Where more of the
// frame is damaged, its readers will notice. Where it is whole and yet something else is not, the frame is spoiled, for its subject may not be
// what it was.
func mend(data, key []byte, before uint64) (rawRecord, bool) {
	n, sure := extent(data, key, before)
	if !sure { // only if it is whole: it may have been written in part
		whole := bytes.Clone(data)
		r, ok := resize(whole, key)
		ok = ok && r.isSum(key)
		if ok {
			copy(data, whole)
		}
		return r, ok
	}
	r, ok := resize(data[:n], key)
	if ok && r.isSum(key) {
		return r, true // it was the length
	}
	end := n - recordSum
	if fixed, ok := flipBack(data[:n], key); ok {
		return fixed, before == 0 || fixed.seq == before+1
	}
	from := r.frame()
	if !ok || from == 0 || (before > 0 && r.seq != before+1) {
		return rawRecord{}, false
	}
	if _, _, err := record.DecodeFrame(data[from:end]); err == nil && !r.oneBitOff(key) {
		data[from+len(frameMagic)] = '-' // in the checksum of the header
	}
	copy(data[end:n], r.sum(key))
	return r, true
}

const frameMagic = "P1 "

// extent is where the record at the beginning of data ends: where it says, if the next message or the end of the file is there; else at the next
// record that is in order. If there is none, that is not sure, and it may be the end of the file.
func extent(data, key []byte, before uint64) (n int, sure bool) {
	if r, ok := recordAt(data); ok {
		n := len(r.bytes)
		next, ok := recordAt(data[n:])
		if n == len(data) || ok && (next.seq == before+2 || next.isSum(key)) {
			return n, true
		}
	}
	for n := recordHeader + recordSum; n+recordHeader <= len(data); n++ {
		if before > 0 && binary.LittleEndian.Uint64(data[n+4:]) != before+2 {
			continue
		}
		if next, ok := recordAt(data[n:]); ok && next.isSum(key) {
			return n, true
		}
	}
	return len(data), false
}

// resize makes a record say that it is as long as it is. Whether it has headers is in the same field: with them is right unless without them is.
func resize(data, key []byte) (rawRecord, bool) {
	length := uint32(len(data)) //nolint:gosec // at most a block
	binary.LittleEndian.PutUint32(data, length)
	if r, ok := recordAt(data); ok && r.isSum(key) {
		return r, true
	}
	binary.LittleEndian.PutUint32(data, length|withHeaders)
	return recordAt(data)
}

// flipBack looks for the one bit before the frame that makes the checksum right.
func flipBack(data, key []byte) (rawRecord, bool) {
	const most = recordHeader + 512 // subject and headers are shorter
	for bit := 4 * 8; bit < min(most, len(data)-recordSum)*8; bit++ {
		data[bit/8] ^= 1 << (bit % 8)
		if r, ok := recordAt(data); ok && r.isSum(key) {
			return r, true
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
	return rawRecord{}, false
}

// frame is where the frame in a record begins; 0 when there is none.
func (r *rawRecord) frame() int {
	if len(r.bytes) == 0 {
		return 0
	}
	from := recordHeader + r.subject
	if r.headers {
		from += 4 + int(binary.LittleEndian.Uint32(r.bytes[from:]))
	}
	if end := len(r.bytes) - recordSum; from > end || !bytes.HasPrefix(r.bytes[from:end], []byte(frameMagic)) {
		return 0
	}
	return from
}

// oneBitOff tells whether it is the checksum that has rotted.
func (r *rawRecord) oneBitOff(key []byte) bool {
	sum := binary.LittleEndian.Uint64(r.sum(key))
	return bits.OnesCount64(sum^binary.LittleEndian.Uint64(r.bytes[len(r.bytes)-recordSum:])) == 1
}

// rewrite puts data in the place of a file, and syncs it.
func rewrite(file string, data []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0) //nolint:gosec // a block in the data folder
	if err != nil {
		return fmt.Errorf("heal block: %w", err)
	}
	_, err = f.WriteAt(data, 0)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("heal block: %w", err)
	}
	return nil
}

// stored message, as it lies in a block.
type rawRecord struct {
	bytes   []byte
	seq     uint64
	subject int // its length
	headers bool
}

// recordAt finds the record at the beginning of data, if what it says of itself can be true.
func recordAt(data []byte) (rawRecord, bool) {
	if len(data) < recordHeader {
		return rawRecord{}, false
	}
	length := binary.LittleEndian.Uint32(data)
	r := rawRecord{
		seq:     binary.LittleEndian.Uint64(data[4:]),
		subject: int(binary.LittleEndian.Uint16(data[20:])),
		headers: length&withHeaders != 0,
	}
	n := int(length &^ withHeaders)
	least := recordHeader + r.subject + recordSum
	if r.headers {
		least += 4
	}
	if n < least || n > recordMost || n > len(data) {
		return rawRecord{}, false
	}
	r.bytes = data[:n]
	return r, true
}

func (r *rawRecord) isSum(key []byte) bool {
	return bytes.Equal(r.sum(key), r.bytes[len(r.bytes)-recordSum:])
}

// sum is the checksum that the server gives to a record.
func (r *rawRecord) sum(key []byte) []byte {
	h, err := highwayhash.New64(key)
	if err != nil {
		return nil // the key has the length that it must have
	}
	body := recordHeader + r.subject
	_, _ = h.Write(r.bytes[4:20])
	_, _ = h.Write(r.bytes[recordHeader:body])
	if r.headers {
		body += 4
	}
	_, _ = h.Write(r.bytes[body : len(r.bytes)-recordSum])
	return h.Sum(nil)
}
