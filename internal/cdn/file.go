package cdn

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// file is what is served at a path: compressed, as nearly every browser takes it.
type file struct {
	gzip         []byte
	tag          string // of the content, weak: it is the same however it is encoded
	contentType  string
	cacheControl string
}

func newFile(content []byte, contentType, cacheControl string) *file {
	const tagBytes = 8
	sum := sha256.Sum256(content)
	return &file{gzip: content, tag: `W/"` + hex.EncodeToString(sum[:tagBytes]) + `"`, contentType: contentType, cacheControl: cacheControl}
}

// serve answers with the file, or with 304 to a browser that has it.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	content := f.gzip
	header := w.Header()
	if takesGzip(r.Header) {
		header.Set("Content-Encoding", "gzip")
	} else {
		plain, err := inflate(f.gzip)
		if err != nil {
			http.Error(w, "The file is broken in this binary: "+err.Error(), http.StatusInternalServerError)
			return
		}
		content = plain
	}
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cacheControl)
	header.Set("ETag", f.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// takesGzip says whether a client understands gzip.
func takesGzip(header http.Header) bool {
	for coding := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.TrimSpace(weight), "q=0.") != "" || weight == ""
		}
	}
	return false
}
