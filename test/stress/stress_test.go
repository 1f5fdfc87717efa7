package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary be what keeps the machine busy, as the command itself is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-spin" {
		compute(os.Stdin)
		return
	}
	m.Run()
}

// A test that fails now and then is found, and named with all that it takes to run it once more; one that never fails
// is not.
func TestStressFindsWhatFails(t *testing.T) {
	module := map[string]string{
		"go.mod":              "module acme\n\ngo 1.26\n",
		"good/good.go":        "package good\n",
		"good/good_test.go":   "package good\n\nimport \"testing\"\n\nfunc TestGood(*testing.T) {}\n",
		"flaky/flaky_test.go": flaky,
	}
	root := t.TempDir()
	for name, text := range module {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
	if err := stress(t.Context(), 1, atOnce+1, 1, []string{"./good"}); err != nil {
		t.Errorf("without a failure: %v", err)
	}
	err := stress(t.Context(), 2, atOnce, 1, nil)
	if err == nil || !strings.Contains(err.Error(), "failures: 1, in 2 rounds") {
		t.Errorf("with one failure: got %v, want it counted", err)
	}
	logs, err := filepath.Glob(filepath.Join(folder, "acme-flaky.*.log"))
	if err != nil || len(logs) != 2 {
		t.Fatalf("output of the rounds: %v, %v, want that of both", logs, err)
	}
	if end := endOf(logs[0]); !strings.Contains(end, "the first run fails") {
		t.Errorf("the output ends with %q, want what the test said", end)
	}
	if err := stress(t.Context(), 1, atOnce, 1, []string{"./nothing/..."}); err == nil {
		t.Error("no package, and no error")
	}
}

// flaky fails once.
const flaky = `package flaky

import (
	"os"
	"testing"
)

func TestFlaky(t *testing.T) {
	if _, err := os.Stat("ran"); err == nil {
		return
	}
	if err := os.WriteFile("ran", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Error("the first run fails")
}
`
