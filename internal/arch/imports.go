package arch

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// file is a Go file of the tree and what its import clauses take.
type file struct {
	path    string
	pkg     string // folder, relative to the module
	test    bool   // a _test.go file
	imports []string
}

// readImports parses the import clauses of all Go files of a module, whatever platform or tag they are for. Packages of
// the module come without the module's path in front, and without the standard library's "C".
func readImports(tree fs.FS, module string) ([]file, error) {
	var files []file
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return enterFolder(tree, name)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		read, err := readFile(tree, name, module)
		if err != nil {
			return err
		}
		files = append(files, read)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read import clauses: %w", err)
	}
	return files, nil
}

// enterFolder skips what the go command does not look into: hidden folders, test data, other modules.
func enterFolder(tree fs.FS, name string) error {
	if name == "." {
		return nil
	}
	base := path.Base(name)
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := fs.Stat(tree, name+"/go.mod"); err == nil {
		return fs.SkipDir
	}
	return nil
}

func readFile(tree fs.FS, name, module string) (file, error) {
	source, err := fs.ReadFile(tree, name)
	if err != nil {
		return file{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return file{}, err
	}
	read := file{path: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go")}
	for _, clause := range parsed.Imports {
		imported, err := strconv.Unquote(clause.Path.Value)
		if err != nil {
			return file{}, fmt.Errorf("%s: unquote import: %w", name, err)
		}
		if imported == "C" {
			continue
		}
		read.imports = append(read.imports, strings.TrimPrefix(imported, module+"/"))
	}
	slices.Sort(read.imports)
	return read, nil
}

// isStandard tells the standard library from modules, whose first path element has a dot, and from the
// module's own packages, which have a rule or a folder.
func isStandard(imported string, own map[string]bool) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && !own[imported]
}
