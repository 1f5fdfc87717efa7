package trigger_test

import (
	"os"
	"strings"
	"testing"

	"penstock/internal/trigger"
)

// TestReference executes the examples of the reference: a line that is not indented is a trigger, the lines under it say what becomes of events.
func TestReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/trigger.md")
	if err != nil {
		t.Fatal(err)
	}
	executed, used := 0, ""
	for _, block := range strings.Split(string(page), "```trigger\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		text := ""
		for line := range strings.Lines(block) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, "  ") {
				text = line
				used += text + "\n"
				continue
			}
			what, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			example(t, text, what, strings.TrimSpace(rest))
			executed++
		}
	}
	if executed < 45 {
		t.Errorf("%d examples were executed", executed)
	}
	for _, word := range []string{" = ", " != ", " < ", " <= ", " > ", " >= ", "= true", "= false", "= null", "!= null", "contains(", "!contains(", "match(", "!match(", " and ", " or ", "type", "event", "userId", "properties.", "traits.", "context."} {
		if !strings.Contains(used, word) {
			t.Errorf("no example has %q", word)
		}
	}
}

func example(t *testing.T, text, what, rest string) {
	t.Helper()
	tr, err := trigger.Parse(text)
	switch {
	case what == "error":
		if err == nil || err.Error() != rest {
			t.Errorf("%s: error %v", text, err)
		}
	case err != nil:
		t.Errorf("%s: error %v", text, err)
	case what != "matches" && what != "not":
		t.Errorf("%s: what is %q?", text, what)
	case tr.Match([]byte(rest)) != (what == "matches"):
		t.Errorf("%s: %s %s is wrong", text, what, rest)
	}
}
