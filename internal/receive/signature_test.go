package receive_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"penstock/internal/workspace"
)

func TestSignatures(t *testing.T) {
	const body, first = `{"type":"track","event":"e","userId":"u","groupId":"g"}`, `{"type":"track","event":"e","userId":"v","groupId":"g"}`
	const batch = "[" + first + ",\n" + body + "]"
	standardKey := []byte("0123456789abcdef")
	standard := "whsec_" + base64.StdEncoding.EncodeToString(standardKey)
	simple := func(secret, data string) map[string]string {
		mac := hmac.New(sha1.New, []byte(secret))
		mac.Write([]byte(data))
		return map[string]string{"X-Signature": hex.EncodeToString(mac.Sum(nil))}
	}
	webhook := func(data string) map[string]string {
		mac := hmac.New(sha256.New, standardKey)
		mac.Write([]byte("msg_1.946684800." + data))
		signature := "v1a,xxxx v1,AAAA v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		return map[string]string{"Webhook-Id": "msg_1", "Webhook-Timestamp": "946684800", "Webhook-Signature": signature}
	}
	for name, c := range map[string]struct {
		secret, body string
		header       map[string]string
		want         string
	}{
		"of the body":               {"abc", body, simple("abc", body), ""},
		"with newlines":             {"abc", body[:1] + "\n" + body[1:], simple("abc", body[:1]+"\n"+body[1:]), ""},
		"of another secret":         {"abc", body, simple("abd", body), " !signature_wrong"},
		"of another body":           {"abc", body, simple("abc", first), " !signature_wrong"},
		"not hexadecimal":           {"abc", body, map[string]string{"X-Signature": "?"}, " !signature_wrong"},
		"none":                      {"abc", body, nil, " !signature_missing"},
		"of the first of a batch":   {"abc", batch, simple("abc", first), ""},
		"of a whole batch":          {"abc", batch, simple("abc", batch), ""},
		"of the second of a batch":  {"abc", batch, simple("abc", body), " !signature_wrong"},
		"standard":                  {standard, body, webhook(body), ""},
		"standard, of another body": {standard, body, webhook(first), " !signature_wrong"},
		"standard, not base64":      {standard, body, map[string]string{"Webhook-Signature": "v1,?"}, " !signature_wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			log, a := &memory{}, acme()
			a.app.SignatureSecret, a.app.CheckSignature = workspace.Secret(c.secret), true
			_, h := serveApps(log, a)
			w := sent{method: "POST", path: segmentio, body: c.body, header: c.header}.to(t, h)
			if w.Code != http.StatusOK {
				t.Fatalf("answered %d %s", w.Code, w.Body)
			}
			for _, call := range came(t, log.lines[0]) {
				_, verdicts, _ := strings.Cut(strings.Replace(call, " !batched", "", 1), "@g")
				if verdicts != c.want {
					t.Errorf("%s: verdicts %q, want %q", call, verdicts, c.want)
				}
			}
		})
	}
}
