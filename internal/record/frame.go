package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"strconv"
)

// FrameBytesMax is the size, in bytes, that a frame's body may have; a single line that is longer makes a frame of its own.
const FrameBytesMax = 512 << 10

// Kind says what the lines of a frame are.
type Kind string

// The kinds of docs/internals/log.md.
const (
	KindEvents   Kind = "events"
	KindFence    Kind = "fence"
	KindRejected Kind = "rejected"
	KindOutcomes Kind = "outcomes"
	KindReceived Kind = "received"
	KindAudit    Kind = "audit"

	KindCheckpoint Kind = "checkpoint"
	KindErasure    Kind = "erasure"
	KindKept       Kind = "kept"
	KindRewritten  Kind = "rewritten"
)

// Header is a frame's place in the chain of its subject. Its fields are described in docs/internals/log.md.
type Header struct {
	Kind  Kind   `json:"kind"`
	N     uint64 `json:"n"`
	Prev  uint64 `json:"prev"`
	First uint64 `json:"first"`
	Lines int    `json:"lines"`
	Bytes uint64 `json:"bytes,omitempty"`
	At    int64  `json:"at"`
	Dups  []Dup  `json:"dups,omitempty"`
}

// Total is the number of lines of the subject up to and with this frame.
func (h *Header) Total() uint64 { return h.First + uint64(h.Lines) } //nolint:gosec // Lines is checked to be positive when a frame is made or read

// DupOf tells whether a line of the frame repeats an earlier one, and which; seq is the sequence of the frame itself.
func (h *Header) DupOf(seq uint64, line int) (Position, bool) {
	for _, d := range h.Dups {
		if d.Line == line {
			if d.Of.Seq == 0 {
				return Position{Seq: seq - uint64(d.Back), Line: d.Of.Line}, true //nolint:gosec // Back is at most the frames of one batch
			}
			return d.Of, true
		}
	}
	return Position{}, false
}

// Dup marks a line whose messageId was seen before, at Of. When Of has no sequence, the first is in a frame of the same batch: Back frames
// before this one, 0 being this one. (The frames of a subject lie one after the other in a batch.)
type Dup struct {
	Line int
	Of   Position
	Back int
}

// append writes [line, sequence, line], with -Back for the sequence where there is none.
func (d Dup) append(dst []byte) []byte {
	dst = append(dst, '[')
	dst = strconv.AppendInt(dst, int64(d.Line), 10)
	dst = append(dst, ',')
	if d.Of.Seq == 0 {
		dst = strconv.AppendInt(dst, int64(-d.Back), 10)
	} else {
		dst = strconv.AppendUint(dst, d.Of.Seq, 10)
	}
	dst = append(dst, ',')
	dst = strconv.AppendInt(dst, int64(d.Of.Line), 10)
	return append(dst, ']')
}

// MarshalJSON writes [line, sequence, line].
func (d Dup) MarshalJSON() ([]byte, error) { return d.append(nil), nil }

// UnmarshalJSON reads [line, sequence, line].
func (d *Dup) UnmarshalJSON(b []byte) error {
	var v []int64
	if err := json.Unmarshal(b, &v); err != nil || len(v) != 3 {
		return fmt.Errorf("read duplicate mark %s: want [line, sequence, line]", b)
	}
	*d = Dup{Line: int(v[0]), Of: Position{Line: int(v[2])}}
	if seq := v[1]; seq > 0 {
		d.Of.Seq = uint64(seq)
	} else {
		d.Back = int(-seq)
	}
	return nil
}

// What is wrong with bytes that should be a frame. ErrBody alone means that the header can be trusted.
var (
	ErrHeader = errors.New("frame header is damaged")
	ErrBody   = errors.New("frame body is damaged")
)

const (
	magic      = "P1 "
	crcHexLen  = 8
	headerFrom = len(magic) + 2*(crcHexLen+1) // where the header's JSON begins
)

//nolint:gochecknoglobals // a constant table
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendFrame appends the frame of header and body to dst. The body is lines, each ended by a newline, as many as the header says.
// It panics when they disagree: that is a mistake of the program, and nothing wrong may reach the log.
func AppendFrame(dst []byte, h *Header, body []byte) []byte {
	if n := bytes.Count(body, newline); n != h.Lines || h.N == 0 || (len(body) > 0 && body[len(body)-1] != '\n') {
		panic(fmt.Sprintf("record: header says %d lines, number %d; body has %d", h.Lines, h.N, n))
	}
	start := len(dst)
	dst = append(dst, magic...)
	dst = append(dst, "00000000 00000000 "...)
	dst = appendHeader(dst, h)
	header := dst[start+headerFrom:]
	putHex(dst[start+len(magic):], crc32.Checksum(header, castagnoli))
	putHex(dst[start+len(magic)+crcHexLen+1:], crc32.Checksum(body, castagnoli))
	dst = append(dst, '\n')
	return append(dst, body...)
}

//nolint:gochecknoglobals // a constant
var newline = []byte{'\n'}

// appendHeader writes what json.Marshal(h) would, without its cost: it is on the path of each append.
func appendHeader(dst []byte, h *Header) []byte {
	dst = append(dst, `{"kind":"`...)
	dst = append(dst, h.Kind...)
	dst = append(dst, `","n":`...)
	dst = strconv.AppendUint(dst, h.N, 10)
	dst = append(dst, `,"prev":`...)
	dst = strconv.AppendUint(dst, h.Prev, 10)
	dst = append(dst, `,"first":`...)
	dst = strconv.AppendUint(dst, h.First, 10)
	dst = append(dst, `,"lines":`...)
	dst = strconv.AppendInt(dst, int64(h.Lines), 10)
	if h.Bytes > 0 {
		dst = append(dst, `,"bytes":`...)
		dst = strconv.AppendUint(dst, h.Bytes, 10)
	}
	dst = append(dst, `,"at":`...)
	dst = strconv.AppendInt(dst, h.At, 10)
	for i, d := range h.Dups {
		if i == 0 {
			dst = append(dst, `,"dups":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = d.append(dst)
	}
	if len(h.Dups) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func putHex(dst []byte, v uint32) {
	const digits = "0123456789abcdef"
	for i := crcHexLen - 1; i >= 0; i-- {
		dst[i] = digits[v&15]
		v >>= 4
	}
}

// DecodeFrame reads a frame. The body is a part of data, not a copy. With an error that is ErrBody the header is whole and can be
// trusted (it says how many lines are gone); with ErrHeader nothing can.
func DecodeFrame(data []byte) (Header, []byte, error) {
	var h Header
	end := bytes.IndexByte(data, '\n')
	if end < headerFrom || string(data[:len(magic)]) != magic {
		return h, nil, ErrHeader
	}
	sums, header, body := data[len(magic):headerFrom], data[headerFrom:end], data[end+1:]
	if sums[crcHexLen] != ' ' || sums[2*crcHexLen+1] != ' ' || !isSum(sums[:crcHexLen], header) ||
		json.Unmarshal(header, &h) != nil || h.Lines < 0 || h.N == 0 {
		return Header{}, nil, ErrHeader
	}
	if !isSum(sums[crcHexLen+1:2*crcHexLen+1], body) || bytes.Count(body, newline) != h.Lines || (len(body) > 0 && body[len(body)-1] != '\n') {
		return h, nil, ErrBody
	}
	return h, body, nil
}

// isSum tells whether text is the written checksum of data.
func isSum(text, data []byte) bool {
	var want [crcHexLen]byte
	putHex(want[:], crc32.Checksum(data, castagnoli))
	return bytes.Equal(text, want[:])
}

// Lines walks the lines of a frame's body, without their newlines.
func Lines(body []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for i := 0; len(body) > 0; i++ {
			end := bytes.IndexByte(body, '\n')
			if end < 0 {
				end = len(body) - 1
			}
			if !yield(i, body[:end:end]) {
				return
			}
			body = body[end+1:]
		}
	}
}

// Line is one line of a frame's body, or nil when it has fewer.
func Line(body []byte, line int) []byte {
	for i, b := range Lines(body) {
		if i == line {
			return b
		}
	}
	return nil
}
