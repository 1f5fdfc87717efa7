package cdn_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"penstock/internal/cdn"
)

const (
	script = `var host="api.segment.io/v1";var key="__WRITE_KEY__";run(host,key)` + "\n//# sourceMappingURL=standalone.js.map"
	path   = "/analytics.js/v1/wk_1/analytics.min.js"
	chunk  = "/analytics-next/bundles/407.bundle.61efa1acb302134c434b.js"
)

func compress(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	out := &bytes.Buffer{}
	w := gzip.NewWriter(out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: out.Bytes()}
}

func bundle(t *testing.T) fs.FS {
	t.Helper()
	return fstest.MapFS{
		"README.md":                             &fstest.MapFile{Data: []byte("not served")},
		"standalone.js.gz":                      compress(t, script),
		"407.bundle.61efa1acb302134c434b.js.gz": compress(t, "chunk()"),
		"LICENSE.txt.gz":                        compress(t, "The MIT License"),
	}
}

func serve(t *testing.T, files fs.FS) http.Handler {
	t.Helper()
	h, err := cdn.New(files, func(key string) bool { return strings.HasPrefix(key, "wk_") })
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	h.Register(mux)
	return mux
}

func get(t *testing.T, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func text(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.String()
	}
	r, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// The SDK has the write key, finds its own host, and reports to nobody else.
func TestScript(t *testing.T) {
	h := serve(t, bundle(t))
	for _, encoding := range []string{"", "gzip, deflate, br", "gzip;q=0", "gzip;q=0.5"} {
		w := get(t, h, path, "Accept-Encoding", encoding)
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=300" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%q: %d %v", encoding, w.Code, w.Header())
		}
		if got, want := w.Header().Get("Content-Encoding") == "gzip", encoding == "gzip, deflate, br" || encoding == "gzip;q=0.5"; got != want {
			t.Errorf("%q: compressed %v, want %v", encoding, got, want)
		}
		body := text(t, w)
		for _, want := range []string{`key="wk_1";run(host,key)`, "document.currentScript", `window.analytics._cdn.replace(`} {
			if !strings.Contains(body, want) {
				t.Errorf("%q: script has no %q: %s", encoding, want, body)
			}
		}
		for _, unwanted := range []string{"api.segment.io", "__WRITE_KEY__", "sourceMappingURL"} {
			if strings.Contains(body, unwanted) {
				t.Errorf("%q: script has %q: %s", encoding, unwanted, body)
			}
		}
	}
	if w := get(t, h, "/analytics.js/v1/"+"wk_%22%3C%2Fscript%3E"+"/analytics.min.js"); !strings.Contains(text(t, w), `key="wk_\"\u003c/script\u003e";`) {
		t.Errorf("a key that is not harmless: %s", text(t, w))
	}
}

func TestNotModified(t *testing.T) {
	h := serve(t, bundle(t))
	for _, path := range []string{path, chunk} {
		tag := get(t, h, path).Header().Get("ETag")
		if w := get(t, h, path, "If-None-Match", tag, "Accept-Encoding", "gzip"); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s with %s: %d, want 304", path, tag, w.Code)
		}
	}
	if one, other := get(t, h, path).Header().Get("ETag"), get(t, h, strings.Replace(path, "wk_1", "wk_2", 1)).Header().Get("ETag"); one == other {
		t.Errorf("two keys have the ETag %s", one)
	}
}

// Write keys may come and go: what is kept of them is bounded, and stays right.
func TestManyKeys(t *testing.T) {
	h := serve(t, bundle(t))
	for key := range strings.SplitSeq(strings.TrimSuffix(strings.Repeat("wk_1,wk_2,wk_3,", 3), ","), ",") {
		for suffix := range 100 {
			key := key + string(rune('a'+suffix%26)) + string(rune('a'+suffix/26))
			if body := text(t, get(t, h, "/analytics.js/v1/"+key+"/analytics.min.js")); !strings.Contains(body, `key="`+key+`"`) {
				t.Fatalf("script of %s: %s", key, body)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	h := serve(t, bundle(t))
	w := get(t, h, chunk)
	if w.Code != http.StatusOK || w.Body.String() != "chunk()" || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("chunk: %d %s %v", w.Code, w.Body, w.Header())
	}
	w = get(t, h, "/analytics-next/bundles/LICENSE.txt")
	if w.Code != http.StatusOK || w.Body.String() != "The MIT License" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("license: %d %s %v", w.Code, w.Body, w.Header())
	}
}

func TestRefusals(t *testing.T) {
	built, empty := serve(t, bundle(t)), serve(t, fstest.MapFS{"README.md": &fstest.MapFile{}})
	for name, c := range map[string]struct {
		handler http.Handler
		path    string
		status  int
		says    string
	}{
		"not built":               {empty, path, http.StatusServiceUnavailable, "make build"},
		"chunk, not built":        {empty, chunk, http.StatusServiceUnavailable, "make build"},
		"chunk of another update": {built, "/analytics-next/bundles/407.bundle.0.js", http.StatusNotFound, "no such file"},
		"main file as a chunk":    {built, "/analytics-next/bundles/standalone.js", http.StatusNotFound, "no such file"},
	} {
		w := get(t, c.handler, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %v, want %d and %q", name, w.Code, w.Body, w.Header(), c.status, c.says)
		}
	}
}

// A page with an unknown key is told so in its console: by a script, which must run, whatever the key is.
func TestUnknownKey(t *testing.T) {
	for key, want := range map[string]string{
		"nobody":                       `the write key \"nobody\" belongs`,
		"%22%3C%2Fscript%3E%E2%80%A8":  `the write key \"\\\"\u003c/script\u003e\\u2028\" belongs`,
		strings.Repeat("%C3%BC", 1000): `the write key \"` + strings.Repeat("ü", 32) + `…\" belongs`,
	} {
		for name, h := range map[string]http.Handler{"built": serve(t, bundle(t)), "not built": serve(t, fstest.MapFS{})} {
			w := get(t, h, "/analytics.js/v1/"+key+"/analytics.min.js")
			if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
				t.Errorf("%s, %s: %d %v", name, key, w.Code, w.Header())
			}
			if body := text(t, w); !strings.HasPrefix(body, `console.error("Penstock: `) || !strings.Contains(body, want) || !strings.HasSuffix(body, "\");\n") {
				t.Errorf("%s, %s: %s, want %s", name, key, body, want)
			}
		}
	}
}

func TestUnknownForm(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no key":         {"standalone.js.gz": compress(t, `"api.segment.io/v1"`)},
		"two keys":       {"standalone.js.gz": compress(t, script+script)},
		"not compressed": {"standalone.js.gz": &fstest.MapFile{Data: []byte(script)}},
	} {
		if _, err := cdn.New(files, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What is in this binary, if anything, has a known form.
func TestBundle(t *testing.T) {
	files, err := cdn.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cdn.New(files, nil); err != nil {
		t.Error(err)
	}
}
