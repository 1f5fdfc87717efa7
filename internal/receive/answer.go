package receive

import (
	"encoding/json"
	"fmt"
	"net/http"

	"penstock/internal/workspace"
)

// refused is the answer to what was not taken: a machine code, and a sentence that names the place and the mend.
type refused struct {
	status  int
	code    string
	message string
}

func (a *refused) write(w http.ResponseWriter) {
	b, err := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{a.code, a.message})
	if err != nil {
		b = []byte("{}") // two strings can always be written
	}
	write(w, a.status, b)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever asked has gone
}

func tooLarge(limit int64) *refused {
	return &refused{
		http.StatusRequestEntityTooLarge, "too_large",
		fmt.Sprintf("the body has more than %d bytes; send each event by itself (turn batching off), and less in it", limit),
	}
}

func unknownKey(key string) *refused {
	message := "no app has the key " + cut(key, keyMax) + ". Check that it is the API key of the app (not a shared secret, not an integration key), " +
		"and that the host is the one of the app's region: a key is known in its own region only"
	if !looksLikeKey(workspace.NormalizeAppKey(key)) {
		message += ". This one does not look like an API key: that has 32 hexadecimal digits, with or without dashes"
	}
	return &refused{http.StatusNotFound, "unknown_key", message}
}

func looksLikeKey(key string) bool {
	const digits = 32
	for _, c := range key {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(key) == digits
}
