package seen

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"
)

// The kinds of keys.
const (
	kindFollowed = 'f' // the sequence up to which the index has followed, eight bytes, big-endian
	kindFirst    = 'i' // kindFirst, day (4 bytes, big-endian), hash of the id, source: the firsts of an id on a day, set
	kindRepeats  = 'r' // the same of its repeats, merged: what is merged is read only when somebody asks where an id is
	kindFormat   = 'v' // the version of these keys: one byte; missing in format 1, in which repeats lie with the firsts
)

const format = 2

const (
	hashBytes     = 16
	prefixBytes   = 1 + 4 + hashBytes
	millisPerDay  = 24 * 60 * 60 * 1000
	keyBytesGuess = prefixBytes + 40
)

func followedKey() []byte { return []byte{kindFollowed} }

// dayOf is the day of a time in ms since 1970.
func dayOf(millis int64) uint32 { return uint32(max(millis, 0) / millisPerDay) } //nolint:gosec // good for eleven million years

// keysOf are the bounds of all keys of a kind.
func keysOf(kind byte) *pebble.IterOptions {
	return &pebble.IterOptions{LowerBound: []byte{kind}, UpperBound: []byte{kind + 1}}
}

// dayKey is the least key of a kind and day.
func dayKey(dst []byte, kind byte, day uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, kind), day)
}

// idPrefix is what the keys of a kind and an id have in common on one day.
func idPrefix(dst []byte, kind byte, day uint32, hash [sha256.Size]byte) []byte {
	return append(dayKey(dst, kind, day), hash[:hashBytes]...)
}

// hashOf is where an id lies. It is cryptographic since ids are the clients' to choose.
func hashOf(id string) [sha256.Size]byte {
	var scratch [128]byte
	return sha256.Sum256(append(scratch[:0], id...))
}
