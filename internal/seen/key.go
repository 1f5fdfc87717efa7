package seen

import (
	"crypto/sha256"
	"encoding/binary"
)

// The kinds of keys.
const (
	kindFollowed = 'f' // the sequence up to which the index has followed, eight bytes, big-endian
	kindID       = 'i' // kindID, day (4 bytes, big-endian), hash of the id, source
)

const (
	hashBytes     = 16
	prefixBytes   = 1 + 4 + hashBytes
	millisPerDay  = 24 * 60 * 60 * 1000
	keyBytesGuess = prefixBytes + 40
)

func followedKey() []byte { return []byte{kindFollowed} }

// dayOf is the day of a time in ms since 1970.
func dayOf(millis int64) uint32 { return uint32(max(millis, 0) / millisPerDay) } //nolint:gosec // good for eleven million years

// dayKey is the least key of a day.
func dayKey(dst []byte, day uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, kindID), day)
}

// idPrefix is what the keys of an id have in common on one day.
func idPrefix(dst []byte, day uint32, hash [sha256.Size]byte) []byte {
	return append(dayKey(dst, day), hash[:hashBytes]...)
}

// hashOf is where an id lies. It is cryptographic since ids are the clients' to choose.
func hashOf(id string) [sha256.Size]byte {
	var scratch [128]byte
	return sha256.Sum256(append(scratch[:0], id...))
}
