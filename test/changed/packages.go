package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// Packages of this folder that import the harness run the whole binary.
const (
	binaryTests = "penstock/test/"
	harness     = "penstock/test/harness"
)

// pkg is what `go list -json` says of a package.
type pkg struct {
	Dir          string   `json:"Dir"` // from the root, with slashes
	ImportPath   string   `json:"ImportPath"`
	Imports      []string `json:"Imports"`
	TestImports  []string `json:"TestImports"`
	XTestImports []string `json:"XTestImports"`
}

// ofTests is what the package imports by its tests too.
func (p pkg) ofTests() []string { return slices.Concat(p.Imports, p.TestImports, p.XTestImports) }

// list is the packages of the module, as they are with the tests of the whole binary.
func list() ([]pkg, error) {
	root, err := output("go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, err
	}
	text, err := output("go", "list", "-tags", "e2e", "-e",
		"-json=Dir,ImportPath,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		return nil, err
	}
	return readList(strings.NewReader(text), strings.TrimSpace(root))
}

func readList(text io.Reader, root string) ([]pkg, error) {
	var all []pkg
	decoder := json.NewDecoder(text)
	for {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		p.Dir = strings.TrimPrefix(strings.TrimPrefix(p.Dir, root), "/")
		all = append(all, p)
	}
}

// holding is the packages that hold one of the files: in their folder, in its testdata, or in a folder below it that
// is no package of its own. A change of go.mod or go.sum is a change of every package.
func holding(packages []pkg, files []string) []string {
	folders := map[string]string{}
	for _, p := range packages {
		folders[p.Dir] = p.ImportPath
	}
	touched := map[string]bool{}
	for _, file := range files {
		if file == "go.mod" || file == "go.sum" {
			for _, p := range packages {
				touched[p.ImportPath] = true
			}
			continue
		}
		for folder := path.Dir(file); folder != "."; folder = path.Dir(folder) {
			if owner, ok := folders[folder]; ok {
				touched[owner] = true
				break
			}
		}
	}
	return sorted(touched)
}

// importing is the packages that import one of these, directly or not, and these themselves. An import of a package's
// tests counts for that package, and not for those that import it.
func importing(packages []pkg, touched []string) []string {
	reached := map[string]bool{}
	for _, changed := range touched {
		reached[changed] = true
	}
	isReached := func(imported string) bool { return reached[imported] }
	for grown := true; grown; {
		grown = false
		for _, p := range packages {
			if !reached[p.ImportPath] && slices.ContainsFunc(p.Imports, isReached) {
				reached[p.ImportPath] = true
				grown = true
			}
		}
	}
	tested := maps.Clone(reached)
	for _, p := range packages {
		if slices.ContainsFunc(p.ofTests(), isReached) {
			tested[p.ImportPath] = true
		}
	}
	return sorted(tested)
}

// unitTests leaves out the packages that run the whole binary.
func unitTests(packages []pkg, paths []string) []string {
	runsBinary := func(p pkg) bool {
		uses := append(p.ofTests(), p.ImportPath)
		return strings.HasPrefix(p.ImportPath, binaryTests) && slices.Contains(uses, harness)
	}
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		return slices.ContainsFunc(packages, func(p pkg) bool { return p.ImportPath == path && runsBinary(p) })
	})
}

// foldersOf is where packages are, as the go command and the linter both take it.
func foldersOf(packages []pkg, paths []string) []string {
	var folders []string
	for _, p := range packages {
		if slices.Contains(paths, p.ImportPath) {
			folders = append(folders, "./"+p.Dir)
		}
	}
	return folders
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// output runs a command and returns what it printed.
func output(name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	text, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("%s %s: %w\n%s", name, args[0], err, failed.Stderr)
	}
	return string(text), err
}
