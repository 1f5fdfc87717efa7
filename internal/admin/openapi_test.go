package admin

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"penstock/internal/access"
)

var update = flag.Bool("update", false, "write testdata/openapi.json and docs/reference/api.md anew")

// document is the description of the API, and what is behind its gate.
func document() (*huma.OpenAPI, *access.Gate) {
	gate := access.NewGate(access.Config{})
	return routes(gate, Config{Version: "test"}, Parts{}).OpenAPI(), gate
}

// wantFile compares a file of the repository with what it should be.
func wantFile(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; `make api` writes it anew):\n%s", name, diff)
	}
}

// The API's description is a file of the repository, so that a change of it is seen.
func TestOpenAPI(t *testing.T) {
	api, _ := document()
	raw, err := json.Marshal(api)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	wantFile(t, "testdata/openapi.json", got.Bytes())
}

// The reference is made from the description.
func TestReference(t *testing.T) {
	api, _ := document()
	page, err := render(api)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, "../../docs/reference/api.md", page)
}

// operationsOf lists the operations of an API by method and path.
func operationsOf(api *huma.OpenAPI) map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for path, item := range api.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "PUT": item.Put, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op != nil {
				all[method+" "+path] = op
			}
		}
	}
	return all
}

// Every route behind the gate is in the description, with the role that it needs, an id of its own, and words of what it is for.
func TestEveryRouteIsDescribed(t *testing.T) {
	api, gate := document()
	described := operationsOf(api)
	ids := map[string]string{}
	undescribed := []string{"GET " + openAPIPath}
	for _, route := range gate.Routes() {
		op := described[route.Pattern]
		if op == nil {
			if !slices.Contains(undescribed, route.Pattern) {
				t.Errorf("route %s is not in the API's description", route.Pattern)
			}
			continue
		}
		if needed, ok := access.NeededBy(op); !ok || needed != route.Needs {
			t.Errorf("%s: described as for %q, and the gate wants %q", route.Pattern, needed, route.Needs)
		}
		if op.OperationID == "" || ids[op.OperationID] != "" || op.Summary == "" {
			t.Errorf("%s: id %q (also of %q), summary %q", route.Pattern, op.OperationID, ids[op.OperationID], op.Summary)
		}
		ids[op.OperationID] = route.Pattern
		for _, name := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(route.Pattern, -1) {
			if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == name[1] }) {
				t.Errorf("%s: %s is in the path, and nothing reads it", route.Pattern, name[0])
			}
		}
	}
	if len(described) != len(gate.Routes())-len(undescribed) {
		t.Errorf("%d operations are described, %d routes are behind the gate", len(described), len(gate.Routes()))
	}
}

// What changes something needs an editor at least. These are the exceptions: they change nothing, or only whom a request is from.
func TestChangesNeedAnEditor(t *testing.T) {
	harmless := []string{
		"POST /api/triggers/read", "POST /api/filters/preview", "POST /api/mappings/impact", "POST /api/catalog/{type}/presets/{preset}",
		"POST /api/session", "DELETE /api/session", "PUT /api/session/password", "POST /api/setup", "POST /api/invites/accept",
	}
	_, gate := document()
	for _, route := range gate.Routes() {
		reads := strings.HasPrefix(route.Pattern, "GET ")
		if !reads && !slices.Contains(harmless, route.Pattern) && !route.Needs.May(access.Editor) {
			t.Errorf("%s may be used with the role %s", route.Pattern, route.Needs)
		}
		if reads && route.Needs == access.Anyone && !slices.Contains([]string{"GET /healthz", "GET /readyz", "GET /api/session"}, route.Pattern) {
			t.Errorf("%s may be read by anyone", route.Pattern)
		}
	}
}
