package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const slowestMax = 10 // tests in the list

// event is one line of `go test -json`: see `go doc test2json`, and `go help buildjson` for those of builds.
type event struct {
	Action  string  `json:"Action"`
	Package string  `json:"Package"`
	Test    string  `json:"Test"`
	Elapsed float64 `json:"Elapsed"` // seconds
	Output  string  `json:"Output"`
}

// name is one test of one package; the package itself has no test.
type name struct{ pkg, test string }

// timed is how long a test took, in seconds.
type timed struct {
	name    name
	seconds float64
}

// report collects a run. It keeps the output of a test until the test has passed.
type report struct {
	out    io.Writer
	output map[name][]string
	held   string // what the last package to end has to say
	times  []timed
	failed []name
	tests  int
	wrong  error // of the first write that failed
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[name][]string{}}
}

// say prints a text.
func (r *report) say(text string) {
	if _, err := io.WriteString(r.out, text); err != nil && r.wrong == nil {
		r.wrong = fmt.Errorf("print the report: %w", err)
	}
}

// read takes in a whole run. A line that is not JSON, such as a complaint of the go command, is printed as it is.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the run: %w", err)
		}
	}
}

func (r *report) line(line []byte) {
	var e event
	if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &e) != nil {
		r.say(string(line))
		return
	}
	of := name{e.Package, e.Test}
	switch e.Action {
	case "output":
		r.output[of] = append(r.output[of], e.Output)
	case "build-output":
		r.say(e.Output)
	case "pass", "skip", "fail":
		if e.Test != "" {
			r.testEnded(of, e)
		} else {
			r.packageEnded(of, e)
		}
	}
}

// testEnded forgets the output of a test that passed. Subtests have a time within that of their test, and are not
// listed beside it.
func (r *report) testEnded(of name, e event) {
	r.tests++
	if !strings.Contains(e.Test, "/") {
		r.times = append(r.times, timed{of, e.Elapsed})
	}
	if e.Action == "fail" {
		r.failed = append(r.failed, of)
		return
	}
	delete(r.output, of)
}

// packageEnded prints what the package before had to say, and holds back what this one has: its line, after the
// output of its tests that have not passed.
func (r *report) packageEnded(of name, e event) {
	r.say(r.held)
	var text strings.Builder
	if e.Action == "fail" {
		if !slices.ContainsFunc(r.failed, func(f name) bool { return f.pkg == of.pkg }) {
			r.failed = append(r.failed, of) // it did not compile, or its process died within a test
		}
		for _, test := range r.unfinished(of.pkg) {
			for _, line := range r.output[test] {
				text.WriteString(line)
			}
			delete(r.output, test)
		}
	}
	for _, line := range r.output[of] {
		if line == "PASS\n" || strings.HasPrefix(line, "-test.shuffle ") && e.Action != "fail" {
			continue // go test prints neither for a package that passed
		}
		text.WriteString(line)
	}
	delete(r.output, of)
	r.held = text.String()
}

// unfinished is the tests of a package whose output is kept: they failed, or they ran when the package ended.
func (r *report) unfinished(pkg string) []name {
	var all []name
	for of := range r.output {
		if of.pkg == pkg && of.test != "" {
			all = append(all, of)
		}
	}
	slices.SortFunc(all, func(a, b name) int { return cmp.Compare(a.test, b.test) })
	return all
}

// end prints the slowest tests, then the last line of go test. A run in which something failed is an error that names
// it.
func (r *report) end() error {
	slices.SortStableFunc(r.times, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	if len(r.times) > 0 {
		r.say("\nThe slowest tests:\n")
	}
	for _, t := range r.times[:min(len(r.times), slowestMax)] {
		r.say(fmt.Sprintf("%8.2fs  %s  %s\n", t.seconds, t.name.test, t.name.pkg))
	}
	r.say("\n" + r.held)
	if len(r.failed) > 0 {
		r.say("FAIL\n")
		return fmt.Errorf("failed: %s", strings.Join(texts(r.failed), ", "))
	}
	if r.tests == 0 {
		return errors.New("no test ran")
	}
	return r.wrong
}

func texts(names []name) []string {
	var all []string
	for _, of := range names {
		all = append(all, strings.TrimSpace(of.pkg+" "+of.test))
	}
	return all
}
