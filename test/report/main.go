// Command report reads what `go test -json` prints, and prints what a person wants to know: go test's own line for
// each package as the package ends, all output of what failed, and the slowest tests. The line of the last package
// comes after the list of the slowest, so that a run ends as go test's does.
//
//	go test -json ./... | go run ./test/report
//
// It ends with status 1 if something failed, or if no test ran.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	r := newReport(out)
	if err := r.read(in); err != nil {
		return err
	}
	return r.end()
}
