package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

// ErrToken says that a token opens nothing.
var ErrToken = errors.New("the token is not known, or was revoked; an owner can make another one with `penstock token create`")

// Bearer is the bearer token of a request; ok is false when it has none.
func Bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, token != "" && strings.EqualFold(scheme, "Bearer")
}

// HashedToken is the SHA-256 of the bootstrap token. It knows no other; internal/accounts does.
type HashedToken [sha256.Size]byte

// Is tells whether this is the token. The time that it takes says nothing about the token.
func (h HashedToken) Is(token string) bool {
	given := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(given[:], h[:]) == 1
}

// Authenticate implements Authenticator.
func (h HashedToken) Authenticate(r *http.Request) (Principal, error) {
	token, ok := Bearer(r)
	switch {
	case !ok:
		return Principal{}, ErrNobody
	case !h.Is(token):
		return Principal{}, ErrToken
	}
	return Bootstrap(), nil
}
