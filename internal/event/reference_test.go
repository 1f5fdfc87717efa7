package event_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"penstock/internal/event"
)

func reference(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/reference/tracking-api.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// constants reads the names of the constants of a file, with their values where those are texts.
func constants(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != len(spec.Names) {
			return true
		}
		for i, name := range spec.Names {
			found[name.Name] = ""
			if literal, ok := spec.Values[i].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if found[name.Name], err = strconv.Unquote(literal.Value); err != nil {
					t.Fatal(err)
				}
			}
		}
		return true
	})
	return found
}

// TestReferenceHasEveryLimit: each limit stands in the reference, with the value that it has.
func TestReferenceHasEveryLimit(t *testing.T) {
	rows := map[string]string{
		"BodyBytesMax":        fmt.Sprintf("| body, inflated | %s bytes |", thousands(event.BodyBytesMax)),
		"EventBytesMax":       fmt.Sprintf("| event as it was sent, with what its batch adds | %s bytes |", thousands(event.EventBytesMax)),
		"BatchEventsMax":      fmt.Sprintf("| events in a batch | %s |", thousands(event.BatchEventsMax)),
		"BatchLinesBytesMax":  fmt.Sprintf("| all lines that one batch becomes | %s bytes |", thousands(event.BatchLinesBytesMax)),
		"DepthMax":            fmt.Sprintf("| nesting of an event | %s levels |", thousands(event.DepthMax)),
		"MessageIDCharsMax":   fmt.Sprintf("| `messageId` | %s characters |", thousands(event.MessageIDCharsMax)),
		"IDBytesMax":          fmt.Sprintf("| `userId`, `anonymousId`, `groupId`, `previousId` | %s bytes |", thousands(event.IDBytesMax)),
		"NameBytesMax":        fmt.Sprintf("| `event`, and `name` and `category` of a page or screen | %s bytes |", thousands(event.NameBytesMax)),
		"PixelDepthMax":       fmt.Sprintf("| objects that a pixel's parameter leads into | %s |", thousands(event.PixelDepthMax)),
		"SalvageDocumentsMax": fmt.Sprintf("| batches in one broken body | %s |", thousands(event.SalvageDocumentsMax)),
		"RateBurst":           fmt.Sprintf("is kept for %d s.", event.RateBurst/time.Second),
		"RateWaitMax":         fmt.Sprintf("at most %d s at a time |", event.RateWaitMax/time.Second),
	}
	page := reference(t)
	for name := range constants(t, "limits.go") {
		row, ok := rows[name]
		if !ok || !strings.Contains(page, row) {
			t.Errorf("%s: the reference does not say %q", name, row)
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("%s is not in limits.go", name)
	}
	// The fewest bytes that a property has are those of "":1, with its comma; the object has two, and the event around it more.
	if least := thousands(event.EventBytesMax / len(`"":1,`)); !strings.Contains(page, least+" at most") {
		t.Errorf("the reference does not say that an event has at most %s properties", least)
	}
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// TestReferenceHasEveryCode: the reference lists the codes that there are, and no other; and each of those that an event can have stands in a golden case.
func TestReferenceHasEveryCode(t *testing.T) {
	page := reference(t)
	_, table, _ := strings.Cut(page, "| code | meaning |")
	table, _, _ = strings.Cut(table, "\n\n")
	var listed []string
	for line := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, match := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(first, -1) {
			listed = append(listed, match[1])
		}
	}
	goldens := golden(t)
	for name, code := range constants(t, "rejection.go") {
		if i := slices.Index(listed, code); i >= 0 {
			listed = slices.Delete(listed, i, i+1)
		} else {
			t.Errorf("%s: the reference does not list `%s`", name, code)
		}
		ofRequests := []event.Code{event.EmptyBatchResult, event.UnknownSource, event.SourceDisabled, event.NoWriteKey} // not of what is in them
		tooLong := []event.Code{event.PayloadTooLarge, event.NameTooLong}                                               // for a file: TestLimits
		if slices.Contains(slices.Concat(ofRequests, tooLong), event.Code(code)) {
			continue
		}
		if !strings.Contains(goldens, " "+code+" ") {
			t.Errorf("%s: no case of testdata/normalize is refused with %s", name, code)
		}
	}
	if len(listed) > 0 {
		t.Errorf("the reference lists %v, which there is not", listed)
	}
}

// golden is all golden cases.
func golden(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	files, err := filepath.Glob("testdata/normalize/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
