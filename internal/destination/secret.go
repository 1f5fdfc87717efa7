package destination

import (
	"encoding/base64"
	"errors"
	"strings"
)

// FormatSigningSecret is the format of a secret of https://www.standardwebhooks.com: whsec_ and a key in base64, or a key as it is.
const FormatSigningSecret = "signing-secret"

// secretPrefix is what a secret begins with whose rest is base64.
const secretPrefix = "whsec_"

// ErrSecret says what is wrong with a signing secret. It does not repeat it.
var ErrSecret = errors.New("after " + secretPrefix + " there must be a key in base64")

// SigningKey is the key that a text of FormatSigningSecret holds. The error is ErrSecret.
func SigningKey(secret string) ([]byte, error) {
	encoded, prefixed := strings.CutPrefix(secret, secretPrefix)
	if !prefixed {
		return []byte(secret), nil
	}
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil || len(key) == 0 {
		return nil, ErrSecret
	}
	return key, nil
}
