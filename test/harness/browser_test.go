//go:build e2e

package harness_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// A page's requests, to others too, and its console are seen, and so is the page.
func TestBrowse(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(`<!doctype html><title>Acme</title><link rel="icon" href="data:,"><img src="https://example.com/a.png"><script>
			console.log('hello'); fetch('/missing', { method: 'POST', body: 'größer' }).then((answer) => answer.text()); throw new Error('not caught')</script>`))
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")

	visit := harness.Browse[struct{ Title string }](t, "testdata/look.mjs", map[string]string{"url": server.URL})
	if visit.Output.Title != "Acme" {
		t.Errorf("title %q, want Acme", visit.Output.Title)
	}
	var got []harness.BrowserRequest
	for _, request := range visit.Requests {
		request.Headers = nil
		got = append(got, request)
	}
	want := []harness.BrowserRequest{
		{Method: "GET", URL: server.URL + "/", Type: "document", Status: 200},
		{Method: "GET", URL: "https://example.com/a.png", Type: "image", Failure: "net::ERR_NAME_NOT_RESOLVED"},
		{Method: "POST", URL: server.URL + "/missing", Type: "fetch", Body: "größer", Status: 404},
	}
	slices.SortFunc(got[1:], func(a, b harness.BrowserRequest) int { return strings.Compare(a.Method, b.Method) }) // the page asks for both at once
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET https://example.com/a.png"}, visit.ToOthers(host)); diff != "" {
		t.Errorf("requests to others (-want +got):\n%s", diff)
	}
	if all := strings.Join(visit.Errors(), "\n"); !strings.Contains(all, "not caught") || !strings.Contains(all, "404") || strings.Contains(all, "hello") {
		t.Errorf("errors: %q, want what was not caught, and the 404", all)
	}
	if shot, err := os.ReadFile(filepath.Join(harness.Screenshots(t), "acme.png")); err != nil || !strings.HasPrefix(string(shot), "\x89PNG") {
		t.Errorf("screenshot: %v, %d bytes, want a PNG", err, len(shot))
	}
}

// Answers come when the program says so, or not at all, though the server has given them; or late by random times.
func TestAnswers(t *testing.T) {
	var performed atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			performed.Add(1)
		}
		if r.URL.Path == "/api/number" {
			_, _ = w.Write([]byte(r.URL.Query().Get("n")))
			return
		}
		_, _ = w.Write([]byte(`<!doctype html><title>Acme</title><link rel="icon" href="data:,">`))
	}))
	defer server.Close()

	visit := harness.Browse[struct {
		Before int
		Came   []string
		Late   []int
	}](t, "testdata/answers.mjs", map[string]string{"url": server.URL})
	got := visit.Output
	if got.Before != 0 {
		t.Errorf("%d answers came before they were released", got.Before)
	}
	if diff := cmp.Diff([]string{"3 is lost", "1", "2 is lost", "0"}, got.Came); diff != "" {
		t.Errorf("the answers that were held (-want +got):\n%s", diff)
	}
	if performed.Load() != 5 {
		t.Errorf("the server was asked %d times, want 5: an answer is lost after it was given", performed.Load())
	}
	if slices.IsSorted(got.Late) || len(got.Late) != 12 {
		t.Errorf("answers came in the order %v, want 12 that overtake each other", got.Late)
	}
}
