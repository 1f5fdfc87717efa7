package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// guard lets nobody into /api without the token, and no page of another origin change anything.
func guard(cfg Config, next http.Handler) http.Handler {
	authenticated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && !cfg.knows(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="penstock"`)
			problem(w, http.StatusUnauthorized, "send the header `Authorization: Bearer TOKEN`; TOKEN is what the server got as PENSTOCK_ADMIN_TOKEN, "+
				"or else what `penstock serve` printed at its first start")
			return
		}
		next.ServeHTTP(w, r)
	})
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusForbidden, "a page of another origin may not change anything here; send the request from the server's own pages, or from outside of a browser")
	}))
	return origin.Handler(authenticated)
}

// knows tells whether a request carries the token. The time that it takes says nothing about the token.
func (c *Config) knows(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(given[:], c.TokenHash[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

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
