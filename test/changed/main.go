// Command changed prints the folders of the packages that a change may break, one a line: those that hold a changed
// file, and those that import them, directly or not. What has changed is what differs from a commit, HEAD unless
// another is named: committed since, or not committed yet, files that git does not know included.
//
//	go run ./test/changed [-only] [COMMIT]
//
// With -only, the importers are left out. Packages that run the whole binary, those of test/ that import the harness,
// are printed by -only alone: their tests belong to `make test`.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	only := flag.Bool("only", false, "leave out the packages that import those that changed")
	flag.Parse()
	base := "HEAD"
	if flag.NArg() > 0 {
		base = flag.Arg(0)
	}
	folders, err := changed(base, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "changed:", err)
		os.Exit(1)
	}
	for _, folder := range folders {
		fmt.Println(folder)
	}
}

func changed(base string, only bool) ([]string, error) {
	files, err := changedFiles(base)
	if err != nil {
		return nil, err
	}
	packages, err := list()
	if err != nil {
		return nil, err
	}
	touched := holding(packages, files)
	if !only {
		touched = unitTests(packages, importing(packages, touched))
	}
	return foldersOf(packages, touched), nil
}

// changedFiles asks git for the files that differ from a commit, as paths from the root of the module.
func changedFiles(base string) ([]string, error) {
	var files []string
	for _, args := range [][]string{
		{"diff", "--name-only", "--no-renames", "--relative", base, "--"},
		{"ls-files", "--others", "--exclude-standard"},
	} {
		text, err := output("git", args...)
		if err != nil {
			return nil, err
		}
		files = append(files, strings.Fields(text)...)
	}
	return files, nil
}
