package trigger_test

import (
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"penstock/internal/trigger"
)

// allocated is how many bytes f allocates: what it copies, and so a measure of its work that does not depend on the clock.
func allocated(f func()) uint64 {
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestParsingIsLinear(t *testing.T) {
	const short, times, slack = 400, 16, 2
	for _, piece := range []string{
		`type = "track" and `, `properties.a`, `.a`, `(type = "track") or `, `(type = "track" and `, `()`, `(`, `)`, `contains(event, "a") `, `!`, `"a`, `"a" `, `\a`, `1.5 `, `and `, `a`, `type `, `toString `, "é",
	} {
		small := allocated(func() { _, _ = trigger.Parse(strings.Repeat(piece, short)) })
		large := allocated(func() { _, _ = trigger.Parse(strings.Repeat(piece, short*times)) })
		if large > small*times*slack {
			t.Errorf("%q: %d bytes for %d pieces, %d for %d times as many", piece, small, short, large, times)
		}
	}
}

func depth(n *trigger.Node) int {
	if n == nil || n.Type != trigger.TypeGroup {
		return 0
	}
	deepest := 0
	for _, c := range n.Children {
		deepest = max(deepest, depth(c))
	}
	return deepest + 1
}

func TestTreesHaveTwoLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, err := trigger.Parse(texts().Draw(t, "text"))
		if err == nil && depth(tr.Root()) > 2 {
			t.Fatalf("%s: %d levels", tr, depth(tr.Root()))
		}
	})
	if _, err := trigger.Parse(strings.Repeat("(", 50_000) + `type = "track"` + strings.Repeat(")", 50_000)); err == nil {
		t.Error("parentheses in parentheses are read")
	}
}
