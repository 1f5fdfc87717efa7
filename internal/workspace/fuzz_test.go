package workspace_test

import (
	"bytes"
	"os"
	"testing"

	"penstock/internal/workspace"
)

// Whatever Parse takes, it takes again, and the same, from what is written of it.
func FuzzParse(f *testing.F) {
	for _, name := range []string{example, "testdata/pendo.export.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("destinations: [{settings: {a: [1, {b: - }], c: |\n  text\n}}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := workspace.Parse(text)
		if err != nil {
			return
		}
		want, err := file.JSON()
		if err != nil {
			t.Fatalf("write %q: %v", text, err)
		}
		yaml, err := file.YAML()
		if err != nil {
			t.Fatalf("write %q: %v", text, err)
		}
		again, err := workspace.Parse(yaml)
		if err != nil {
			t.Fatalf("parse what was written of %q: %v\n%s", text, err, yaml)
		}
		got, err := again.JSON()
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%q was read as\n%s\nand after it was written as\n%s\nas\n%s (%v)", text, want, yaml, got, err)
		}
	})
}
