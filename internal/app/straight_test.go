package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestStraight: doubled slashes are no reason to redirect; slashes that are escaped stay.
func TestStraight(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, r.URL.Path+" "+string(body)) // into memory
	})
	mux.HandleFunc("GET /api/events/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.PathValue("id")) // into memory
	})
	for path, want := range map[string]string{
		"/v1/batch":          "/v1/batch body",
		"//v1/batch":         "/v1/batch body",
		"/v1//batch///":      "/v1/batch/ body",
		"//api/events/a%2Fb": "a/b",
		"/api//events/a%20b": "a b",
	} {
		method := http.MethodPost
		if strings.Contains(path, "events") {
			method = http.MethodGet
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "http://example.com"+path, strings.NewReader("body"))
		straight(mux).ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %q %v, want %q", path, w.Code, w.Body, w.Header(), want)
		}
	}
}
