package cdn

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed bundle
var embedded embed.FS

// Bundle is the SDK's files as they are in this binary: none, when it was built without them.
func Bundle() (fs.FS, error) { return fs.Sub(embedded, "bundle") }

const (
	mainFile   = "standalone.js"
	compressed = ".gz"
	scriptType = "text/javascript; charset=utf-8"
)

// What the SDK's main file has once each, and what it becomes. The key is known to whoever serves the file. The host is where the SDK reports
// its own faults before it has settings: without this, a page whose settings do not come would call Segment.
const (
	keyText   = `"__WRITE_KEY__"`
	hostText  = `"api.segment.io/v1"`
	ownHost   = `window.analytics._cdn?window.analytics._cdn.replace(/^https?:\/\//,"")+"/v1":""`
	prologue  = `/*! @segment/analytics-next, MIT license: /analytics-next/bundles/LICENSE.txt */` + "\n" + findCDN + "\n"
	sourceMap = "\n//# sourceMappingURL="
)

// findCDN tells the SDK where it came from. It finds that out by itself, but over https alone; and it looks before it knows of a global variable of
// another name.
const findCDN = `!function(){var s=document.currentScript,m=s&&/^(https?:\/\/.*?)\/analytics\.js\/v1\//.exec(s.src),a=window.analytics=window.analytics||[];m&&!a._cdn&&(a._cdn=m[1])}();`

// mainScript is the SDK's main file in two halves: the write key, as a literal of JavaScript, comes between them.
type mainScript struct{ before, after string }

// newMainScript prepares the main file. A file in which the texts are not as expected is an error: it is another version, which is to be looked at first.
func newMainScript(text string) (*mainScript, error) {
	for _, part := range []string{keyText, hostText} {
		if n := strings.Count(text, part); n != 1 {
			return nil, fmt.Errorf("prepare %s: it has %s %d times, want once", mainFile, part, n)
		}
	}
	text, _, _ = strings.Cut(text, sourceMap) // there is no map to be fetched
	text = strings.Replace(text, hostText, ownHost, 1)
	before, after, _ := strings.Cut(text, keyText)
	return &mainScript{before: prologue + before, after: after}, nil
}

// of is the script of a write key.
func (m *mainScript) of(key string) (*file, error) {
	literal, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	content, err := deflate(m.before, string(literal), m.after)
	if err != nil {
		return nil, err
	}
	return newFile(content, scriptType, "public, max-age=300"), nil
}

// keyBytesMax is how much of an unknown write key is repeated.
const keyBytesMax = 64

// unknown is the script of a write key that belongs to no source: it says so in the console of the page. A script that is answered 404 would not run.
func unknown(key string) (*file, error) {
	if len(key) > keyBytesMax {
		key = strings.ToValidUTF8(key[:keyBytesMax], "") + "…"
	}
	literal, err := json.Marshal("Penstock: the write key " + strconv.Quote(key) + " belongs to no source, so nothing that this page tracks is taken. Copy the key from the source's settings.")
	if err != nil {
		return nil, err
	}
	content, err := deflate("console.error(", string(literal), ");\n")
	if err != nil {
		return nil, err
	}
	return newFile(content, scriptType, "no-store"), nil
}

// deflate is what inflate undoes.
func deflate(parts ...string) ([]byte, error) {
	out := &bytes.Buffer{}
	w := gzip.NewWriter(out)
	for _, part := range parts {
		if _, err := io.WriteString(w, part); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// readBundle reads the files that there are, and the main one apart, which is nil when the binary has no SDK.
func readBundle(bundle fs.FS) (map[string]*file, *mainScript, error) {
	names, err := fs.Glob(bundle, "*"+compressed)
	if err != nil {
		return nil, nil, err
	}
	files := map[string]*file{}
	var script *mainScript
	for _, name := range names {
		content, err := fs.ReadFile(bundle, name)
		if err != nil {
			return nil, nil, err
		}
		name = strings.TrimSuffix(name, compressed)
		switch {
		case name == mainFile:
			text, err := inflate(content)
			if err != nil {
				return nil, nil, fmt.Errorf("read %s: %w", name, err)
			}
			if script, err = newMainScript(string(text)); err != nil {
				return nil, nil, err
			}
		case strings.HasSuffix(name, ".js"): // with a hash of its content in its name
			files[name] = newFile(content, scriptType, "public, max-age=31536000, immutable")
		default:
			files[name] = newFile(content, "text/plain; charset=utf-8", "public, max-age=86400")
		}
	}
	return files, script, nil
}

func inflate(content []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r) // of our own files
}
