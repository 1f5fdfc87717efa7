// Package vault keeps secrets from lying on the disk in the clear: what a destination's definition calls a password is encrypted before it enters the
// bucket of the configuration, and decrypted when it is read from there. Nothing above the bucket knows of it.
//
// The cipher is AES-256-GCM with a random nonce. Each ciphertext names its key, and is bound to the entry and the field that it stands in: moved
// elsewhere, it does not open. Keys are random, 32 bytes, from a file in the data folder or from the operator; there are no passphrases here.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// KeyBytes is the length of a key, in bytes.
const KeyBytes = 32

// version is what a ciphertext begins with.
const version = "v1"

// keyIDLen is the length of a key's id, in characters.
const keyIDLen = 8

// ErrSealed says that a ciphertext does not open: it was damaged, or moved from another place.
var ErrSealed = errors.New("the secret does not open: it was damaged, or copied from elsewhere; start the server with --forget-secrets, which drops it, and set it anew")

// KeyError says that the key of a ciphertext is not there.
type KeyError struct{ ID string }

// Error says what to do.
func (e *KeyError) Error() string {
	return fmt.Sprintf("the secret was encrypted with the key %s, which is not here: start the server with that key (PENSTOCK_SECRET_KEY, or PENSTOCK_SECRET_KEY_OLD beside "+
		"a newer one, or the file %s of the data folder), or with --forget-secrets, which drops the secrets that cannot be read", e.ID, KeyFile)
}

// Key is a key.
type Key struct{ bytes [KeyBytes]byte }

// NewKey makes a random one.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.bytes[:]) // never fails: crypto/rand ends the program instead
	return k
}

// ParseKey reads a key as an operator gives it: 32 bytes in base64 or as hex digits. The error does not repeat it.
func ParseKey(text string) (Key, error) {
	var k Key
	text = strings.TrimSpace(text)
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != KeyBytes {
		raw, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil || len(raw) != KeyBytes {
		return k, fmt.Errorf("a key must be %d random bytes in base64 or as hex digits; `openssl rand -base64 32` makes one", KeyBytes)
	}
	copy(k.bytes[:], raw)
	return k, nil
}

// ID names a key; it says nothing of it.
func (k Key) ID() string {
	sum := sha256.Sum256(append([]byte("penstock key "), k.bytes[:]...))
	return hex.EncodeToString(sum[:])[:keyIDLen]
}

// text is the form in a file.
func (k Key) text() string { return base64.StdEncoding.EncodeToString(k.bytes[:]) }

func (k Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k.bytes[:])
	if err == nil {
		var aead cipher.AEAD
		if aead, err = cipher.NewGCMWithRandomNonce(block); err == nil {
			return aead
		}
	}
	panic(err) // only for keys of another length
}

// Keyring seals with the newest key, and opens with all that it has.
type Keyring struct {
	mu   sync.RWMutex
	keys []Key // the newest first
}

// NewKeyring makes a ring of keys, the newest first; there is at least one.
func NewKeyring(newest Key, older ...Key) *Keyring {
	return &Keyring{keys: append([]Key{newest}, older...)}
}

// ID is that of the newest key.
func (r *Keyring) ID() string { return r.newest().ID() }

func (r *Keyring) newest() Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[0]
}

// all lists the keys, the newest first.
func (r *Keyring) all() []Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return append([]Key(nil), r.keys...)
}

// set replaces the keys.
func (r *Keyring) set(keys []Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
}

// encrypt encrypts a secret for a place.
func (r *Keyring) encrypt(secret []byte, place string) string {
	k := r.newest()
	return version + "." + k.ID() + "." + base64.RawURLEncoding.EncodeToString(k.aead().Seal(nil, nil, secret, []byte(place))) //nolint:gosec // the cipher makes the nonce, at random
}

// decrypt decrypts what encrypt made for the same place. The error is ErrSealed or a *KeyError.
func (r *Keyring) decrypt(sealed, place string) ([]byte, error) {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != version {
		return nil, ErrSealed
	}
	for _, k := range r.all() {
		if k.ID() != parts[1] {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil {
			return nil, ErrSealed
		}
		secret, err := k.aead().Open(nil, nil, raw, []byte(place))
		if err != nil {
			return nil, ErrSealed
		}
		return secret, nil
	}
	return nil, &KeyError{ID: parts[1]}
}

// sealedBy is the id of the key that a ciphertext names.
func sealedBy(sealed string) string {
	_, rest, _ := strings.Cut(sealed, ".")
	id, _, _ := strings.Cut(rest, ".")
	return id
}
