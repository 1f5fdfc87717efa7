package seen

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"penstock/internal/record"
)

// Of one id on one day so many positions are kept: the newest firsts, of which there is more than one only where the window is shorter than a
// day, and the oldest repeats.
const (
	firstsMax  = 16
	repeatsMax = 64
)

// entry is a position of an id.
type entry struct {
	at     record.Position
	millis int64
	repeat bool
}

var errEntry = errors.New("value of seen id is damaged")

// appendEntry writes an entry as three numbers: sequence, line, and the time with the mark of a repeat.
func appendEntry(dst []byte, e entry) []byte {
	dst = binary.AppendUvarint(dst, e.at.Seq)
	dst = binary.AppendUvarint(dst, uint64(e.at.Line)) //nolint:gosec // an index
	last := uint64(e.millis) << 1                      //nolint:gosec // ms since 1970
	if e.repeat {
		last |= 1
	}
	return binary.AppendUvarint(dst, last)
}

// encode writes entries one after the other.
func encode(entries []entry) (value []byte) {
	for _, e := range entries {
		value = appendEntry(value, e)
	}
	return value
}

// decodeEntries adds the entries of a value to dst.
func decodeEntries(dst []entry, value []byte) ([]entry, error) {
	for len(value) > 0 {
		var numbers [3]uint64
		for i := range numbers {
			v, n := binary.Uvarint(value)
			if n <= 0 {
				return dst, errEntry
			}
			numbers[i], value = v, value[n:]
		}
		at := record.Position{Seq: numbers[0], Line: int(numbers[1])} //nolint:gosec // an index
		dst = append(dst, entry{at: at, millis: int64(numbers[2] >> 1), repeat: numbers[2]&1 == 1})
	}
	return dst, nil
}

// union sorts entries by position, takes each once, and keeps as many as there may be.
func union(entries []entry) []entry {
	slices.SortFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
	entries = slices.CompactFunc(entries, func(a, b entry) bool { return a.at == b.at })
	firsts, repeats := 0, 0
	for _, e := range entries {
		if !e.repeat {
			firsts++
		}
	}
	return slices.DeleteFunc(entries, func(e entry) bool {
		if e.repeat {
			repeats++
			return repeats > repeatsMax
		}
		firsts--
		return firsts >= firstsMax
	})
}

// merger makes one value of the repeats that were merged into a key.
func merger() *pebble.Merger {
	return &pebble.Merger{
		Name: "penstock.positions.1",
		Merge: func(_, value []byte) (pebble.ValueMerger, error) {
			m := &merging{}
			err := m.add(value)
			return m, err
		},
	}
}

type merging struct{ entries []entry }

func (m *merging) add(value []byte) (err error) {
	m.entries, err = decodeEntries(m.entries, value)
	return err
}

// MergeNewer takes one more value; the order does not matter.
func (m *merging) MergeNewer(value []byte) error { return m.add(value) }

// MergeOlder takes one more value; the order does not matter.
func (m *merging) MergeOlder(value []byte) error { return m.add(value) }

// Finish writes the union.
func (m *merging) Finish(bool) ([]byte, io.Closer, error) {
	return encode(union(m.entries)), nil, nil
}
