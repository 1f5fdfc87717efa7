package ingest

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"

	"penstock/internal/forwarded"
)

// headerKey is the write key in the headers: the user name of Basic authentication, else X-Write-Key, as far as its colon.
func headerKey(r *http.Request) string {
	if key := basicKey(r); key != "" {
		return key
	}
	key, _, _ := strings.Cut(r.Header.Get("X-Write-Key"), ":")
	return key
}

// basicKey is the user name of Basic authentication. A missing colon is tolerated.
func basicKey(r *http.Request) string {
	scheme, encoded, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return ""
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		decoded, err = base64.RawStdEncoding.DecodeString(strings.TrimSpace(encoded))
	}
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(string(decoded), ":")
	return name
}

// queryKey is the write key in the query.
func queryKey(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
	}
	return r.URL.Query().Get("writeKey")
}

// keyCharsMax is how much of a write key a message repeats.
const keyCharsMax = 64

func quoteKey(key string) string {
	if len(key) > keyCharsMax {
		key = strings.ToValidUTF8(key[:keyCharsMax], "") + "…"
	}
	return `"` + key + `"`
}

// remote is the caller's address: the peer's, or what a trusted proxy says of it.
func (h *Handler) remote(r *http.Request) netip.Addr {
	return forwarded.Proxies(h.cfg.TrustedProxies).Client(r)
}

// v4 writes an address for context.ip, which is never an IPv6 one.
func v4(addr netip.Addr) string {
	if !addr.Is4() {
		return ""
	}
	return addr.String()
}
