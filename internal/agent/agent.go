// Package agent is Penstock's own browser agent: pendo.js, which pages load from /agent/static/{key}/pendo.js with the loader that they have for Pendo's. It tells
// the visitor and the account, sends Track Events, and keeps the id of an anonymous visitor. It shows no guides and records no clicks.
//
// What does not belong here: anything of Pendo's own agent, which is never served.
package agent

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // the script
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

//go:embed pendo.js
var source []byte

// Script is the agent as it is served. It does not change.
type Script struct {
	plain, packed []byte
	tag           string
}

// New makes it.
func New() *Script {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(source) // a buffer takes everything
	_ = z.Close()
	sum := sha256.Sum256(source)
	const tagBytes = 8
	return &Script{plain: source, packed: packed.Bytes(), tag: hex.EncodeToString(sum[:tagBytes])}
}

// ServeHTTP answers with the script. Browsers keep it for five minutes, and ask then whether it has changed.
func (s *Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("Cache-Control", "public, max-age=300")
	header.Set("Vary", "Accept-Encoding")
	body, tag := s.plain, `"`+s.tag+`"`
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body, tag = s.packed, `"`+s.tag+`-gzip"`
	}
	header.Set("Etag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
