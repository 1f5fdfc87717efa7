package trigger_test

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

	"penstock/internal/trigger"
)

var update = flag.Bool("update", false, "write what testdata/warnings.txtar expects anew")

// Each file of testdata/warnings.txtar is a trap: a trigger, and below it what is said of it. A trigger without a trap says nothing.
func TestWarnings(t *testing.T) {
	name := filepath.Join("testdata", "warnings.txtar")
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range a.Files {
		text, want, _ := strings.Cut(string(f.Data), "\n")
		t.Run(f.Name, func(t *testing.T) {
			got := ""
			for _, w := range parse(t, text).Warnings() {
				got += fmt.Sprintf("%d %s: %s; %s\n", w.Pos, w.Code, w.Read, w.Instead)
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

// Warnings cost no more than reading: there are only so many, however long the text is.
func TestWarningsAreBounded(t *testing.T) {
	for _, part := range []string{"foo ", "foo = 1 AND ", "event == 1 ", "(event = 'a' and type = 'b' or event = null) ", "() "} {
		text := `type = "track" ` + strings.Repeat(part, (trigger.UnitsMax-20)/len(part))
		size := 0
		for _, w := range parse(t, text).Warnings() {
			size += len(w.Read) + len(w.Instead)
		}
		if got := len(parse(t, text).Warnings()); got == 0 || got > trigger.WarningsMax || size > 100_000 {
			t.Errorf("%d warnings, %d bytes, of %s...", got, size, part)
		}
	}
}

func TestWarningsStayInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		tr, err := trigger.Parse(text)
		if err != nil {
			return
		}
		at := 0
		for _, w := range tr.Warnings() {
			if w.Pos < at || w.Code == "" || w.Read == "" || w.Instead == "" {
				t.Fatalf("warning %+v of %q, after position %d", w, text, at)
			}
			at = w.Pos
		}
	})
}
