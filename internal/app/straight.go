package app

import (
	"net/http"
	"net/url"
	"strings"
)

// straight takes a path with doubled slashes for the one that is meant. Left to itself a ServeMux redirects such a request: an SDK that was given a host with a slash
// at its end follows that, or drops its events, and either way nobody is told.
func straight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped := r.URL.EscapedPath()
		if !strings.Contains(escaped, "//") {
			next.ServeHTTP(w, r)
			return
		}
		for strings.Contains(escaped, "//") {
			escaped = strings.ReplaceAll(escaped, "//", "/")
		}
		path, err := url.PathUnescape(escaped)
		if err != nil { // it was unescaped before
			next.ServeHTTP(w, r)
			return
		}
		meant := r.Clone(r.Context())
		meant.URL.Path, meant.URL.RawPath = path, escaped
		next.ServeHTTP(w, meant)
	})
}
