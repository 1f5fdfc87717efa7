// Package ui is the interface, as it is built into the binary. Where it was not built, one page says so, and where everything else is.
package ui

import (
	_ "embed"
	"net/http"
)

// unbuilt is what is shown in place of the interface.
//
//go:embed unbuilt.html
var unbuilt []byte

// Handler serves the interface at / and nothing at any other path.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.URL.Path != "/" {
			http.Error(w, "there is nothing at this path; docs/reference names the ones that there are", http.StatusNotFound)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "GET is all that is answered here", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(unbuilt) // who is gone is not told
	})
}
