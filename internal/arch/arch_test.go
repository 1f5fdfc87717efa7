package arch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

const module = "penstock"

// The policy: not to be changed to make a build pass.
func TestImportsOfTheTree(t *testing.T) {
	text, err := os.ReadFile("rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := ParseRules(string(text))
	if err != nil {
		t.Fatal(err)
	}
	problems, err := CheckImports(os.DirFS("../.."), module, rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// Each case is a small tree with its rules.txt, and the file "want" with the problems that must be found in it.
func TestCheckImports(t *testing.T) {
	eachCase(t, "testdata/rules/*.txtar", func(archive *txtar.Archive) ([]string, error) {
		rules, err := ParseRules(string(takeFile(archive, "rules.txt")))
		if err != nil {
			return []string{err.Error()}, nil //nolint:nilerr // a policy that cannot be read is what some cases want
		}
		tree, err := txtar.FS(archive)
		if err != nil {
			return nil, err
		}
		return CheckImports(tree, "synthetic", rules)
	})
}

func TestTidyOfTheTree(t *testing.T) {
	problems, err := CheckTidy(os.DirFS("../.."), forbiddenWords(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// Each case is a small tree, and the file "want" with the problems that must be found in it.
func TestCheckTidy(t *testing.T) {
	eachCase(t, "testdata/tidy/*.txtar", func(archive *txtar.Archive) ([]string, error) {
		tree, err := txtar.FS(archive)
		if err != nil {
			return nil, err
		}
		return CheckTidy(tree, []string{"registry.example"})
	})
}

func TestWaitsOfTheTree(t *testing.T) {
	problems, err := CheckWaits(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// Each case is a small tree, and the file "want" with the problems that must be found in it.
func TestCheckWaits(t *testing.T) {
	eachCase(t, "testdata/waits/*.txtar", func(archive *txtar.Archive) ([]string, error) {
		tree, err := txtar.FS(archive)
		if err != nil {
			return nil, err
		}
		return CheckWaits(tree)
	})
}

// forbiddenWords are what says where somebody works: the folder that the checkout lies in, unless it is one that every
// machine has, and the hosts that packages come from. They are put together here so that this file does not hold them.
func forbiddenWords(t *testing.T) []string {
	t.Helper()
	words := []string{"proxy." + "golang.org", "registry." + "npmjs.org", "deb." + "debian.org"}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	common := []string{"/", "/home", "/opt", "/root", "/src", "/srv", "/tmp", "/usr/src", "/var/tmp"}
	if workplace := filepath.Dir(root); !slices.Contains(common, workplace) {
		words = append(words, workplace+"/")
	}
	return words
}

func eachCase(t *testing.T, pattern string, check func(*txtar.Archive) ([]string, error)) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("got cases %v, error %v; want some", names, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if text := strings.TrimSpace(string(takeFile(archive, "want"))); text != "" {
				want = strings.Split(text, "\n")
			}
			got, err := check(archive)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// takeFile removes a file from an archive and returns what it holds.
func takeFile(archive *txtar.Archive, name string) []byte {
	for i, f := range archive.Files {
		if f.Name == name {
			archive.Files = slices.Delete(archive.Files, i, i+1)
			return f.Data
		}
	}
	return nil
}

func TestTidyFileLength(t *testing.T) {
	long := []byte(strings.Repeat("\n", maxFileLines+1))
	for name, want := range map[string]int{
		"internal/x/x.go":      1,
		"internal/x/x_test.go": 0,
		"ui/src/page.tsx":      1,
		"ui/src/page.test.tsx": 0,
		"docs/long.md":         0,
	} {
		if got := tidyFile(name, long, nil); len(got) != want {
			t.Errorf("tidyFile(%q): got %q, want %d problems", name, got, want)
		}
	}
	if got := tidyFile("x.go", long[1:], nil); got != nil {
		t.Errorf("tidyFile with %d lines: got %q, want none", maxFileLines, got)
	}
}
