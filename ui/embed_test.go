package ui_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"penstock/ui"
)

func zipped(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	out := &bytes.Buffer{}
	w := gzip.NewWriter(out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: out.Bytes()}
}

type request struct {
	method, path, accept string
	status               int
	want                 string
}

func (c request) check(t *testing.T, handler http.Handler) http.Header {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, http.NoBody)
	r.Header.Set("Accept", c.accept)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
		t.Errorf("%s %s for %q: %d %s, want %d and %q", c.method, c.path, c.accept, w.Code, w.Body, c.status, c.want)
	}
	return w.Header()
}

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

func TestBuilt(t *testing.T) {
	handler, err := ui.New(fstest.MapFS{
		"index.html.gz": zipped(t, "the page"), "assets/x-1.js.gz": zipped(t, "the script"), "unbuilt.html": {Data: []byte("unbuilt")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []request{
		{http.MethodGet, "/", "*/*", http.StatusOK, "the page"},
		{http.MethodGet, "/sources/website/debugger", browser, http.StatusOK, "the page"},
		{http.MethodGet, "/sources/website/debugger", "application/json", http.StatusNotFound, "nothing at this path"},
		{http.MethodGet, "/assets/x-1.js", "*/*", http.StatusOK, "the script"},
		{http.MethodGet, "/assets/x-2.js", browser, http.StatusNotFound, "nothing at this path"},
		{http.MethodPost, "/", browser, http.StatusMethodNotAllowed, "GET is all"},
	} {
		c.check(t, handler)
	}
	page := request{http.MethodGet, "/where", browser, http.StatusOK, ""}.check(t, handler)
	if policy := page.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'self'") {
		t.Errorf("a page has the policy %q", policy)
	}
	script := request{http.MethodGet, "/assets/x-1.js", "*/*", http.StatusOK, ""}.check(t, handler)
	if !strings.Contains(script.Get("Cache-Control"), "immutable") || !strings.Contains(script.Get("Content-Type"), "javascript") {
		t.Errorf("a script has the headers %v", script)
	}
}

func TestCompressed(t *testing.T) {
	handler, err := ui.New(fstest.MapFS{"index.html.gz": zipped(t, "the page"), "unbuilt.html": {Data: []byte("unbuilt")}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip, br")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" || !bytes.HasPrefix(w.Body.Bytes(), []byte{0x1f, 0x8b}) {
		t.Errorf("the page was not sent compressed: %v", w.Header())
	}
}

func TestUnbuilt(t *testing.T) {
	handler, err := ui.New(fstest.MapFS{"unbuilt.html": {Data: []byte("The interface was not built into this binary")}})
	if err != nil {
		t.Fatal(err)
	}
	request{http.MethodGet, "/", browser, http.StatusOK, "The interface was not built into this binary"}.check(t, handler)
	request{http.MethodGet, "/assets/x.js", browser, http.StatusNotFound, "nothing at this path"}.check(t, handler)
}

func TestBundle(t *testing.T) {
	files, err := ui.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ui.New(files); err != nil {
		t.Fatal(err)
	}
}
