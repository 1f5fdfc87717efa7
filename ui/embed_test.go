package ui_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"penstock/ui"
)

func TestHandler(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{http.MethodGet, "/", http.StatusOK, "The interface was not built into this binary"},
		{http.MethodGet, "/assets/x.js", http.StatusNotFound, "nothing at this path"},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, "GET is all"},
	} {
		w := httptest.NewRecorder()
		ui.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), c.method, c.path, http.NoBody))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s, want %d and %q", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}
