package receive

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Segment's webhooks are signed with
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"

	"penstock/internal/destination"
	"penstock/internal/pendowire"
	"penstock/internal/workspace"
)

// signed checks the signature of a request under a secret: that of Standard Webhooks when the request has one, else Segment's X-Signature. It is "" for one
// that is good. The time of a signature is not looked at: a delivery that is repeated counts once anyway.
func signed(header http.Header, body []byte, secret workspace.Secret) pendowire.Verdict {
	key, err := destination.SigningKey(secret.Reveal())
	if err != nil {
		return pendowire.SignatureWrong
	}
	standard, simple := header.Get("Webhook-Signature"), header.Get("X-Signature")
	switch {
	case standard == "" && simple == "":
		return pendowire.SignatureMissing
	case standard != "" && isStandard(header, body, key), standard == "" && isSimple(simple, body, key):
		return ""
	}
	return pendowire.SignatureWrong
}

// isStandard checks a signature of https://www.standardwebhooks.com; there may be several, for several secrets.
func isStandard(header http.Header, body, key []byte) bool {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(header.Get("Webhook-Id") + "." + header.Get("Webhook-Timestamp") + "."))
	mac.Write(body)
	want := mac.Sum(nil)
	for signature := range strings.FieldsSeq(header.Get("Webhook-Signature")) {
		encoded, ok := strings.CutPrefix(signature, "v1,")
		got, err := base64.StdEncoding.DecodeString(encoded)
		if ok && err == nil && hmac.Equal(got, want) {
			return true
		}
	}
	return false
}

// isSimple checks an X-Signature: of the body, or of the first event of a batch, which is all that Segment signs of one.
func isSimple(signature string, body, key []byte) bool {
	got, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	if is(got, sha1.New, body, key) {
		return true
	}
	events, batched := pendowire.Elements(body)
	if batched {
		for first := range events {
			return is(got, sha1.New, first, key)
		}
	}
	return false
}

func is(got []byte, algorithm func() hash.Hash, data, key []byte) bool {
	mac := hmac.New(algorithm, key)
	mac.Write(data)
	return hmac.Equal(got, mac.Sum(nil))
}
