package cdn

import (
	"io/fs"
	"net/http"
	"sync"
)

// scriptsMax is how many write keys' scripts are kept, of some 32 KiB each.
const scriptsMax = 256

// Handler serves the SDK.
type Handler struct {
	known  func(writeKey string) bool
	files  map[string]*file
	script *mainScript // nil: it was not built in

	mu      sync.Mutex
	scripts map[string]*file // by write key
}

// New makes a Handler of the SDK's files, which are those of Bundle. known says whether a write key belongs to a source. Files of a form that is not
// known are an error; that there is none is not.
func New(bundle fs.FS, known func(writeKey string) bool) (*Handler, error) {
	files, script, err := readBundle(bundle)
	if err != nil {
		return nil, err
	}
	return &Handler{known: known, files: files, script: script, scripts: map[string]*file{}}, nil
}

// Register adds the routes to mux.
func (h *Handler) Register(mux interface {
	Handle(pattern string, handler http.Handler)
},
) {
	mux.Handle("GET /analytics.js/v1/{writeKey}/analytics.min.js", http.HandlerFunc(h.serveScript))
	mux.Handle("GET /analytics-next/bundles/{file}", http.HandlerFunc(h.serveFile))
}

func (h *Handler) serveScript(w http.ResponseWriter, r *http.Request) {
	open(w.Header())
	key := r.PathValue("writeKey")
	script := unknown
	if h.known(key) {
		if h.script == nil {
			refuse(w, http.StatusServiceUnavailable, notBuilt)
			return
		}
		script = h.scriptOf
	}
	file, err := script(key)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "The SDK cannot be prepared: "+err.Error())
		return
	}
	file.serve(w, r)
}

func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request) {
	open(w.Header())
	file := h.files[r.PathValue("file")]
	switch {
	case h.script == nil:
		refuse(w, http.StatusServiceUnavailable, notBuilt)
	case file == nil:
		refuse(w, http.StatusNotFound, "The SDK that is served here has no such file; a page that was loaded before an update may ask for an older one. Load the page again.")
	default:
		file.serve(w, r)
	}
}

// scriptOf is the script of a write key: the one that is kept, or a new one.
func (h *Handler) scriptOf(key string) (*file, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if script := h.scripts[key]; script != nil {
		return script, nil
	}
	script, err := h.script.of(key)
	if err != nil {
		return nil, err
	}
	if len(h.scripts) >= scriptsMax {
		clear(h.scripts)
	}
	h.scripts[key] = script
	return script, nil
}

const notBuilt = "The browser SDK was not built into this binary: build it with `make build`, which brings the SDK from npm."

// open lets pages of all origins load what is answered: it is public, and the same for all of them.
func open(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Vary", "Accept-Encoding")
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, text, status)
}
