package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listed is what go list says of a small module. Its last packages have the harness drive a browser: one for the
// whole binary, one for itself.
const listed = `
{"Dir": "/acme", "ImportPath": "acme"}
{"Dir": "/acme/log", "ImportPath": "acme/log"}
{"Dir": "/acme/log/disk", "ImportPath": "acme/log/disk", "Imports": ["os", "acme/log"]}
{"Dir": "/acme/web", "ImportPath": "acme/web", "TestImports": ["acme/log/disk"]}
{"Dir": "/acme/door", "ImportPath": "acme/door", "Imports": ["acme/web"]}
{"Dir": "/acme/name", "ImportPath": "acme/name"}
{"Dir": "/acme/test/e2e", "ImportPath": "penstock/test/e2e", "XTestImports": ["acme/web", "penstock/test/harness"]}
{"Dir": "/acme/site", "ImportPath": "acme/site", "XTestImports": ["penstock/test/harness"]}
`

func TestChanged(t *testing.T) {
	packages, err := readList(strings.NewReader(listed), "/acme")
	if err != nil {
		t.Fatal(err)
	}
	const all = "acme acme/door acme/log acme/log/disk acme/name acme/site acme/web"
	for name, c := range map[string]struct{ files, only, units string }{
		"nothing":                     {},
		"a file of no package":        {files: "README.md docs/start.md"},
		"an importer's importer":      {"log/log.go", "acme/log", "acme/log acme/log/disk acme/web"},
		"test data":                   {"web/testdata/a/b.json", "acme/web", "acme/door acme/web"},
		"nobody imports it":           {"name/name_test.go", "acme/name", "acme/name"},
		"a test of the binary":        {"test/e2e/send.mjs", "penstock/test/e2e", ""},
		"a package with a browser":    {"site/a.go", "acme/site", "acme/site"},
		"every package by its module": {"go.sum", all + " penstock/test/e2e", all},
	} {
		t.Run(name, func(t *testing.T) {
			only := holding(packages, strings.Fields(c.files))
			if diff := cmp.Diff(strings.Fields(c.only), only, cmpEmpty); diff != "" {
				t.Errorf("changed (-want +got):\n%s", diff)
			}
			units := unitTests(packages, importing(packages, only))
			if diff := cmp.Diff(strings.Fields(c.units), units, cmpEmpty); diff != "" {
				t.Errorf("tested (-want +got):\n%s", diff)
			}
		})
	}
}

// cmpEmpty makes no list and an empty one the same.
var cmpEmpty = cmp.Transformer("spaced", func(all []string) string { return strings.Join(all, " ") })
