package mapping_test

import (
	"os"
	"strings"
	"testing"

	"penstock/internal/jsvalue"
	"penstock/internal/liquid"
	"penstock/internal/mapping"
)

// TestReference executes the examples of the reference: a line that is not indented is a mapping, the lines under it say what becomes of events.
func TestReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	executed, used := 0, ""
	for _, block := range strings.Split(string(page), "```mapping\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		text, of := "", ""
		for line := range strings.Lines(block) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, "  ") {
				text = line
				used += text
				continue
			}
			what, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			if what == "of" {
				of = strings.TrimSpace(rest)
				continue
			}
			example(t, text, of, what+" "+strings.TrimSpace(rest))
			executed++
		}
	}
	if executed < 35 {
		t.Errorf("%d examples were executed", executed)
	}
	for _, name := range []string{"@path", "@template", "@literal", "@if", "@case", "@replace", "@arrayPath", "@flatten", "@json", "@merge", "@transform", "@excludeWhenNull", "@liquid"} {
		if !strings.Contains(used, `"`+name+`"`) {
			t.Errorf("no example has %s", name)
		}
	}
}

func example(t *testing.T, text, of, want string) {
	t.Helper()
	got := "is undefined"
	m, err := mapping.Compile([]byte(text))
	if err != nil {
		got = "refused " + err.Error()
	} else if v, err := m.Resolve([]byte(of)); err != nil {
		got = "fails " + err.Error()
	} else if v.Kind() != jsvalue.Undefined {
		got = "is " + string(v.AppendJSON(nil))
	}
	if !liquid.Built() && strings.Contains(got, liquid.ErrNotBuilt.Message) {
		return // a build without LiquidJS; that of make test has it
	}
	if got != want {
		t.Errorf("%s of %s\n got %s\nwant %s", text, of, got, want)
	}
}
