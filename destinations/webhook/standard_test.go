package webhook

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/destination"
)

// keeper is a transport that keeps headers and bodies, and answers 503 with what it was sent.
type keeper struct {
	headers []http.Header
	bodies  []string
}

func (k *keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	k.headers = append(k.headers, r.Header)
	k.bodies = append(k.bodies, string(body))
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: io.NopCloser(strings.NewReader("you use abc123")), Request: r}, nil
}

// The time is that of the attempt, the id is that of the first; a mapping cannot put headers of its own in the place of these.
func TestEveryAttemptIsSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fields = `{"url":"https://acme.example/","method":"POST","data":{"a":1},"headers":{"Webhook-Signature":"mine","webhook-timestamp":"1"}}`
		m := compile(t, fields, `{"signingSecret":"abc123","sharedSecret":"s"}`)
		k := &keeper{}
		first := perform(t, m, k)
		<-time.After(5*time.Second + time.Millisecond)
		perform(t, m, k)
		p, err := m.ResolveForBatch([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		m.PerformBatch(t.Context(), &http.Client{Transport: k}, "wh_b", []destination.Payload{p, p})
		var got [][]string
		for i, h := range k.headers {
			got = append(got, []string{h.Get("webhook-id"), h.Get("webhook-timestamp"), h.Get("webhook-signature"), h.Get("x-signature"), k.bodies[i]})
		}
		want := [][]string{
			{"wh_1", "946684800", "v1,lCfyotaMu00rLhbJ1DCMl6V2Zbaz0dXWN3lquZfiQBk=", "fa90bbb46547f7bc6b4cad1f3b475ba08facfea6", `{"a":1}`},
			{"wh_1", "946684805", "v1,uP3N8JlwuY8mBaZZZSWiAyyxLqE0oEJbnBi+QZZsJfE=", "fa90bbb46547f7bc6b4cad1f3b475ba08facfea6", `{"a":1}`},
			{"wh_b", "946684805", "v1,l2t6AxmuFWXXzu8nEvh7rkUAIgEORrreVJV9knaek4Y=", "fa90bbb46547f7bc6b4cad1f3b475ba08facfea6", `[{"a":1},{"a":1}]`},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if first.Exchange.Answer != "you use <redacted>" {
			t.Errorf("answer %q shows the secret", first.Exchange.Answer)
		}
	})
}

func TestSigningSecretIsCheckedWhenItIsSaved(t *testing.T) {
	for secret, want := range map[string]string{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "", "whsec_YQ": "", "whsec_YQ==": "", "text": "", "": "",
		"whsec_":  "read settings: Signing Secret cannot be used: after whsec_ there must be a key in base64.",
		"whsec_?": "read settings: Signing Secret cannot be used: after whsec_ there must be a key in base64.",
	} {
		got := ""
		if err := destination.CheckSettings(New(), []byte(`{"signingSecret":"`+secret+`"}`)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", secret, got, want)
		}
	}
}
