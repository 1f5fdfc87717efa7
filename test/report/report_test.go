package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/*.txt")

// What is printed of recorded runs: one that passed, one in which a test failed, one that did not compile, one that
// was stopped.
func TestReport(t *testing.T) {
	runs, err := filepath.Glob("testdata/*.json")
	if err != nil || len(runs) == 0 {
		t.Fatalf("recorded runs: %v, %v", runs, err)
	}
	for _, path := range runs {
		t.Run(filepath.Base(path), func(t *testing.T) {
			recorded, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer recorded.Close()
			var out bytes.Buffer
			if err := run(recorded, &out); err != nil {
				out.WriteString("error: " + err.Error() + "\n")
			}
			golden := strings.TrimSuffix(path, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}
