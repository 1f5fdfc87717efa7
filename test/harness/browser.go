package harness

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// programPatience is how long a program of Node may take in all: it waits for several things, one after the other.
const programPatience = 2 * patience

// Node runs a program of Node, a path beside the test, and returns what it wrote to its standard output. A program
// that fails, or takes longer than ten minutes, fails the test, with what it wrote to its standard error.
func Node(tb testing.TB, program string, args ...string) []byte {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), programPatience)
	defer cancel()
	openPrograms(tb, program)
	var problems strings.Builder
	command := node(ctx, program, args...)
	command.Stderr, command.WaitDelay = &problems, patience
	output, err := command.Output()
	if err != nil {
		tb.Fatalf("node %s: %v, %v\n%s", program, err, ctx.Err(), problems.String())
	}
	return output
}

// compileParser is a module that makes Node compile its HTTP parser when it is imported. Without it, Node compiles the
// parser while a process opens its first connections, and misses that a server closes one meanwhile, as Penstock does
// when no header arrives within ten seconds: the request neither fails nor gets an answer. Seen in Node 20.20.2, which
// has undici 6.24.1.
const compileParser = `data:text/javascript,await%20fetch(%22data:,%22)`

// node returns the command that runs a program of Node.
func node(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "node", append([]string{"--import", compileParser, program}, args...)...)
}

// Browsed is what came of a program that drove a browser.
type Browsed[T any] struct {
	Output   T                `json:"output"`   // what the program returned
	Requests []BrowserRequest `json:"requests"` // of all pages, in order
	Console  []ConsoleLine    `json:"console"`  // of all pages, in order
}

// BrowserRequest is a request of a page, as the browser's own tools show it: preflights are not among them.
type BrowserRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Type    string            `json:"type"`    // document, script, fetch, image...
	Headers map[string]string `json:"headers"` // names in lower case
	Body    string            `json:"body"`
	Status  int               `json:"status"`  // 0: no answer came
	Failure string            `json:"failure"` // why none came, as Chromium says it
}

// ConsoleLine is a line of a page's console.
type ConsoleLine struct {
	Type string `json:"type"` // log, warning, error...; pageerror: an error that nobody has caught
	Text string `json:"text"`
}

// Browse runs a program of Node, a path beside the test, which calls drive of test/harness/browser/drive.mjs: that
// connects to the Chromium which all tests of the process share, where each has profiles of its own, hands the
// program its input, and returns its output with what the pages have asked for and written. A program that fails, or
// takes longer than ten minutes, fails the test; screenshots are then in the folder that Screenshots names.
func Browse[T any](tb testing.TB, program string, input any) Browsed[T] {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), programPatience)
	defer cancel()
	endpoint, err := sharedBrowser.listens(chromium(tb))
	if err != nil {
		tb.Fatal(err)
	}
	stdin, err := json.Marshal(map[string]any{"browser": endpoint, "screenshots": Screenshots(tb), "input": input})
	if err != nil {
		tb.Fatal(err)
	}
	openPrograms(tb, program)
	var problems strings.Builder
	command := node(ctx, program)
	command.Stdin, command.Stderr = strings.NewReader(string(stdin)), &problems
	command.WaitDelay = patience // for what it has still to say
	output, err := command.Output()
	if err != nil {
		at := Screenshots(tb)
		tb.Fatalf("browse with %s: %v, %v\nscreenshots: %s\n%s", program, err, ctx.Err(), at, problems.String())
	}
	if problems.Len() > 0 {
		tb.Logf("%s:\n%s", program, problems.String())
	}
	var browsed Browsed[T]
	if err := json.Unmarshal(output, &browsed); err != nil {
		tb.Fatalf("read what %s returned: %v\n%s", program, err, output)
	}
	return browsed
}

// ToOthers are the requests for which a page has asked anybody but these hosts, each a host:port.
func (b Browsed[T]) ToOthers(hosts ...string) []string {
	var others []string
	for _, request := range b.Requests {
		asked, err := url.Parse(request.URL)
		own := err == nil && (slices.Contains(hosts, asked.Host) || slices.Contains([]string{"about", "blob", "data"}, asked.Scheme))
		if !own {
			others = append(others, request.Method+" "+request.URL)
		}
	}
	return others
}

// Errors are the errors in the consoles, those that nobody has caught among them.
func (b Browsed[T]) Errors() []string {
	var all []string
	for _, line := range b.Console {
		if line.Type == "error" || line.Type == "pageerror" {
			all = append(all, line.Text)
		}
	}
	return all
}

// Screenshots is the folder of a test's screenshots, which is kept out of the repository.
func Screenshots(tb testing.TB) string {
	tb.Helper()
	root, err := Root()
	if err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(root, "test", "screenshots", filepath.FromSlash(tb.Name()))
}

// chromium finds the browser. The headless build comes first: it has the same engine, and no windows, whose drawing
// costs the other build three times the CPU for each page: docs/adr/0012-chromium-without-windows.md.
func chromium(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	tb.Fatal("no chromium on PATH: `make test` installs it on Debian; elsewhere, install it")
	return ""
}

// openPrograms opens the folders of what Node will read, for the reason that openSources has.
func openPrograms(tb testing.TB, program string) {
	tb.Helper()
	root, err := Root()
	if err != nil {
		tb.Fatal(err)
	}
	for _, folder := range []string{filepath.Dir(program), filepath.Join(root, "test", "harness", "browser")} {
		err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}
