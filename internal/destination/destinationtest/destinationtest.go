// Package destinationtest runs a destination's cases. A case is a txtar file that a user can read: an event, a mapping, settings, the answer of the
// endpoint, and what must come of them.
//
//	event.json     the event
//	mapping.json   {"action", "trigger", "fields"}
//	settings.json  of the destination; may be missing
//	answer         what the endpoint answers: "429\nRetry-After: 5\n\nbody"; missing: 200 with an empty body
//	explained      what is said of the trigger
//	request        what is sent: method and URL, headers in the order of their names, an empty line, the body; missing: nothing is
//	outcome        class and code, "suspect" and "after ..." where they apply, and the reason on a line of its own
//
// No case touches the network.
package destinationtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"penstock/internal/destination"
)

// Run runs the cases in the files *.txtar of dir, each as a test of its own. There must be at least one.
func Run(t *testing.T, d destination.Destination, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s (error %v)", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(file) //nolint:gosec // a file of the test's own
			if err != nil {
				t.Fatal(err)
			}
			run(t, d, txtar.Parse(data))
		})
	}
}

// parts are the files of a case by their names, without the newline at their end.
func parts(t *testing.T, archive *txtar.Archive) map[string]string {
	t.Helper()
	known := []string{"event.json", "mapping.json", "settings.json", "answer", "explained", "request", "outcome"}
	out := map[string]string{}
	for _, f := range archive.Files {
		if !slices.Contains(known, f.Name) {
			t.Fatalf("%s is no part of a case; the parts are %s", f.Name, strings.Join(known, ", "))
		}
		out[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	return out
}

func run(t *testing.T, d destination.Destination, archive *txtar.Archive) {
	t.Helper()
	want := parts(t, archive)
	got := maps.Clone(want)
	delete(got, "request")
	delete(got, "outcome")
	var spec destination.Spec
	if err := json.Unmarshal([]byte(want["mapping.json"]), &spec); err != nil {
		t.Fatal(err)
	}
	m, err := destination.Compile(d, spec, json.RawMessage(want["settings.json"]))
	if err != nil {
		t.Fatal(err)
	}
	event := []byte(want["event.json"])
	explanation := m.Explain(event)
	got["explained"] = explanation.Text
	if explanation.Matched != m.Match(event) {
		t.Fatal("Explain and Match disagree")
	}
	if explanation.Matched {
		perform(t, m, event, got)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, wanted := want[name]; !wanted {
			t.Errorf("%s is not expected:\n%s", name, got[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s\n got\n%s\nwant\n%s", name, got[name], want[name])
		}
	}
}

// perform sends the event to the endpoint of the case, and writes what came of it into got.
func perform(t *testing.T, m *destination.Mapping, event []byte, got map[string]string) {
	t.Helper()
	p, err := m.Resolve(event)
	if refused, ok := errors.AsType[*destination.PayloadError](err); ok {
		got["outcome"] = "rejected " + refused.Code + "\n" + refused.Message
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	endpoint := &endpoint{answer: got["answer"]}
	result := m.Perform(t.Context(), &http.Client{Transport: endpoint}, "webhook-id-of-the-case", p)
	if endpoint.request != "" {
		got["request"] = endpoint.request
	}
	got["outcome"] = outcome(&result)
}

func outcome(r *destination.Result) string {
	text := string(r.Class) + " " + r.Code
	if r.Suspect {
		text += " suspect"
	}
	if r.After > 0 {
		text += " after " + r.After.String()
	}
	if r.Reason != "" {
		text += "\n" + r.Reason
	}
	return text
}

// endpoint answers a request as the case says, and writes it down.
type endpoint struct {
	answer  string
	request string
}

// RoundTrip implements http.RoundTripper.
func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", strings.ToLower(name), value)
		}
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n%s", body)
	}
	e.request = b.String()
	return e.respond(r)
}

func (e *endpoint) respond(r *http.Request) (*http.Response, error) {
	head, body, _ := strings.Cut(e.answer, "\n\n")
	status, headers, _ := strings.Cut(head, "\n")
	if status == "" {
		status = "200"
	}
	code, err := strconv.Atoi(status)
	if err != nil {
		return nil, errors.New(status) // a fault, in words
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", code, http.StatusText(code), len(body))
	for line := range strings.SplitSeq(headers, "\n") {
		if line != "" {
			text.WriteString(line + "\r\n")
		}
	}
	text.WriteString("\r\n" + body)
	return http.ReadResponse(bufio.NewReader(&text), r)
}
