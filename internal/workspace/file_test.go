package workspace_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"penstock/destinations"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

var update = flag.Bool("update", false, "write what testdata/invalid expects anew")

// Each file of testdata/invalid is a workspace file that is wrong, and what is said of it.
func TestInvalid(t *testing.T) {
	names, err := filepath.Glob("testdata/invalid/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("cases: %v, %v", names, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text, want := a.Files[0].Data, strings.TrimSpace(string(a.Files[1].Data))
			r := newRig(t)
			f, err := workspace.Parse(text)
			if err == nil {
				_, err = r.Apply(t.Context(), f, workspace.ApplyOptions{})
			}
			if err == nil {
				t.Fatal("taken, want an error")
			}
			if *update {
				a.Files[1].Data = []byte(err.Error() + "\n")
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("what is said (-want +got):\n%s", diff)
			}
			if got := r.Snapshot().Revision; got != 0 {
				t.Errorf("the workspace was changed: revision %d", got)
			}
		})
	}
}

const example = "../../examples/pendo/workspace.yaml"

func TestExample(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/pendo.export.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := rigOn(t, memkv.New(), newLog(t), workspace.CatalogFunc(destinations.Lookup))
	r.apply(t, string(text), workspace.ApplyOptions{})
	if diff := cmp.Diff(string(want), r.export(t)); diff != "" {
		t.Errorf("export (-want +got):\n%s", diff)
	}
	reference, err := os.ReadFile("../../docs/reference/workspace-file.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(reference), "```yaml\n"+string(text)+"```\n") {
		t.Errorf("docs/reference/workspace-file.md does not show %s as it is", example)
	}
}

func TestParseNumbersAsText(t *testing.T) {
	f := parse(t, `
apps:
  - {slug: a, name: 2024, key: 00000000000000000000000000000001}
  - {slug: b, name: 1e5, key: 12345678901234567890123456789012}
  - {slug: c, name: 0x1F, key: 1234567890123456789012345678901e}
`)
	want := []workspace.FileApp{
		{Slug: "a", Name: "2024", Key: "00000000000000000000000000000001"},
		{Slug: "b", Name: "1e5", Key: "12345678901234567890123456789012"},
		{Slug: "c", Name: "0x1F", Key: "1234567890123456789012345678901e"},
	}
	if diff := cmp.Diff(want, f.Apps); diff != "" {
		t.Errorf("apps (-want +got):\n%s", diff)
	}
}

func TestParseBoundsNesting(t *testing.T) {
	for name, text := range map[string]string{
		"brackets": "apps: " + strings.Repeat("[", 1_000_000),
		"braces":   "apps: " + strings.Repeat("{a: ", 100_000),
		"dashes":   "apps:\n  " + strings.Repeat("- ", 100_000) + "x",
		"keys":     "apps:\n  " + strings.Repeat("? ", 100_000) + "x",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := workspace.Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), "values nest deeper than 200 levels") {
				t.Errorf("parse: %.200v, want that it nests too deep", err)
			}
		})
	}
}

func TestParseBoundsSize(t *testing.T) {
	_, err := workspace.Parse([]byte(strings.Repeat("#", workspace.FileBytesMax+1)))
	if err == nil || !strings.Contains(err.Error(), "at most 4194304 are taken") {
		t.Errorf("parse: %v, want that it is too large", err)
	}
}

func TestExpand(t *testing.T) {
	env := map[string]string{"KEY": "wk_from_env_1", "SECRET": `s"e${c}ret`, "EMPTY": ""}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	text := `
sources:
  - {slug: website, name: "cost: $${5}", type: javascript, writeKeys: ["${KEY}"]}
destinations:
  - slug: sink
    name: Sink ${EMPTY}.
    source: website
    type: actions-webhook
    settings: {sharedSecret: "${SECRET}", label: "${PENSTOCK_URL}/x"}
    mappings:
      - name: All
        action: send
        trigger: type = "${KEY}"
        fields: {url: "${PENSTOCK_URL}/y", text: "$${z}"}
`
	f, err := parse(t, text).Expand(lookup)
	if err != nil {
		t.Fatal(err)
	}
	// It is written, sent, and read again before it is applied.
	sent, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.apply(t, string(sent), workspace.ApplyOptions{})
	s := r.Snapshot()
	source, d := s.SourceBySlug("website"), s.DestinationBySlug("sink")
	if source.Name != "cost: ${5}" || source.WriteKeys[0] != "wk_from_env_1" || d.Name != "Sink ." {
		t.Errorf("stored source %+v, destination %+v", source, d)
	}
	m := s.MappingsOfDestination(d.ID)[0]
	if want := `{"url":"${PENSTOCK_URL}/y","text":"$${z}"}`; string(m.Fields) != want {
		t.Errorf("stored fields: %s, want %s", m.Fields, want)
	}
	spec := workspace.Resolve(m.Spec(), "https://in.example.com")
	if want := `{"url":"https://in.example.com/y","text":"${z}"}`; string(spec.Fields) != want {
		t.Errorf("resolved fields: %s, want %s", spec.Fields, want)
	}
	if want := `type = "wk_from_env_1"`; spec.Trigger != want {
		t.Errorf("resolved trigger: %s, want %s", spec.Trigger, want)
	}
	if got, want := string(workspace.ResolveJSON(d.Settings, "http://h")), `{"sharedSecret":"s\"e${c}ret","label":"http://h/x"}`; got != want {
		t.Errorf("resolved settings: %s, want %s", got, want)
	}
}

func TestExpandNamesWhatIsNotSet(t *testing.T) {
	text := "apps:\n  - slug: a\n    key: ${NOT_SET}\n"
	_, err := parse(t, text).Expand(func(string) (string, bool) { return "", false })
	want := "workspace file is not valid: line 3, column 5: apps[0].key: the variable NOT_SET is not set; set it in the environment of the command that reads the file"
	if err == nil || err.Error() != want {
		t.Errorf("expand: %v, want %s", err, want)
	}
}
