// Package ui is the interface: pages in TypeScript, which npm builds into the folder dist, and which are served from the binary.
//
// What is built is compressed, and kept that way; dist/unbuilt.html alone is part of the source. Where nothing was built, that one page is shown, and says
// so. Everything else, the API and the command line, does not know of this package.
package ui

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed dist
var embedded embed.FS

// Bundle is what was built into this binary.
func Bundle() (fs.FS, error) { return fs.Sub(embedded, "dist") }

const (
	indexPage   = "index.html"
	unbuiltPage = "unbuilt.html"
	compressed  = ".gz"
	assets      = "assets/" // names in it change with their content

	// A page loads nothing from elsewhere. The component library writes styles into the page.
	pagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

// Handler serves the pages. Every path that is no file is a page of the interface, for browsers, which ask for HTML; for all others there is nothing there.
type Handler struct {
	files   map[string][]byte // compressed, by the name that they have when they are not
	unbuilt []byte
}

// New reads the bundle.
func New(bundle fs.FS) (*Handler, error) {
	h := &Handler{files: map[string][]byte{}}
	err := fs.WalkDir(bundle, ".", func(name string, entry fs.DirEntry, err error) error {
		plain, found := strings.CutSuffix(name, compressed)
		if err != nil || entry.IsDir() || !found {
			return err
		}
		h.files[plain], err = fs.ReadFile(bundle, name)
		return err
	})
	if err == nil {
		h.unbuilt, err = fs.ReadFile(bundle, unbuiltPage)
	}
	if err != nil {
		return nil, fmt.Errorf("read the interface: %w", err)
	}
	return h, nil
}

// ServeHTTP answers with a file, or with the page that shows the path.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	name := strings.TrimPrefix(r.URL.Path, "/")
	content, found := h.files[name]
	if !found && !isPage(r, name) {
		http.Error(w, "there is nothing at this path; docs/reference names the ones that there are", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "GET is all that is answered here", http.StatusMethodNotAllowed)
		return
	}
	if !found {
		name, content = indexPage, h.files[indexPage]
		header.Set("Content-Security-Policy", pagePolicy)
		header.Set("Referrer-Policy", "no-referrer")
	}
	header.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	header.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, assets) {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if content == nil {
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		_, _ = w.Write(h.unbuilt) // who is gone is not told
		return
	}
	send(w, r, content)
}

// isPage tells whether a browser asks for a page, and not for a file or an answer of an API.
func isPage(r *http.Request, name string) bool {
	return name == "" || !strings.HasPrefix(name, assets) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// send writes a compressed file as the client can read it.
func send(w http.ResponseWriter, r *http.Request, content []byte) {
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content) // who is gone is not told
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, plain) //nolint:gosec // it was compressed by our own build
}
