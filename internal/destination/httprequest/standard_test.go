package httprequest

import (
	"testing"
	"time"
)

// The first vector is the one that the libraries of Standard Webhooks test with; the second was computed with another implementation of HMAC.
func TestStandardSignatures(t *testing.T) {
	for _, c := range []struct {
		secret, id string
		seconds    int64
		body, want string
	}{
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		{"a raw key", "msg_1", 1700000000, "", "v1,OW6d+YDlDNg2Hs+sY8XPIZQr8Fq+xERRHW9XraezzFg="},
	} {
		var h headers
		if err := h.signStandard(c.secret, c.id, time.Unix(c.seconds, 999_999_999), []byte(c.body)); err != nil {
			t.Fatal(err)
		}
		if got := h.list[h.find("webhook-signature")][1]; got != c.want {
			t.Errorf("%s: %s, want %s", c.secret, got, c.want)
		}
	}
}
