package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Limits of a password, in characters and bytes.
const (
	passwordCharsMin = 12
	passwordBytesMax = 256
)

// Hashing is how passwords are hashed with argon2id. A hash says how it was made, so that these can change.
type Hashing struct {
	MemoryKiB   uint32 // what one hash takes
	Passes      uint32
	Lanes       uint8
	Concurrency int // hashes at a time; others wait
}

// DefaultHashing is what RFC 9106 recommends where memory is constrained, 64 MiB and three passes, on one lane: about a tenth of a second.
func DefaultHashing() Hashing {
	return Hashing{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1, Concurrency: 2}
}

const (
	saltBytes = 16
	hashBytes = 32
	// Bounds of what a stored hash may ask for, so that an entry of the bucket cannot take all memory.
	memoryKiBMax = 1 << 20
	passesMax    = 64
)

// hasher makes and checks hashes, a few at a time.
type hasher struct {
	Hashing

	slots chan struct{}
	decoy string // a hash that no password has, for users that there are not
}

func newHasher(h Hashing) *hasher {
	return &hasher{Hashing: h, slots: make(chan struct{}, h.Concurrency), decoy: h.encode(make([]byte, saltBytes), make([]byte, hashBytes))}
}

func checkPassword(password string) error {
	if !utf8.ValidString(password) || utf8.RuneCountInString(password) < passwordCharsMin || len(password) > passwordBytesMax {
		return &InvalidError{Field: "password", Message: fmt.Sprintf("a password needs %d to %d characters", passwordCharsMin, passwordBytesMax)}
	}
	return nil
}

// enter waits for a slot.
func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hash is the form in which a password is kept.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	return h.encode(salt, argon2.IDKey([]byte(password), salt, h.Passes, h.MemoryKiB, h.Lanes, hashBytes)), nil
}

// encode writes the form that argon2's own tools use.
func (h *Hashing) encode(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.MemoryKiB, h.Passes, h.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errHash = errors.New("the stored hash of a password is of another form")

// is tells whether a password has a hash. It takes as long for a user that there is not, whose hash is empty.
func (h *hasher) is(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.decoy
	}
	p, salt, want, err := decodeHash(hash)
	if err != nil {
		return false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slots }()
	got := argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Lanes, hashBytes)
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// outdated tells whether a hash was made in another way than it would be today.
func (h *hasher) outdated(hash string) bool {
	p, _, _, err := decodeHash(hash)
	return err == nil && (p.MemoryKiB != h.MemoryKiB || p.Passes != h.Passes || p.Lanes != h.Lanes)
}

func decodeHash(hash string) (p Hashing, salt, sum []byte, err error) { //nolint:revive // the parts of a hash
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil || n != 3 {
		return p, nil, nil, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(sum) != hashBytes || p.MemoryKiB > memoryKiBMax || p.Passes == 0 || p.Passes > passesMax || p.Lanes == 0 {
		return p, nil, nil, errHash
	}
	return p, salt, sum, nil
}
