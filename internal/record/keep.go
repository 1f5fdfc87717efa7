package record

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Checkpoint is the line of a checkpoint: all that a fold knows of a mapping.
type Checkpoint struct {
	Run      uint32            `json:"run,omitempty"`
	Events   uint64            `json:"events"`
	Outcomes uint64            `json:"outcomes"`
	Begun    bool              `json:"begun,omitempty"`
	Frame    uint64            `json:"frame,omitempty"`
	Lines    uint64            `json:"lines,omitempty"`
	Counts   map[Status]uint64 `json:"counts,omitempty"` // of the terminal ones
	Accepted uint64            `json:"accepted,omitempty"`
	Park     *Park             `json:"park,omitempty"`
	Open     []Open            `json:"open,omitempty"`
	Retries  []Waiting         `json:"retries,omitempty"`
}

// CheckpointSubject is the subject of a mapping's checkpoints.
func CheckpointSubject(workspace, mapping string) string {
	return "checkpoints." + workspace + "." + mapping
}

// Park is why a mapping is parked, and since when (ms since 1970).
type Park struct {
	At     []Span `json:"at,omitempty"`
	Code   string `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`
	Since  int64  `json:"since"`
}

// Open is a frame, or a hole before one, that is owed and not settled.
type Open struct {
	Seq       uint64 `json:"seq"`
	First     uint64 `json:"first,omitempty"` // lines of the source before it
	Lines     uint64 `json:"lines"`
	Settled   []Span `json:"settled,omitempty"`
	BehindGap bool   `json:"behindGap,omitempty"` // a hole lay before it
	Hole      bool   `json:"hole,omitempty"`
	After     uint64 `json:"after,omitempty"` // of a hole: its frames lie behind this sequence,
	Last      uint64 `json:"last,omitempty"`  // up to this one
}

// Waiting is a line that waits to be tried again.
type Waiting struct {
	At       Position `json:"at"`
	Due      int64    `json:"due"`
	Attempt  int      `json:"attempt"`
	Revision uint64   `json:"rev,omitempty"`
	Batch    string   `json:"batch,omitempty"`
	Since    int64    `json:"since"`
}

// Kept is the line of a kept record: nothing of a subject is kept before a sequence.
type Kept struct {
	Before uint64 `json:"before"`
	N      uint64 `json:"n"`     // of the last frame that was removed
	Lines  uint64 `json:"lines"` // up to and with it
	Bytes  uint64 `json:"bytes"`
	At     int64  `json:"at"` // its time, ms since 1970
}

// Erasure is the line of an erasure: who is to be taken out of the log, and how far that is.
type Erasure struct {
	ID       string       `json:"id"`
	App      string       `json:"app"`
	Sources  []string     `json:"sources,omitempty"`
	Visitors []string     `json:"visitors,omitempty"` // none once it is done
	Accounts []string     `json:"accounts,omitempty"`
	Persons  int          `json:"persons"` // how many those are
	State    ErasureState `json:"state"`
	Begun    int64        `json:"begun"` // ms since 1970
	Ended    int64        `json:"ended,omitempty"`
	Lines    int          `json:"lines"`  // that were rewritten, since the last start
	Frames   int          `json:"frames"` // that they were in
}

// ErasureState says how far an erasure is.
type ErasureState string

// The states of an erasure.
const (
	ErasureRunning ErasureState = "running"
	ErasureDone    ErasureState = "done"
)

// rewritten is the first line of a rewritten record.
type rewritten struct {
	Header Header `json:"header"`
}

// AppendRewritten appends the lines of a rewritten record to dst: those of a frame that takes the place of one with the same header. It panics when
// header and body disagree, as AppendFrame does.
func AppendRewritten(dst [][]byte, h *Header, body []byte) [][]byte {
	if n := bytes.Count(body, newline); n != h.Lines {
		panic(fmt.Sprintf("record: header says %d lines, body has %d", h.Lines, n))
	}
	first, err := json.Marshal(rewritten{*h})
	if err != nil {
		panic("record: encode header: " + err.Error()) // of our own making
	}
	dst = append(dst, first)
	for _, line := range Lines(body) {
		dst = append(dst, line)
	}
	return dst
}

// DecodeRewritten reads the body of a rewritten record: header and body of the frame in it.
func DecodeRewritten(data []byte) (Header, []byte, error) {
	first, body, ok := bytes.Cut(data, newline)
	var r rewritten
	if !ok || json.Unmarshal(first, &r) != nil || r.Header.N == 0 {
		return Header{}, nil, ErrHeader
	}
	if bytes.Count(body, newline) != r.Header.Lines {
		return r.Header, nil, ErrBody
	}
	return r.Header, body, nil
}
