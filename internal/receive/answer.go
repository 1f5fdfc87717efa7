package receive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"penstock/internal/pendowire"
	"penstock/internal/workspace"
)

// refused is the answer to what was not taken: a machine code, and a sentence that names the place and the mend. A status of 0 is for nobody.
type refused struct {
	status   int
	code     string
	message  string
	verdicts []elementVerdict
}

// elementVerdict is a verdict on one event of a body.
type elementVerdict struct {
	Element int `json:"element"` // its index
	pendowire.Explanation
}

// reply answers with JSON: that a body was taken, or why not.
func reply(w http.ResponseWriter, refusal *refused) {
	switch {
	case refusal == nil:
		write(w, http.StatusOK, []byte(`{"status":"ok"}`))
	case refusal.status != 0:
		refusal.write(w)
	}
}

func (a *refused) write(w http.ResponseWriter) {
	b, err := json.Marshal(struct {
		Code     string           `json:"code"`
		Message  string           `json:"message"`
		Verdicts []elementVerdict `json:"verdicts,omitempty"`
	}{a.code, a.message, a.verdicts})
	if err != nil {
		b = []byte("{}") // texts can always be written
	}
	if a.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	write(w, a.status, b)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // it is JSON; whoever asked has gone
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""` // a text can always be written
	}
	return string(b)
}

func tooLarge(limit int64) *refused {
	return &refused{
		status: http.StatusRequestEntityTooLarge, code: "too_large",
		message: fmt.Sprintf("the body has more than %d bytes; send each event by itself (turn batching off), and less in it", limit),
	}
}

// refusal says why a body is for no app.
func (d *delivery) refusal() *refused {
	switch d.reason {
	case reasonRegion:
		return &refused{status: http.StatusNotFound, code: string(d.reason), message: fmt.Sprintf(
			"this key is not known in this region: it belongs to an app of the region %s, whose host at Pendo is %s. Send to the host of that region", d.owner.Region, d.owner.Region.DataHost())}
	case reasonSecret:
		return &refused{status: http.StatusForbidden, code: string(d.reason), message: d.secretMessage()}
	case reasonKey:
	}
	message := "no app has the key " + d.received.Key + ". Check that it is the API key of the app (not a shared secret, not an integration key), " +
		"and that the host is the one of the app's region: a key is known in its own region only"
	if !looksLikeKey(d.received.Key) {
		message += ". This one does not look like an API key: that has 32 hexadecimal digits, with or without dashes"
	}
	return &refused{status: http.StatusNotFound, code: string(reasonKey), message: message}
}

func looksLikeKey(key string) bool {
	const digits = 32
	key = workspace.NormalizeAppKey(key)
	return len(key) == digits && strings.Trim(key, "0123456789abcdef") == ""
}

// open lets pages of any origin read an answer: what names the app is no secret.
func open(w http.ResponseWriter) { w.Header().Set("Access-Control-Allow-Origin", "*") }

// preflight lets browsers send from any page.
func preflight(w http.ResponseWriter, _ *http.Request) {
	open(w)
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Content-Type, Webhook-Id, Webhook-Timestamp, Webhook-Signature, X-Signature, X-Pendo-Integration-Key, X-Pendo-Track-Event-Secret")
	header.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// elsewhere answers what no route takes.
func elsewhere(w http.ResponseWriter, r *http.Request) {
	open(w)
	for _, prefix := range []string{"/data/segmentio/", "/data/track", "/data/ptm.gif/", "/data/guide.json/"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			w.Header().Set("Allow", "POST, OPTIONS")
			(&refused{status: http.StatusMethodNotAllowed, code: "method_not_allowed", message: r.Method + " is not taken here; set the method to POST, and let the path end after the key"}).write(w)
			return
		}
	}
	(&refused{status: http.StatusNotFound, code: "not_found", message: "there is nothing here; Segment events go to /data/segmentio/{key}, Track Events of servers to /data/track, and the agent finds its own way"}).write(w)
}
