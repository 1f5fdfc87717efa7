package admin

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// problem answers as RFC 9457 has it.
func problem(w http.ResponseWriter, status int, detail string) {
	body, err := json.Marshal(huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail})
	if err != nil {
		body = nil
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // who is gone is not told
}
