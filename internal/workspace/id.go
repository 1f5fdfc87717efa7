package workspace

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// Ids are random, and of the shapes that clients of Segment's Public API know. All of them are letters and digits, so that they can be tokens of subjects and keys.
const (
	base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

	idLen            = 22 // characters; 58^22 is a little more than 2^128
	destinationIDLen = 12 // bytes, written as 24 hexadecimal digits
	filterIDLen      = 27 // characters
	writeKeyLen      = 32 // characters
)

// NewID returns a new random id of a source, a mapping or an app: 22 characters of base 58.
func NewID() string { return random(base58, idLen) }

// NewDestinationID returns a new random id of a destination: 24 hexadecimal digits.
func NewDestinationID() string {
	var b [destinationIDLen]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// NewFilterID returns a new random id of a filter: 27 letters and digits.
func NewFilterID() string { return random(base62, filterIDLen) }

// NewWriteKey returns a new random write key: 32 letters and digits.
func NewWriteKey() string { return random(base62, writeKeyLen) }

// random is n characters of an alphabet, each as likely as any other.
func random(alphabet string, n int) string {
	fair := 256 - 256%len(alphabet) // bytes from here on would favor the first letters
	out := make([]byte, 0, n)
	var bytes [64]byte
	for {
		_, _ = rand.Read(bytes[:]) // never fails: crypto/rand ends the program instead
		for _, b := range bytes {
			if int(b) < fair {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
			if len(out) == n {
				return string(out)
			}
		}
	}
}

// StableHexID is StableID in the shape of the ids of destinations: 24 hexadecimal digits.
func StableHexID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:destinationIDLen])
}

// StableID is the id of something that everybody must know by the same id without having been told: 22 characters of base 58, made of its name.
func StableID(name string) string {
	sum := sha256.Sum256([]byte(name))
	out := make([]byte, idLen)
	for i := range out {
		out[i] = base58[int(sum[i])%len(base58)]
	}
	return string(out)
}
