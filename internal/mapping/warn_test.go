package mapping_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"penstock/internal/mapping"
)

var update = flag.Bool("update", false, "write what testdata/warnings.txtar expects anew")

// Each file of testdata/warnings.txtar is a trap: a mapping, and below it what is said of it. A mapping without a trap says nothing.
func TestWarnings(t *testing.T) {
	name := filepath.Join("testdata", "warnings.txtar")
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range a.Files {
		text, want, _ := strings.Cut(string(f.Data), "\n")
		t.Run(f.Name, func(t *testing.T) {
			compile(t, text)
			got := ""
			for _, w := range mapping.Warnings([]byte(text)) {
				got += fmt.Sprintf("%s %s: %s; %s\n", w.Path, w.Code, w.Read, w.Instead)
			}
			if *update {
				a.Files[i].Data = []byte(text + "\n" + got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("warnings of %s (-want +got):\n%s", text, diff)
			}
		})
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWarningsAreComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := mappings(3).Draw(t, "mapping")
		for _, w := range mapping.Warnings([]byte(text)) {
			if w.Code == "" || !strings.HasPrefix(w.Path, "/") || w.Read == "" || w.Instead == "" {
				t.Fatalf("warning %+v of %s", w, text)
			}
		}
	})
}
