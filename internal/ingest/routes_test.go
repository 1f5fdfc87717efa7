package ingest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

func reference(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/reference/tracking-api.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryRoute asks each path that there is, and some that there are not, with each method; a page may read every answer. The reference names the paths.
func TestEveryRoute(t *testing.T) {
	const posts, gets, none = "OPTIONS, POST", "GET, HEAD, OPTIONS", ""
	page := reference(t)
	for path, has := range map[string]string{
		"/v1/track": posts, "/v1/identify": posts, "/v1/page": posts, "/v1/screen": posts, "/v1/group": posts, "/v1/alias": posts,
		"/v1/t": posts, "/v1/i": posts, "/v1/p": posts, "/v1/s": posts, "/v1/g": posts, "/v1/a": posts,
		"/v1/batch": posts, "/v1/import": posts, "/v1/b": posts, "/v1/m": posts,
		"/v1/pixel/track": gets, "/v1/pixel/identify": gets, "/v1/pixel/page": gets, "/v1/pixel/screen": gets, "/v1/pixel/group": gets, "/v1/pixel/alias": gets,
		"/v1/projects/" + key + "/settings": gets,
		"/v1/":                              none, "/v1/tracks": none, "/v1/pixel": none, "/v1/pixel/t": none, "/v1/pixel/batch": none, "/v1/Track": none, "/v1/track/x": none,
		"/v1/projects": none, "/v1/projects//settings": none, "/v1/projects/a/b/settings": none,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			for _, slash := range []string{"", "/"} {
				want := http.StatusMethodNotAllowed
				switch {
				case has == none:
					want = http.StatusNotFound
				case method == http.MethodOptions:
					want = http.StatusNoContent
				case strings.Contains(has, method):
					want = http.StatusOK
				}
				w := do(newHandler(&memory{}), request{method: method, path: path + slash, body: anyBody(path), header: with(basic(key+":"), "Origin", "https://shop.example")})
				if w.Code != want {
					t.Errorf("%s %s: %d %s, want %d", method, path+slash, w.Code, w.Body, want)
				}
				if w.Header().Get("Access-Control-Allow-Origin") != "https://shop.example" {
					t.Errorf("%s %s: a page may not read the answer", method, path)
				}
				switch want {
				case http.StatusMethodNotAllowed:
					if allow := w.Header().Get("Allow"); allow == "" || strings.Contains(allow, method) || read(t, w).Code != "method_not_allowed" {
						t.Errorf("%s %s: Allow %q, %s", method, path, allow, w.Body)
					}
				case http.StatusNotFound:
					if read(t, w).Code != "not_found" {
						t.Errorf("%s %s: %s", method, path, w.Body)
					}
				}
			}
		}
		named := strings.Replace(path, key, "{writeKey}", 1)
		if strings.HasPrefix(path, "/v1/pixel/") {
			named = "/v1/pixel/track" // and so on, one for each type
		}
		if has != none && !strings.Contains(page, named+"`") {
			t.Errorf("the reference does not name %s", named)
		}
	}
}

// anyBody is a body that a path takes.
func anyBody(path string) string {
	one := `{"type":"group","userId":"u","event":"E","groupId":"g"}`
	if path == "/v1/batch" || path == "/v1/import" || path == "/v1/b" {
		return `{"batch":[` + one + `]}`
	}
	return one
}

// TestReferenceHasEveryCode: what a request is refused with stands in the reference.
func TestReferenceHasEveryCode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "answer.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	page, found := reference(t), 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "code") {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s is not a text", spec.Names[0].Name)
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		if found++; !strings.Contains(page, "`"+code+"`") {
			t.Errorf("the reference does not name `%s`", code)
		}
		return true
	})
	if found == 0 {
		t.Error("answer.go has no codes")
	}
}
