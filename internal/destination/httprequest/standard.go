package httprequest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"penstock/internal/destination"
)

// signStandard gives a request the headers webhook-timestamp and webhook-signature of https://www.standardwebhooks.com: the attempt's time, and
// HMAC-SHA256 of id, time and body under the secret, a setting of format destination.FormatSigningSecret.
func (h *headers) signStandard(secret, id string, now time.Time, body []byte) *destination.PayloadError {
	key, err := destination.SigningKey(secret)
	if err != nil {
		return illegal("the Signing Secret cannot be used: " + err.Error())
	}
	seconds := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + seconds + "."))
	mac.Write(body)
	h.put("webhook-timestamp", seconds)
	h.put("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return nil
}
